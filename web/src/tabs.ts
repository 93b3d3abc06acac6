// On a narrow screen the parts of a page are tabs; which one is open is part of the address.

export function tabs(): void {
  const page = document.querySelector<HTMLElement>("[data-tab]");
  if (!page) return;
  const links = [...document.querySelectorAll<HTMLAnchorElement>("a[data-opens]")];
  const open = (name: string): void => {
    page.dataset.tab = name;
    for (const link of links) {
      if (link.dataset.opens === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    page.dispatchEvent(new CustomEvent("tab", { bubbles: true }));
  };
  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const name = link.dataset.opens ?? "";
      history.replaceState(history.state, "", `#${name}`);
      open(name);
    });
  }
  const asked = window.location.hash.slice(1);
  if (links.some((link) => link.dataset.opens === asked)) open(asked);
}
