// The filter of the list: / goes to it, Enter applies it, a place that is wrong can be gone to, a button's new row has the
// focus, and the count follows what the list shows.
import { htmx } from "./htmx";

let asked: string | undefined;

/** What the list is of, as the server sent it. */
function asks(): string {
  const { filter = "", q = "" } = document.getElementById("users")?.dataset ?? {};
  return `${filter}\n${q}`;
}

function field(): HTMLTextAreaElement | null {
  return document.querySelector<HTMLTextAreaElement>("textarea[data-filter]");
}

/** Go to the filter; says whether there is one. */
export function toFilter(): boolean {
  const text = field();
  text?.focus();
  text?.select();
  return text !== null;
}

function onKey(event: KeyboardEvent): void {
  if (event.target !== field() || event.isComposing || event.key !== "Enter" || event.shiftKey) return;
  event.preventDefault();
  field()?.form?.requestSubmit();
}

/** A link whose answer htmx puts into a panel opens the panel; without scripts it is a page of its own. */
function onPanel(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-opens-panel]") : null;
  if (link) document.getElementById(link.dataset.opensPanel ?? "")?.showPopover();
}

/** What the list is filtered by and searched for. */
export function shownOnList(): { q: string; filter: string } {
  const { q = "", filter = "" } = document.getElementById("users")?.dataset ?? {};
  return { q, filter };
}

/** A page that can be about the list's users is told which they are. */
function onWith(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-with-filter]") : null;
  if (!link) return;
  const asked = Object.entries(shownOnList()).filter(([, value]) => value);
  link.search = new URLSearchParams(asked).toString();
}

function onClick(event: MouseEvent): void {
  const quote = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-place]") : null;
  const [start = 0, length = 0] = (quote?.dataset.place ?? "").split(" ").map(Number);
  const text = field();
  if (!quote || !text) return;
  text.focus();
  // Positions are those of characters, of which some are two in a script's text.
  const at = [...text.value].slice(0, start).join("").length;
  text.setSelectionRange(at, at + [...text.value].slice(start, start + length).join("").length);
}

/** A picked day is written into the field beside it, before the form hears of the change. */
function onPicked(event: Event): void {
  const day = event.target;
  if (!(day instanceof HTMLInputElement) || day.dataset.day === undefined) return;
  const into = document.getElementById(day.dataset.day);
  if (into instanceof HTMLInputElement) into.value = day.value;
}

/** What was typed and not sent yet counts too when a button is pressed; then the focus goes where the answer says. */
function onSettled(event: Event): void {
  const { target } = (event as CustomEvent<{ target?: Element }>).detail;
  if (!(target instanceof Element)) return;
  // What was swapped is another element by now.
  if (target.id === "save-body") document.querySelector<HTMLElement>("#save-body input:not([type=hidden])")?.focus();
  const place = document.querySelector<HTMLElement>("#filter[data-focus]");
  if (place) {
    document.getElementById(place.dataset.focus ?? "")?.focus();
    place.removeAttribute("data-focus");
  }
  const now = asks();
  if (now === asked) return;
  asked = now;
  htmx.trigger("#users-count", "refresh", {});
}

export function filter(): void {
  if (!field()) return;
  asked = asks();
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("click", onPanel);
  document.addEventListener("click", onWith);
  document.addEventListener("change", onPicked, true);
  document.addEventListener("htmx:afterSettle", onSettled);
}
