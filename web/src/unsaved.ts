// Forms whose changes are saved together: they say that there are some, and a page with some is not left unasked.

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const FORMS = "form[data-unsaved]";

function differs(element: Element): boolean {
  if (element instanceof HTMLSelectElement) return [...element.options].some((option) => option.selected !== option.defaultSelected);
  if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)
    return element.type !== "hidden" && (element as Control & { defaultValue: string }).value !== element.defaultValue;
  return false;
}

let leaving = false;

export function unsaved(): void {
  document.addEventListener("input", (event) => {
    const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>(FORMS) : null;
    // What came back with an error is not saved, whatever is typed into it.
    if (form && !form.querySelector("[aria-invalid=true]")) form.toggleAttribute("data-dirty", [...form.elements].some(differs));
  });
  document.addEventListener("submit", (event) => {
    if (event.target instanceof Element && event.target.matches(FORMS)) leaving = true;
  });
  // The morph left a form alone that is being filled in: somebody else has saved meanwhile.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt } = (event as CustomEvent<{ elt: Element }>).detail;
    if (elt instanceof HTMLFormElement && elt.matches(`${FORMS}[data-dirty]`)) elt.setAttribute("data-behind", "");
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && document.querySelector(`${FORMS}[data-dirty]`)) event.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
}
