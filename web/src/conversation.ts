// The conversation's scrolling: it opens at its end, stays there while the reader is there, and otherwise stands still.

const NEAR = 48;

function view(): HTMLElement | null {
  return document.getElementById("conversation");
}

function jump(): HTMLElement | null {
  return document.getElementById("jump");
}

function fromEnd(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight;
}

export function toEnd(): void {
  const element = view();
  if (element) element.scrollTop = element.scrollHeight;
  jump()?.setAttribute("hidden", "");
}

function newest(): string {
  return view()?.querySelector("[data-newest]")?.getAttribute("data-newest") ?? "";
}

/** Do something to the conversation and keep the reader where they were. */
let before: { end: number; newest: string } | undefined;

function remember(): void {
  const element = view();
  if (element && !before) before = { end: fromEnd(element), newest: newest() };
}

function settle(event: Event): void {
  const element = view();
  if (!element || !before) return;
  const { end, newest: last } = before;
  before = undefined;
  const isOlder = (event as CustomEvent<{ elt?: Element }>).detail.elt?.closest("#older, [data-older]") != null;
  if (end < NEAR) toEnd();
  else if (isOlder) element.scrollTop = element.scrollHeight - element.clientHeight - end;
  else if (newest() !== last) jump()?.removeAttribute("hidden");
}

function touchesConversation(event: Event): boolean {
  const target = (event as CustomEvent<{ target?: Element }>).detail.target;
  return target instanceof Element && target.closest("#conversation") != null;
}

export function conversation(): void {
  const element = view();
  if (!element) return;
  toEnd();
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (touchesConversation(event)) remember();
  });
  document.addEventListener("htmx:afterSwap", settle);
  element.addEventListener(
    "load",
    () => {
      if (fromEnd(element) < 400 && jump()?.hidden) toEnd();
    },
    true,
  );
  element.addEventListener("scroll", () => {
    if (fromEnd(element) < NEAR) jump()?.setAttribute("hidden", "");
  });
  jump()?.addEventListener("click", toEnd);
}
