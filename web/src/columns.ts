// Columns of the list: their edges are moved by mouse, finger or arrow keys, headings are dragged to another place.
import { htmx } from "./htmx";

const RTL = (): boolean => getComputedStyle(document.documentElement).direction === "rtl";

function keep(change: string, value: string): void {
  const form = document.querySelector<HTMLFormElement>("#columns form");
  if (!form) return;
  const given = Object.fromEntries([...new FormData(form)].filter(([, each]) => typeof each === "string")) as Record<string, string>;
  void htmx.ajax("post", "/users/columns", { source: form, target: "#users", swap: "morph", values: { ...given, change, value } });
}

function columnOf(edge: Element): string {
  return edge.closest<HTMLElement>("[data-column]")?.dataset.column ?? "";
}

/** Show a width while it is being chosen; the table is as wide as its columns. */
function widen(edge: HTMLElement, width: number): number {
  const table = edge.closest("table");
  const column = table?.querySelector<HTMLTableColElement>(`col[data-column="${CSS.escape(columnOf(edge))}"]`);
  if (!table || !column) return width;
  const least = Number(edge.getAttribute("aria-valuemin"));
  const most = Number(edge.getAttribute("aria-valuemax"));
  const whole = Math.round(Math.min(most, Math.max(least, width)));
  const before = Number(column.dataset.width);
  table.width = String(Number(table.width) + whole - before);
  column.width = String(whole);
  column.dataset.width = String(whole);
  edge.setAttribute("aria-valuenow", String(whole));
  return whole;
}

function drag(edge: HTMLElement, start: PointerEvent): void {
  const heading = edge.closest<HTMLElement>("th");
  if (!heading) return;
  const before = heading.offsetWidth;
  let width = before;
  const move = (event: PointerEvent): void => {
    width = widen(edge, before + (event.clientX - start.clientX) * (RTL() ? -1 : 1));
  };
  const end = (): void => {
    edge.removeEventListener("pointermove", move);
    delete edge.dataset.moving;
    if (width !== before) keep(`width ${columnOf(edge)}`, String(width));
  };
  edge.dataset.moving = "";
  edge.setPointerCapture(start.pointerId);
  edge.addEventListener("pointermove", move);
  edge.addEventListener("lostpointercapture", end, { once: true });
}

let pressed: number | undefined;

function onKey(event: KeyboardEvent): void {
  const edge = event.target;
  if (!(edge instanceof HTMLElement) || !edge.matches(".table__edge")) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === "Enter") keep(`width ${columnOf(edge)}`, "0");
  else if (step === undefined) return;
  else {
    const width = widen(edge, (edge.closest("th")?.offsetWidth ?? 0) + step * (RTL() ? -1 : 1) * Number(edge.dataset.step));
    window.clearTimeout(pressed);
    pressed = window.setTimeout(keep, 400, `width ${columnOf(edge)}`, String(width));
  }
  event.preventDefault();
}

function heading(event: Event): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>("th[data-column]") : null;
}

function places(): void {
  let moved: string | undefined;
  document.addEventListener("dragstart", (event) => {
    moved = heading(event)?.dataset.column;
  });
  document.addEventListener("dragover", (event) => {
    if (moved !== undefined && heading(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const to = heading(event)?.dataset.column;
    if (moved === undefined || to === undefined) return;
    event.preventDefault();
    const order = [...document.querySelectorAll<HTMLElement>("th[data-column]")].map((each) => each.dataset.column ?? "");
    // Dropped on one further on, it takes the place behind that one.
    const before = order.indexOf(moved) < order.indexOf(to) ? (order[order.indexOf(to) + 1] ?? "") : to;
    if (moved !== to) keep(`before ${moved}`, before);
  });
  document.addEventListener("dragend", () => {
    moved = undefined;
  });
}

export function columns(): void {
  if (!document.getElementById("columns")) return;
  document.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !(event.target instanceof HTMLElement) || !event.target.matches(".table__edge")) return;
    event.preventDefault();
    drag(event.target, event);
  });
  document.addEventListener("dblclick", (event) => {
    if (event.target instanceof HTMLElement && event.target.matches(".table__edge")) keep(`width ${columnOf(event.target)}`, "0");
  });
  document.addEventListener("keydown", onKey);
  places();
}
