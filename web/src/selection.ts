// Which users are selected, over all pages of the list that are looked at. x or the box selects one, Shift a stretch.

const selected = new Set<string>();
let last: string | undefined;

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("input[data-select-row]")];
}

function boxOf(row: Element): HTMLInputElement | null {
  return row.querySelector<HTMLInputElement>("input[data-select-row]");
}

/** Say on the page what is selected; the server does not know, and sends rows without it. */
function show(): void {
  const all = boxes();
  for (const box of all) box.checked = selected.has(box.value);
  const page = document.querySelector<HTMLInputElement>("input[data-select-page]");
  const here = all.filter((box) => box.checked).length;
  if (page) {
    page.checked = here > 0 && here === all.length;
    page.indeterminate = here > 0 && here < all.length;
  }
  const bar = document.getElementById("selection");
  if (!bar) return;
  bar.hidden = selected.size === 0;
  const text = bar.querySelector<HTMLElement>(".selection__count");
  const count = new Intl.NumberFormat(document.documentElement.dataset.locale ?? undefined).format(selected.size);
  const words = selected.size === 1 ? bar.dataset.one : bar.dataset.many?.replace("%s", count);
  if (text && text.textContent !== words) text.textContent = selected.size ? (words ?? "") : "";
}

function set(ids: string[], on: boolean): void {
  for (const id of ids) {
    if (on) selected.add(id);
    else selected.delete(id);
  }
  show();
}

function stretch(from: string, to: string): string[] {
  const ids = boxes().map((box) => box.value);
  const [one, other] = [ids.indexOf(from), ids.indexOf(to)];
  return one < 0 || other < 0 ? [to] : ids.slice(Math.min(one, other), Math.max(one, other) + 1);
}

/** Select a row, or no longer. */
export function toggle(row: Element): void {
  const box = boxOf(row);
  if (!box) return;
  last = box.value;
  set([box.value], !selected.has(box.value));
}

/** Select from one row to the next. */
export function extend(from: Element, to: Element): void {
  const [one, other] = [boxOf(from), boxOf(to)];
  if (!one || !other) return;
  last = other.value;
  set([one.value, other.value], true);
}

/** Select nobody; returns whether anybody was selected. */
export function clear(): boolean {
  const any = selected.size > 0;
  selected.clear();
  last = undefined;
  show();
  return any;
}

function onClick(event: MouseEvent): void {
  const box = event.target;
  if (box instanceof Element && box.closest("[data-select-none]")) {
    clear();
    document.querySelector<HTMLElement>("a[data-row]")?.focus();
    return;
  }
  if (!(box instanceof HTMLInputElement)) return;
  if (box.matches("[data-select-page]"))
    set(
      boxes().map((each) => each.value),
      box.checked,
    );
  else if (box.matches("[data-select-row]")) {
    set(event.shiftKey && last !== undefined ? stretch(last, box.value) : [box.value], box.checked);
    last = box.value;
  }
}

export function selection(): void {
  if (!document.getElementById("selection")) return;
  document.addEventListener("click", onClick);
  document.addEventListener("htmx:afterSwap", show);
  // A browser may bring checked boxes back with the page.
  window.addEventListener("pageshow", show);
  show();
}
