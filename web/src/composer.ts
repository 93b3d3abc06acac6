// Writing to a person: drafts outlive errors and reloads, Enter sends.

function box(): HTMLTextAreaElement | null {
  return document.querySelector<HTMLTextAreaElement>("#composer textarea");
}

function key(area: HTMLTextAreaElement): string {
  return `draft:${area.dataset.user ?? ""}`;
}

function keep(area: HTMLTextAreaElement): void {
  if (area.value) sessionStorage.setItem(key(area), area.value);
  else sessionStorage.removeItem(key(area));
}

function bringBack(): void {
  const area = box();
  if (!area || area.value) return;
  const draft = sessionStorage.getItem(key(area));
  if (draft) area.value = draft;
}

/** `sent` is called when a message has been taken. */
export function composer(sent: () => void): void {
  bringBack();
  document.addEventListener("input", (event) => {
    if (event.target === box() && event.target instanceof HTMLTextAreaElement) keep(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const area = box();
    if (!area || event.target !== area || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const button = area.form?.querySelector<HTMLButtonElement>("button[data-main]");
    if (area.value.trim() && button && !button.disabled) area.form?.requestSubmit(button);
  });
  document.addEventListener("message-taken", () => {
    const area = box();
    if (area) sessionStorage.removeItem(key(area));
    sent();
  });
  document.addEventListener("htmx:afterSettle", bringBack);
}
