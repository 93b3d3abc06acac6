// Which users are selected, over all pages of the list that are looked at. x or the box selects one, Shift a stretch.

const selected = new Set<string>();
/** Everybody who matches is selected, but for those in `left`. */
let everybody = false;
const left = new Set<string>();
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
  for (const box of all) box.checked = isSelected(box.value);
  const page = document.querySelector<HTMLInputElement>("input[data-select-page]");
  const here = all.filter((box) => box.checked).length;
  if (page) {
    page.checked = here > 0 && here === all.length;
    page.indeterminate = here > 0 && here < all.length;
  }
  const bar = document.getElementById("selection");
  if (!bar) return;
  bar.hidden = chosen().count === 0;
  const text = bar.querySelector<HTMLElement>(".selection__count");
  const words = bar.hidden ? "" : said(bar);
  if (text && text.textContent !== words) text.textContent = words;
  bar.querySelector("[data-select-all]")?.toggleAttribute("hidden", everybody);
  document.dispatchEvent(new CustomEvent("selection"));
}

function isSelected(id: string): boolean {
  return everybody ? !left.has(id) : selected.has(id);
}

function said(bar: HTMLElement): string {
  const number = new Intl.NumberFormat(document.documentElement.dataset.locale ?? undefined);
  if (!everybody) return (selected.size === 1 ? bar.dataset.one : bar.dataset.many?.replace("%s", number.format(selected.size))) ?? "";
  if (left.size > 0) return bar.dataset.allBut?.replace("%s", number.format(left.size)) ?? "";
  const total = bar.querySelector<HTMLElement>(".selection__all")?.dataset.total;
  return (total === undefined ? bar.dataset.all : bar.dataset.allMany?.replace("%s", number.format(Number(total)))) ?? "";
}

/** Who is selected: these, or all who match but for some; `count` of those named. */
export function chosen(): { all: boolean; ids: string[]; but: string[]; count: number } {
  return { all: everybody, ids: [...selected], but: [...left], count: everybody ? 1 : selected.size };
}

function set(ids: string[], on: boolean): void {
  for (const id of ids) {
    const named = everybody ? left : selected;
    if (on !== everybody) named.add(id);
    else named.delete(id);
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
  set([box.value], !isSelected(box.value));
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
  const any = chosen().count > 0;
  selected.clear();
  left.clear();
  everybody = false;
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
  if (box instanceof Element && box.closest("[data-select-all]")) {
    selected.clear();
    everybody = true;
    show();
    document.querySelector<HTMLElement>("[popovertarget=bulk-menu]")?.focus();
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
