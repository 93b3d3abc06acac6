// What is typed and not yet sent outlives errors, reloads and a closed window, on this browser, until the member signs out.

type Area = HTMLTextAreaElement;

const PREFIX = "draft:";

function key(area: Area): string {
  return `${PREFIX}${area.dataset.draft ?? ""}`;
}

function areas(): Area[] {
  return [...document.querySelectorAll<Area>("textarea[data-draft]")];
}

function keep(area: Area): void {
  if (area.value.trim()) localStorage.setItem(key(area), area.value);
  else localStorage.removeItem(key(area));
}

function bringBack(): void {
  for (const area of areas()) {
    // Once: what is typed in another window must not appear in this one.
    if ("broughtBack" in area.dataset) continue;
    area.dataset.broughtBack = "";
    const draft = area.value ? null : localStorage.getItem(key(area));
    if (!draft) continue;
    area.value = draft;
    // A form that a refresh of the page must leave alone.
    area.closest("form[data-keep]")?.setAttribute("data-dirty", "");
  }
}

/** What was written has been taken: its draft is none any more. */
export function forget(area: Area | null): void {
  if (area) localStorage.removeItem(key(area));
}

function forgetAll(): void {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
}

export function drafts(): void {
  bringBack();
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLTextAreaElement && event.target.dataset.draft !== undefined) keep(event.target);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, xhr } = (event as CustomEvent<{ requestConfig: { elt: Element; verb: string }; xhr: XMLHttpRequest }>).detail;
    if (xhr.status < 400 && requestConfig.verb !== "get") forget(requestConfig.elt.querySelector<Area>("textarea[data-draft]"));
  });
  document.addEventListener("htmx:afterSettle", bringBack);
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.getAttribute("action") === "/sign-out") forgetAll();
  });
}
