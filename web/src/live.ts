// The stream of what changed. It says who changed; the parts of the page that show them fetch themselves anew.
import { heldBack, htmx } from "./htmx";

/** At most one refresh of a part in this time: lists may hear of hundreds of changes a second. */
const COALESCE_MS = 250;

/** What takes long to fetch is fetched less often: it may take a fifth of the time, and of the server, at most. */
const REST = 4;

/** What a member waits for (`data-first`) is fetched at once, before the rest, and then half of the time at most. */
const REST_OF_FIRST = 1;

/** While the page asks or saves something, a refresh waits: its answer might be older, and come later. */
const BUSY_MS = 100;

/** A request that never ends must not end the refreshing. */
const MOST_BUSY_MS = 10_000;

type State = "connecting" | "on" | "off";

let source: EventSource | undefined;
let hadConnection = false;
let shownSince = 0;
let busySince: number | undefined;
const due = new Map<string, number>();
const refreshed = new Map<string, number>();
let took = 0;

/** What is fetched first: since when it rests, for how long, and whether it must be fetched again then. */
type First = { since: number; rest: number; again: boolean };
const firsts = new WeakMap<Element, First>();

/** What a part was last filled with: the same again is not put in its place, for comparing all of it takes long. */
const filled = new WeakMap<Element, string>();

/** What is fetched first has the server to itself for so long. */
const AFTER_FIRST_MS = 150;

function dot(): HTMLElement | null {
  return document.getElementById("live");
}

function show(state: State): void {
  const element = dot();
  const text = element?.querySelector<HTMLElement>(".live__text");
  if (!element || !text) return;
  element.dataset.state = state;
  text.textContent = (state === "on" ? text.dataset.on : text.dataset.off) ?? "";
}

/** Ask the parts that show `what` ("user", "users", "personality") to fetch themselves, soon and not too often. */
export function refresh(what: string): void {
  document.querySelectorAll(`[data-first][data-shows~="${what}"]`).forEach(fetchFirst);
  if (due.has(what)) return;
  const since = performance.now() - (refreshed.get(what) ?? -Infinity);
  const first = document.querySelector("[data-first]") ? AFTER_FIRST_MS : 0;
  const wait = Math.max(first, Math.max(COALESCE_MS, took * REST) - since);
  due.set(what, window.setTimeout(fetchAnew, wait, what));
}

function fetchFirst(part: Element): void {
  const first = firsts.get(part) ?? { since: -Infinity, rest: 0, again: false };
  firsts.set(part, first);
  const wait = first.since + first.rest - performance.now();
  if (first.again) return;
  if (wait > 0 || part.classList.contains("htmx-request")) {
    first.again = true;
    if (wait > 0) window.setTimeout(fetchAgain, wait, part);
    return;
  }
  htmx.trigger(part, "refresh", {});
}

function fetchAgain(part: Element): void {
  const first = firsts.get(part);
  if (!first?.again || part.classList.contains("htmx-request")) return;
  first.again = false;
  fetchFirst(part);
}

function fetchAnew(what: string): void {
  busySince = document.querySelector(".htmx-request:not([data-first])") ? (busySince ?? performance.now()) : undefined;
  if (busySince !== undefined && performance.now() - busySince < MOST_BUSY_MS) {
    due.set(what, window.setTimeout(fetchAnew, BUSY_MS, what));
    return;
  }
  due.delete(what);
  refreshed.set(what, performance.now());
  for (const part of document.querySelectorAll(`[data-shows~="${what}"]:not([data-first])`)) {
    // What is folded away asks when it is opened; a list that says why something was refused stands until it was read.
    const isRead = part.matches("[data-lazy]") && part.querySelector("[role=alert]") !== null;
    if (!isRead && !part.parentElement?.closest("details:not([open])")) htmx.trigger(part, "refresh", {});
  }
}

function refreshAll(): void {
  for (const what of new Set([...document.querySelectorAll<HTMLElement>("[data-shows]")].flatMap((part) => (part.dataset.shows ?? "").split(" ")))) {
    refresh(what);
  }
}

function connect(): void {
  const address = dot()?.dataset.live;
  if (!address || source) return;
  // What changed since the page was asked for is told again, so that nothing falls between the page and the stream.
  source = new EventSource(`${address}&age=${((performance.now() - shownSince) / 1000).toFixed(1)}`);
  source.addEventListener("open", () => {
    show("on");
    // The browser connected again by itself, with the address of the first time.
    if (hadConnection) refreshAll();
    hadConnection = true;
  });
  source.addEventListener("error", () => {
    show("off");
    if (source?.readyState === EventSource.CLOSED) {
      disconnect();
      window.setTimeout(connect, 5000);
    }
  });
  source.addEventListener("changed", (event) => {
    for (const what of (event as MessageEvent<string>).data.split(" ")) {
      if (what === "writes") document.dispatchEvent(new CustomEvent("user-writes"));
      else refresh(what);
    }
  });
  source.addEventListener("all", refreshAll);
}

function disconnect(): void {
  source?.close();
  source = undefined;
  hadConnection = false;
  shownSince = performance.now();
}

type Asked = { elt: Element; target: Element; xhr: XMLHttpRequest; shouldSwap: boolean };

/** Remember how long the last refresh of a part took. */
function measure(): void {
  const started = new WeakMap<XMLHttpRequest, number>();
  const of = (event: Event): Asked => (event as CustomEvent<Asked>).detail;
  document.addEventListener("htmx:beforeSend", (event) => {
    const { elt, xhr } = of(event);
    if (elt.matches("[data-shows]")) started.set(xhr, performance.now());
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = of(event);
    const start = started.get(xhr);
    if (start === undefined) return;
    const now = performance.now();
    const first = firsts.get(elt);
    if (!first) {
      took = now - start;
      return;
    }
    first.since = now;
    first.rest = (now - start) * REST_OF_FIRST;
    if (first.again) window.setTimeout(fetchAgain, first.rest, elt);
  });
}

/** Something is put in the place of `target`: of the part it stands in, the last answer is no longer what is shown. */
function forget(target: Element): void {
  for (let part = target.closest("[data-shows]"); part; part = part.parentElement?.closest("[data-shows]") ?? null) filled.delete(part);
}

/** Leave a part alone that would be filled with what it was filled with last, unless it was changed in between. */
function spare(): void {
  const of = (event: Event): Asked => (event as CustomEvent<Asked>).detail;
  // Before who prepares for the swap.
  document.addEventListener(
    "htmx:beforeSwap",
    (event) => {
      const { elt, target, xhr } = of(event);
      if (target === elt && filled.get(elt) === xhr.responseText) of(event).shouldSwap = false;
      else forget(target);
    },
    true,
  );
  document.addEventListener("htmx:oobBeforeSwap", (event) => forget((event as CustomEvent<{ target: Element }>).detail.target));
  document.addEventListener("htmx:afterSwap", (event) => {
    const { elt, target, xhr } = of(event);
    if (target === elt && elt.matches("[data-shows]") && !heldBack.has(elt)) filled.set(elt, xhr.responseText);
  });
}

/** Connect while the page is in sight: a browser allows only six connections to a server over all its tabs. */
export function live(): void {
  if (!dot()) return;
  measure();
  spare();
  connect();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) disconnect();
    else connect();
  });
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
}
