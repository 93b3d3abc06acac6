// Writing to a person: Enter sends; each side sees that the other writes.

function box(): HTMLTextAreaElement | null {
  return document.querySelector<HTMLTextAreaElement>("#composer textarea");
}

const TYPING_EVERY_MS = 4_000;
const WRITES_MS = 6_000;
let told = -TYPING_EVERY_MS;

/** Let the person see that somebody writes, where their service can show it. */
function tellTyping(area: HTMLTextAreaElement): void {
  const address = area.dataset.typing;
  const now = performance.now();
  if (address === undefined || !area.value.trim() || now - told < TYPING_EVERY_MS) return;
  told = now;
  const csrf = area.form?.querySelector<HTMLInputElement>("input[name=_csrf]")?.value ?? "";
  // Nothing is lost when this does not arrive.
  const channel = document.querySelector<HTMLInputElement | HTMLSelectElement>("#composer-channel")?.value ?? "";
  const body = new URLSearchParams({ channel });
  void fetch(address, { method: "POST", headers: { "X-CSRF-Token": csrf }, body }).catch(() => undefined);
}

let quiet: number | undefined;

/** Show for a while that the user writes. */
function showWriting(): void {
  const line = document.getElementById("user-writes");
  if (!line) return;
  window.clearTimeout(quiet);
  line.textContent = line.dataset.text ?? "";
  quiet = window.setTimeout(stopWriting, WRITES_MS);
}

function stopWriting(): void {
  const line = document.getElementById("user-writes");
  if (line) line.textContent = "";
}

/** `sent` is called when a message has been taken. */
export function composer(sent: () => void): void {
  document.addEventListener("input", (event) => {
    if (event.target === box() && event.target instanceof HTMLTextAreaElement) tellTyping(event.target);
  });
  document.addEventListener("user-writes", showWriting);
  document.addEventListener("keydown", (event) => {
    const area = box();
    if (!area || event.target !== area || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const button = area.form?.querySelector<HTMLButtonElement>("button[data-main]");
    if ((area.value.trim() || document.querySelector("[data-attached]")) && button && !button.disabled) area.form?.requestSubmit(button);
  });
  document.addEventListener("message-taken", () => {
    box()?.focus();
    told = -TYPING_EVERY_MS;
    sent();
  });
}
