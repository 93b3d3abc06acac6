// An action on the users selected: the dialog that says what it will do, and what becomes of the selection then.
import { shownOnList } from "./filter";
import { htmx } from "./htmx";
import { chosen, clear } from "./selection";

function field(name: string): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>(`#chosen input[name="${name}"]`);
}

/** Write into the form who is selected, at the moment it is sent. */
function fill(): void {
  const who = chosen();
  const values: Record<string, string> = {
    all: who.all ? "yes" : "",
    ids: who.all ? "" : who.ids.join(","),
    but: who.all ? who.but.join(",") : "",
    ...shownOnList(),
  };
  for (const [name, value] of Object.entries(values)) {
    const input = field(name);
    if (input) input.value = value;
  }
}

/** How many match is asked for when somebody is selected first, and again when the list shows others. */
function count(): void {
  const all = document.getElementById("selection-all");
  if (!all || chosen().count === 0) return;
  const asked = new URLSearchParams(shownOnList()).toString();
  if (all.dataset.asked === asked) return;
  all.dataset.asked = asked;
  void htmx.ajax("get", `/users/bulk/count?${asked}`, { target: all, swap: "innerHTML" });
}

export function bulk(): void {
  const dialog = document.getElementById("bulk");
  if (!(dialog instanceof HTMLDialogElement)) return;
  document.addEventListener("selection", count);
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = (event as CustomEvent<{ elt: Element; parameters: Record<string, unknown> }>).detail;
    if (!elt.matches("[data-bulk], #bulk-body")) return;
    fill();
    for (const input of document.querySelectorAll<HTMLInputElement>("#chosen input")) parameters[input.name] = input.value;
  });
  document.addEventListener("submit", (event) => {
    if (event.target instanceof Element && event.target.id === "chosen") fill();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target instanceof Element && event.target.id === "bulk" && !dialog.open) {
      document.getElementById("bulk-menu")?.hidePopover();
      dialog.showModal();
      dialog.querySelector<HTMLElement>("input:not([type=hidden]), select, button[type=submit]")?.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-close-dialog]") || event.target === dialog) dialog.close();
  });
  document.addEventListener("bulk-started", () => {
    dialog.close();
    clear();
    document.getElementById("jobs-now")?.scrollIntoView({ block: "nearest" });
  });
}
