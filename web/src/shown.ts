// Which kinds of things a conversation shows beside its messages; a member's choice holds for every user, in this browser.

const KEY = "conversation-hides";

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("input[data-shows-kind]")];
}

function apply(): void {
  const hidden = boxes().filter((box) => !box.checked).map((box) => box.dataset.showsKind ?? "");
  document.getElementById("conversation")?.setAttribute("data-hides", hidden.join(" "));
}

/** `changed` is called when something came or went. */
export function shown(changed: () => void): void {
  const kept = (localStorage.getItem(KEY) ?? "").split(" ");
  for (const box of boxes()) box.checked = !kept.includes(box.dataset.showsKind ?? "");
  apply();
  document.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || event.target.dataset.showsKind === undefined) return;
    apply();
    localStorage.setItem(KEY, document.getElementById("conversation")?.dataset.hides ?? "");
    changed();
  });
}
