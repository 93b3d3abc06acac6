// Fields that suggest values while somebody types: columns from the page, values from the server. Arrows choose, Enter or
// a click takes, Escape closes. Without scripts the field is a plain one, with the browser's own list where there is one.

const WAIT_MS = 150;

interface Choice {
  value: string;
  about: string;
}

let list: HTMLUListElement | undefined;
let field: HTMLInputElement | undefined;
let waiting: number | undefined;
let asking: AbortController | undefined;

function shown(): HTMLUListElement {
  if (list?.isConnected) return list;
  list = document.createElement("ul");
  list.id = "choices";
  list.className = "choices";
  list.role = "listbox";
  list.popover = "manual";
  (document.getElementById("main") ?? document.body).append(list);
  return list;
}

function options(): HTMLElement[] {
  return list ? [...list.querySelectorAll<HTMLElement>("[role=option]")] : [];
}

function choose(option: HTMLElement | undefined): void {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) field?.setAttribute("aria-activedescendant", option.id);
  else field?.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function chosen(): HTMLElement | undefined {
  return options().find((option) => option.ariaSelected === "true");
}

function close(): void {
  window.clearTimeout(waiting);
  asking?.abort();
  if (list?.matches(":popover-open")) list.hidePopover();
  field?.setAttribute("aria-expanded", "false");
  field?.removeAttribute("aria-activedescendant");
}

function place(): void {
  if (!field || !list) return;
  const { left, right, top, bottom } = field.getBoundingClientRect();
  const below = window.innerHeight - bottom;
  list.style.minWidth = `${right - left}px`;
  list.style.left = `${Math.max(8, Math.min(left, window.innerWidth - list.offsetWidth - 8))}px`;
  list.style.top = below > list.offsetHeight + 8 || below > top ? `${bottom + 2}px` : `${top - list.offsetHeight - 2}px`;
}

function show(choices: Choice[]): void {
  if (!field || document.activeElement !== field) return;
  const into = shown();
  into.replaceChildren(
    ...choices.map(({ value, about }, at) => {
      const option = document.createElement("li");
      option.role = "option";
      option.id = `choice-${at}`;
      option.dataset.value = value;
      option.ariaSelected = "false";
      const name = document.createElement("bdi");
      name.textContent = value;
      option.append(name);
      if (about) {
        const beside = document.createElement("span");
        beside.className = "choices__about";
        beside.textContent = about;
        option.append(beside);
      }
      return option;
    }),
  );
  const any = choices.length > 0;
  field.setAttribute("aria-expanded", String(any));
  if (!any) {
    if (into.matches(":popover-open")) into.hidePopover();
    return;
  }
  if (!into.matches(":popover-open")) into.showPopover();
  place();
}

/** Choices of the page that hold what was typed; those that begin with it come first. */
function among(selector: string, typed: string): Choice[] {
  const said = typed.trim().toLowerCase();
  const all = [...document.querySelectorAll<HTMLOptionElement>(`${selector} option`)].map((option) => option.value);
  const found = all.filter((value) => value.toLowerCase().includes(said));
  const first = (value: string): number => (value.toLowerCase().startsWith(said) ? 0 : 1);
  return found.sort((one, other) => first(one) - first(other)).map((value) => ({ value, about: "" }));
}

async function fetched(address: string, typed: string): Promise<Choice[]> {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch(`${address}&q=${encodeURIComponent(typed.slice(0, 200))}`, { signal: asking.signal });
  if (!answer.ok) return [];
  const read = new DOMParser().parseFromString(`<select>${await answer.text()}</select>`, "text/html");
  return [...read.querySelectorAll("option")].map((option) => ({ value: option.value, about: option.text }));
}

function suggest(typed: string): void {
  const from = field?.dataset.choices;
  if (!field || from === undefined) return;
  window.clearTimeout(waiting);
  if (from.startsWith("#")) {
    show(among(from, typed));
    return;
  }
  const asks = field;
  waiting = window.setTimeout(() => {
    fetched(from, typed).then(
      (choices) => field === asks && show(choices),
      () => undefined,
    );
  }, WAIT_MS);
}

function take(option: HTMLElement): void {
  const into = field;
  if (!into) return;
  into.value = option.dataset.value ?? "";
  close();
  into.dispatchEvent(new Event("change", { bubbles: true }));
}

function begin(input: HTMLInputElement): void {
  field = input;
  // The browser would show a list of its own.
  input.removeAttribute("list");
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
  ] as const)
    input.setAttribute(name, value);
  shown().ariaLabel = input.labels?.[0]?.textContent ?? input.placeholder;
  input.setAttribute("aria-controls", "choices");
}

function onKey(event: KeyboardEvent): void {
  if (event.target !== field || !field || event.isComposing) return;
  const open = list?.matches(":popover-open") === true;
  const all = options();
  const at = all.findIndex((option) => option === chosen());
  if (event.key === "ArrowDown" && !open) suggest("");
  else if (event.key === "ArrowDown") choose(all[Math.min(all.length - 1, at + 1)]);
  else if (event.key === "ArrowUp" && open) choose(all[Math.max(0, at - 1)]);
  else if (event.key === "Escape" && open) close();
  else if (event.key === "Enter" && open && chosen()) take(chosen() as HTMLElement);
  else {
    if (event.key === "Tab" || event.key === "Enter") close();
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

function of(event: Event): HTMLInputElement | null {
  return event.target instanceof HTMLInputElement && event.target.dataset.choices !== undefined ? event.target : null;
}

export function choices(): void {
  document.addEventListener("focusin", (event) => {
    const input = of(event);
    if (!input) return;
    begin(input);
    input.select();
  });
  document.addEventListener("click", (event) => {
    const input = of(event);
    if (input && input === field) suggest("");
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>("#choices [role=option]") : null;
    if (option) take(option);
  });
  // The field keeps the focus while an option is clicked.
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Element && event.target.closest("#choices")) event.preventDefault();
  });
  document.addEventListener("mousedown", (event) => {
    if (event.target instanceof Element && event.target.closest("#choices")) event.preventDefault();
  });
  document.addEventListener("input", (event) => {
    const input = of(event);
    if (input && input === field) suggest(input.value);
  });
  document.addEventListener("focusout", (event) => {
    if (event.target === field) close();
  });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("scroll", close, { capture: true, passive: true });
}
