// The list of users by keyboard and mouse: j k or arrows walk, Enter or a click on the row opens, / filters, s searches, ? tells.
import { toFilter } from "./filter";
import { htmx } from "./htmx";
import { clear, extend, toggle } from "./selection";

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type === "checkbox") return false;
  return target.isContentEditable || target.matches("input, textarea, select");
}

function links(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("a[data-row]")];
}

/** The row the keyboard is at: its link or its box has the focus. */
function here(): HTMLElement | null {
  return document.activeElement?.closest<HTMLElement>(".table__row") ?? null;
}

function walk(step: number): HTMLElement | null {
  const all = links();
  const row = here();
  const at = all.findIndex((link) => row !== null && link.closest(".table__row") === row);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
  const link = all[next];
  if (!link) return null;
  link.focus({ preventScroll: true });
  link.closest(".table__row")?.scrollIntoView({ block: "nearest" });
  return link.closest<HTMLElement>(".table__row");
}

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, J: 1, K: -1 };

function onWalk(event: KeyboardEvent): boolean {
  const step = STEPS[event.key];
  // Arrows walk only from the list, or from the search above it: elsewhere they scroll.
  const isArrow = event.key.startsWith("Arrow");
  if (step === undefined || (isArrow && here() === null)) return false;
  const from = here();
  const to = walk(step);
  if (event.shiftKey && from && to) extend(from, to);
  return to !== null;
}

const isFilter = (target: EventTarget | null): boolean => target instanceof Element && target.matches("[data-filter]");

function leave(target: EventTarget | null): void {
  if (target instanceof HTMLElement) target.blur();
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const search = document.querySelector<HTMLInputElement>("input[data-search]");
  if (isTyping(event.target)) {
    if (event.target === search && event.key === "ArrowDown" && walk(1)) event.preventDefault();
    // What is in the search goes by the first Escape, of which the browser takes care.
    else if (event.key === "Escape" && (isFilter(event.target) || (event.target === search && search?.value === ""))) leave(event.target);
    return;
  }
  if (links().length === 0 && !["/", "s", "?"].includes(event.key)) return;
  if (event.key === "/") {
    if (!toFilter()) return;
  } else if (event.key === "s" && search) {
    search.focus();
    search.select();
  } else if (event.key === "?") {
    const keys = document.getElementById("keys");
    if (!keys) return;
    keys.togglePopover();
  } else if (event.key === "x") {
    const row = here();
    if (!row) return;
    toggle(row);
  } else if (event.key === "w") {
    const why = here()?.querySelector<HTMLElement>("[data-why]");
    if (!why) return;
    why.click();
  } else if (event.key === "Escape") {
    if (document.querySelector(":popover-open") || !clear()) return;
  } else if (event.key === "Enter") {
    // A box has no use for Enter: it opens the row as its link does.
    if (!(event.target instanceof HTMLInputElement) || !here()) return;
    here()?.querySelector<HTMLAnchorElement>("a[data-row]")?.click();
  } else if (!onWalk(event)) return;
  event.preventDefault();
}

/** A click anywhere on a row is one on its link, unless something of its own was meant or text was marked. */
function onClick(event: MouseEvent): void {
  if (!(event.target instanceof Element) || event.defaultPrevented || event.button !== 0) return;
  const row = event.target.closest<HTMLElement>(".table__row");
  if (!row || event.target.closest("a, button, input, label, summary") || window.getSelection()?.isCollapsed === false) return;
  const address = row.querySelector<HTMLAnchorElement>("a[data-row]")?.href;
  if (address === undefined) return;
  if (event.ctrlKey || event.metaKey) window.open(address, "_blank", "noopener");
  else window.location.assign(address);
}

/** Whether what is shown may be old is said above it, until it could be fetched. */
function problems(): void {
  const say = (event: Event, hidden: boolean): void => {
    const { target } = (event as CustomEvent<{ target?: Element }>).detail;
    if (target instanceof Element && target.id === "users") document.getElementById("users-problem")?.toggleAttribute("hidden", hidden);
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, (event) => say(event, false));
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (!event.target.closest("[data-retry]")) return;
    const search = document.querySelector<HTMLInputElement>("input[data-search]");
    const asked = new URLSearchParams(window.location.search).get("q") ?? "";
    if (search && search.value.trim() !== asked) search.form?.requestSubmit();
    else htmx.trigger("#users", "refresh", {});
  });
}

export function list(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  problems();
}
