// A new attribute: a name that is in use brings its type along, and a date-time is chosen, not spelled.

function part<Kind extends Element>(selector: string): Kind | null {
  return document.querySelector<Kind>(`#new-attribute ${selector}`);
}

function fitValue(): void {
  const value = part<HTMLInputElement>("[name=value]");
  const type = part<HTMLSelectElement>("[name=type]");
  if (value && type) value.type = type.value === "datetime" ? "datetime-local" : "text";
}

function takeType(name: string): void {
  const known = [...document.querySelectorAll<HTMLOptionElement>("#attributes-in-use option")];
  const found = known.find((option) => option.value.toLowerCase() === name.trim().toLowerCase());
  const type = part<HTMLSelectElement>("[name=type]");
  if (!found || !type) return;
  type.value = found.dataset.type === "text" ? "" : (found.dataset.type ?? "");
  fitValue();
}

export function attributes(): void {
  document.addEventListener("input", (event) => {
    if (!(event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement)) return;
    if (event.target.form?.id !== "new-attribute") return;
    if (event.target.name === "name") takeType(event.target.value);
    if (event.target.name === "type") fitValue();
  });
}
