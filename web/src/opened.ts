// What opens fetches what it holds at that moment, pictures can be dropped where they can be chosen, and what is there
// to be copied is selected.
import { htmx } from "./htmx";

function onToggle(event: Event): void {
  const details = event.target;
  if (!(details instanceof HTMLDetailsElement) || !details.open) return;
  const lazy = details.querySelector("[data-lazy]");
  if (lazy !== null) htmx.trigger(lazy, "opened", {});
}

function dropForm(event: DragEvent): HTMLFormElement | null {
  const isFile = event.dataTransfer?.types.includes("Files") ?? false;
  if (!isFile || !(event.target instanceof Element)) return null;
  const around = event.target.closest(".who, [data-drop]");
  return around?.querySelector<HTMLFormElement>("form[data-drop]") ?? around?.closest<HTMLFormElement>("form[data-drop]") ?? null;
}

function onDrop(event: DragEvent): void {
  const form = dropForm(event);
  const files = event.dataTransfer?.files;
  const field = form?.querySelector<HTMLInputElement>("input[type=file]");
  if (!form || !field || !files || files.length === 0) return;
  event.preventDefault();
  field.files = files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

export function opened(): void {
  // The event does not bubble.
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("dragover", (event) => {
    if (dropForm(event)) event.preventDefault();
  });
  document.addEventListener("drop", onDrop);
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof HTMLInputElement && "select" in event.target.dataset) event.target.select();
  });
}
