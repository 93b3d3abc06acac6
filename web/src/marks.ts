// The mark of who set a field opens its history: by pointing at it for a moment, by a press, by Enter.

const OPENS_MS = 250;
const CLOSES_MS = 350;

let waiting: number | undefined;

function markOf(target: EventTarget | null): HTMLDetailsElement | null {
  return target instanceof Element ? target.closest<HTMLDetailsElement>("details[data-hover]") : null;
}

function close(mark: HTMLDetailsElement): void {
  mark.open = false;
  delete mark.dataset.pointed;
}

function closeOthers(kept: Element | null): void {
  for (const mark of document.querySelectorAll<HTMLDetailsElement>("details[data-hover][open]")) if (mark !== kept) close(mark);
}

function onPointer(event: PointerEvent): void {
  if (event.pointerType !== "mouse") return;
  const mark = markOf(event.target);
  window.clearTimeout(waiting);
  if (mark && !mark.open) {
    waiting = window.setTimeout(() => {
      closeOthers(mark);
      mark.dataset.pointed = "";
      mark.open = true;
    }, OPENS_MS);
    return;
  }
  const pointed = document.querySelector<HTMLDetailsElement>("details[data-pointed][open]");
  if (pointed && pointed !== mark && !pointed.contains(document.activeElement)) waiting = window.setTimeout(close, CLOSES_MS, pointed);
}

function onClick(event: MouseEvent): void {
  const mark = markOf(event.target);
  closeOthers(mark);
  window.clearTimeout(waiting);
  const pressed = event.target instanceof Element && event.target.closest("summary")?.parentElement === mark;
  // Who points and then presses wants it to stay, not to go.
  if (mark?.open && "pointed" in mark.dataset && pressed) {
    event.preventDefault();
    delete mark.dataset.pointed;
  }
}

function onKey(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  const mark = markOf(event.target) ?? document.querySelector<HTMLDetailsElement>("details[data-hover][open]");
  if (!mark?.open) return;
  const inside = mark.contains(document.activeElement);
  close(mark);
  if (inside) mark.querySelector("summary")?.focus();
  event.preventDefault();
}

/** What was done in a mark's history is done: the history is asked anew when it is opened again. */
function onDone(event: Event): void {
  const { requestConfig, xhr } = (event as CustomEvent<{ requestConfig: { elt: Element }; xhr: XMLHttpRequest }>).detail;
  const mark = markOf(requestConfig.elt);
  if (!mark || xhr.status >= 400 || !(requestConfig.elt instanceof HTMLFormElement)) return;
  close(mark);
  mark.querySelector("summary")?.focus({ preventScroll: true });
}

/** A menu is closed by Escape, and by a press outside. */
function openMenus(): HTMLDetailsElement[] {
  return [...document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")];
}

function menus(): void {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (event.target instanceof Node && event.target.isConnected && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    }
  });
}

export function marks(): void {
  menus();
  document.addEventListener("pointerover", onPointer);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusout", (event) => {
    const mark = markOf(event.target);
    if (mark && event.relatedTarget instanceof Element && !mark.contains(event.relatedTarget)) close(mark);
  });
  document.addEventListener("htmx:beforeSwap", onDone);
}
