// The list of users by keyboard: j k or arrows walk, Enter opens (it is a link), / searches.

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function links(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("a[data-row]")];
}

function walk(step: number): boolean {
  const all = links();
  if (all.length === 0) return false;
  const at = all.findIndex((link) => link === document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
  all[next]?.focus();
  return true;
}

export function list(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.querySelector<HTMLInputElement>("input[data-search]");
    if (event.key === "/" && search && !isTyping(event.target)) {
      event.preventDefault();
      search.focus();
      search.select();
      return;
    }
    if (isTyping(event.target)) {
      if (event.target === search && event.key === "ArrowDown" && walk(1)) event.preventDefault();
      return;
    }
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const inList = event.key.length === 1 || document.activeElement?.matches("a[data-row]");
    if (step !== undefined && inList && walk(step)) event.preventDefault();
  });
}
