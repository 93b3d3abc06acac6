// Short words at the foot of the page about what could not be done.

const SHOWN_MS = 8000;

function area(): HTMLElement | null {
  return document.getElementById("toasts");
}

/** Show the text that the page keeps under `name` ("lost", "refused"). */
export function toast(name: "lost" | "refused"): void {
  const place = area();
  const text = place?.dataset[name];
  if (!place || !text || place.textContent?.includes(text)) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = text;
  place.append(box);
  window.setTimeout(() => box.remove(), SHOWN_MS);
}

/** Tell of requests that came to nothing, and go to the sign-in page when one was answered with it. */
export function failures(): void {
  document.addEventListener("htmx:sendError", () => toast("lost"));
  document.addEventListener("htmx:timeout", () => toast("lost"));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    if (xhr.status === 401) window.location.reload();
    else toast("refused");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    if (!xhr.responseURL || new URL(xhr.responseURL).pathname !== "/sign-in") return;
    event.preventDefault();
    window.location.reload();
  });
}
