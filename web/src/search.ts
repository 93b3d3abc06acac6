// Search everything: Ctrl or ⌘ K opens it, arrows choose, Enter goes there.
import { htmx } from "./htmx";

function dialog(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("#search-everything");
}

function field(): HTMLInputElement | null {
  return dialog()?.querySelector<HTMLInputElement>("input") ?? null;
}

function options(): HTMLElement[] {
  return [...(dialog()?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
}

/** Say, to who cannot see it, how many were found. */
function count(): void {
  const place = document.getElementById("search-count");
  const found = options().length;
  field()?.setAttribute("aria-expanded", String(found > 0));
  if (!place) return;
  place.textContent = (found === 0 ? place.dataset.none : found === 1 ? place.dataset.one : place.dataset.many?.replace("%s", String(found))) ?? "";
}

function choose(option: HTMLElement | undefined): void {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) field()?.setAttribute("aria-activedescendant", option.id);
  else field()?.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function chosen(): HTMLElement | undefined {
  return options().find((option) => option.ariaSelected === "true");
}

function go(option: HTMLElement | undefined): void {
  const address = option?.dataset.goes;
  if (address === undefined) return;
  dialog()?.close();
  location.assign(address);
}

function open(): void {
  const shown = dialog();
  const typed = field();
  if (!shown || !typed || shown.open) return;
  shown.showModal();
  typed.select();
  htmx.trigger(typed, "opened", {});
}

function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
    return;
  }
  if (event.target !== field() || event.isComposing) return;
  const all = options();
  const at = all.findIndex((option) => option === chosen());
  if (event.key === "ArrowDown") choose(all[Math.min(all.length - 1, at + 1)]);
  else if (event.key === "ArrowUp") choose(all[Math.max(0, at - 1)]);
  else if (event.key === "Enter") go(chosen());
  else if (event.key === "PageDown") choose(all[Math.min(all.length - 1, at + 8)]);
  else if (event.key === "PageUp") choose(all[Math.max(0, at - 8)]);
  // The browser would only empty the field.
  else if (event.key === "Escape") dialog()?.close();
  else return;
  event.preventDefault();
}

export function search(): void {
  const shown = dialog();
  if (!shown) return;
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-search-everything]")) open();
    else if (event.target === shown) shown.close();
    else go(event.target.closest<HTMLElement>("#search-found [role=option]") ?? undefined);
  });
  shown.addEventListener("htmx:afterSettle", () => {
    choose(options()[0]);
    count();
  });
  if (navigator.platform.startsWith("Mac")) for (const key of document.querySelectorAll(".top__search kbd")) key.textContent = "⌘ K";
}
