// What opens fetches what it holds at that moment, pictures can be dropped where they can be chosen, and what is there
// to be copied is selected and copied.
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

function onCopy(event: MouseEvent): void {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
  const field = button ? document.getElementById(button.dataset.copy ?? "") : null;
  if (!button || !(field instanceof HTMLInputElement)) return;
  field.select();
  const say = (): void => {
    const word = button.querySelector("[role=status]");
    if (word) word.textContent = button.dataset.done ?? "";
  };
  // Only a page that came by https may write to the clipboard; what is selected can be copied by hand.
  if ("clipboard" in navigator) navigator.clipboard.writeText(field.value).then(say, () => undefined);
}

/** A file that would be refused for its size is not sent at all. */
function onChosen(event: Event): void {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || field.type !== "file") return;
  const form = field.closest<HTMLFormElement>("form[data-largest]");
  const problem = form?.querySelector<HTMLElement>("[data-too-large]");
  if (!form || !problem) return;
  problem.hidden = ![...(field.files ?? [])].some((file) => file.size > Number(form.dataset.largest));
  if (problem.hidden) return;
  field.value = "";
  event.stopImmediatePropagation();
}

export function opened(): void {
  document.addEventListener("click", onCopy);
  document.addEventListener("change", onChosen, true);
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
