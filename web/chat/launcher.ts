// The round button that opens the chat, and how much was said since it was looked at.
import { h, icon, icons } from "./dom";
import { say } from "./words";

export class Launcher {
  readonly elements: HTMLElement[];
  private readonly button: HTMLButtonElement;
  private readonly news: HTMLElement;

  constructor(press: () => void) {
    this.button = h("button", { type: "button", class: "launcher", "aria-expanded": "false", click: press });
    this.news = h("p", { class: "apart", role: "status" });
    this.elements = [this.button, this.news];
  }

  stand(position: "left" | "right"): void {
    this.button.className = `launcher ${position}`;
  }

  focus(): void {
    this.button.focus();
  }

  draw(isOpen: boolean, unread: number): void {
    const words = unread === 0 || isOpen ? "" : unread === 1 ? say("unread_one") : say("unread", { count: unread });
    const label = isOpen ? say("close") : words === "" ? say("open") : `${say("open")}: ${words}`;
    this.button.setAttribute("aria-expanded", String(isOpen));
    this.button.setAttribute("aria-label", label);
    const badge = words === "" ? [] : [h("span", { class: "badge", "aria-hidden": "true" }, String(Math.min(unread, 99)))];
    this.button.replaceChildren(icon(isOpen ? icons.close : icons.chat), ...badge);
    if (this.news.textContent !== words) this.news.textContent = words;
  }
}
