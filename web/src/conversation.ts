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

const MOST_PAGES = 30;

/** Show a message of the conversation, asking for what is older until it is there. */
async function reveal(id: string): Promise<void> {
  document.querySelector<HTMLElement>("a[data-opens=talk]")?.click();
  for (let pages = 0; !document.getElementById(id) && pages < MOST_PAGES; pages += 1) {
    const button = view()?.querySelector<HTMLElement>("[data-older]");
    if (!button) break;
    await new Promise<void>((done) => {
      document.addEventListener("htmx:afterSettle", () => done(), { once: true });
      button.click();
    });
  }
  const found = document.getElementById(id);
  found?.scrollIntoView({ block: "center" });
  found?.focus({ preventScroll: true });
}

export function conversation(): void {
  const element = view();
  if (!element) return;
  toEnd();
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (touchesConversation(event) && (event as CustomEvent<{ shouldSwap: boolean }>).detail.shouldSwap) remember();
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
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>("a[data-reveals]") : null;
    if (!link?.dataset.reveals) return;
    event.preventDefault();
    void reveal(link.dataset.reveals);
  });
}
