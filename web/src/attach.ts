// Files for a reply: chosen, dropped or pasted, they are stored at once and wait beside the text until it is sent. And the
// template that is being filled in shows how it will read.

function field(): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>("#attach-files");
}

function onClick(event: MouseEvent): void {
  const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-attach], [data-unattach], [data-closes-templates]") : null;
  if (!pressed) return;
  if ("attach" in pressed.dataset) {
    field()?.click();
    return;
  }
  if ("unattach" in pressed.dataset) pressed.closest("li")?.remove();
  else document.getElementById("templates")?.replaceChildren();
  document.getElementById("composer-text")?.focus();
}

function onPaste(event: ClipboardEvent): void {
  const files = event.clipboardData?.files;
  const input = field();
  const isComposer = event.target instanceof Element && event.target.closest("#composer") !== null;
  // A text copied with its picture (from a spreadsheet, say) is meant as a text.
  const isText = event.clipboardData?.types.includes("text/plain") ?? false;
  if (!isComposer || !input || !files || files.length === 0 || isText) return;
  event.preventDefault();
  input.files = files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Only the next empty row of the buttons is offered, and none that the chosen channel has no place for; what is typed stays. */
function showRows(): void {
  const box = document.getElementById("composer-buttons");
  const most = Number(document.getElementById("composer-send")?.dataset.buttonRows ?? 0);
  let offered = false;
  let filled = 0;
  for (const [at, row] of [...document.querySelectorAll<HTMLElement>("[data-button-row]")].entries()) {
    const isEmpty = [...row.querySelectorAll("input")].every((input) => !input.value);
    row.hidden = isEmpty && (offered || at >= most);
    if (isEmpty) offered = true;
    else filled += 1;
  }
  box?.toggleAttribute("hidden", most === 0 && filled === 0);
}

function fillIn(): void {
  const form = document.querySelector<HTMLFormElement>("#template-form");
  if (!form) return;
  for (const part of form.querySelectorAll<HTMLElement>("[data-reads]")) {
    part.textContent = (part.dataset.reads ?? "").replace(/\{\{(\d+)\}\}/g, (whole, number: string) => {
      const value = form.querySelector<HTMLInputElement>(`[name="p${number}"]`)?.value.trim();
      return value || whole;
    });
  }
}

export function attach(): void {
  showRows();
  document.addEventListener("click", onClick);
  document.addEventListener("paste", onPaste);
  document.addEventListener("input", () => {
    showRows();
    fillIn();
  });
  document.addEventListener("htmx:afterSettle", () => {
    showRows();
    fillIn();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt } = (event as CustomEvent<{ elt: Element }>).detail;
    // The same file may be chosen again.
    if (elt instanceof HTMLFormElement && elt.id === "attach") elt.reset();
  });
}
