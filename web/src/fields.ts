// Fields edited in place: saved on leaving them or Enter, Escape brings back what was.

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const isControl = (element: unknown): element is Control =>
  element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement;

function controls(form: HTMLFormElement): Control[] {
  return [...form.elements].filter(isControl).filter((control) => control.type !== "hidden");
}

function differs(control: Control): boolean {
  if (control instanceof HTMLSelectElement) return ![...control.selectedOptions].every((option) => option.defaultSelected);
  return control.value !== control.defaultValue;
}

/** The form around an element, when what is in it must survive a refresh of the page's part. */
function keptForm(target: EventTarget | null): HTMLFormElement | null {
  return target instanceof Element ? target.closest<HTMLFormElement>("form[data-keep]") : null;
}

function savesItself(form: HTMLFormElement): boolean {
  return form.hasAttribute("data-save");
}

function restore(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("[data-restore]");
  if (button) {
    button.click();
    return;
  }
  form.reset();
  form.removeAttribute("data-dirty");
}

function onInput(event: Event): void {
  const form = keptForm(event.target);
  if (form) form.toggleAttribute("data-dirty", controls(form).some(differs));
}

function onChange(event: Event): void {
  const form = keptForm(event.target);
  if (form && savesItself(form)) form.requestSubmit();
}

function onSubmit(event: SubmitEvent): void {
  const form = keptForm(event.target);
  if (!form || !savesItself(form)) return;
  // Enter makes both a change and a submit; and nothing is sent for what is as it was.
  const again = "sending" in form.dataset;
  const pressed = event.submitter instanceof HTMLButtonElement && event.submitter.name !== "";
  if (!again && (pressed || controls(form).some(differs))) {
    form.dataset.sending = "";
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onKey(event: KeyboardEvent): void {
  const form = keptForm(event.target);
  if (event.key !== "Escape" || !form) return;
  event.stopPropagation();
  restore(form);
}

/** `looked` is called when a field that may have missed a refresh while in use is left. */
export function fields(looked: () => void): void {
  document.addEventListener("input", onInput);
  document.addEventListener("change", onChange);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusout", (event) => {
    const form = keptForm(event.target);
    if (form && !form.hasAttribute("data-dirty")) looked();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt } = (event as CustomEvent<{ elt: Element }>).detail;
    if (elt instanceof HTMLFormElement) delete elt.dataset.sending;
  });
}
