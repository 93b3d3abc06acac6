// The open chat: its head, what was said, where one writes.
import type { Api } from "./api";
import { bubble, day, type Doing, unsent } from "./bubble";
import { Composer } from "./composer";
import { h, icon, icons } from "./dom";
import type { Talk } from "./talk";
import type { Button, Message, Started } from "./types";
import { words } from "./words";

export class Panel implements Doing {
  readonly element: HTMLElement;
  readonly composer: Composer;
  private readonly log: HTMLElement;
  private readonly typingLine: HTMLElement;
  private readonly note: HTMLElement;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private reading = false;
  private more = true;

  constructor(
    private readonly api: Api,
    private readonly talk: Talk,
    private readonly started: Started,
    close: (() => void) | null,
  ) {
    this.composer = new Composer(api, talk, started.limits);
    this.log = h("div", { class: "log", role: "log", "aria-label": words.log, "aria-live": "polite", tabindex: "0", scroll: () => void this.older() });
    this.typingLine = h("div", { class: "typing", role: "status" });
    this.note = h("p", { class: "note", role: "status", hidden: true }, words.offline);
    this.more = started.messages.length >= 50;
    const { bot, theme } = started;
    this.element = h(
      "section",
      { class: `panel ${theme.position}`, role: close === null ? "main" : "dialog", "aria-label": theme.title || bot.name },
      h(
        "header",
        {},
        h("strong", { dir: "auto" }, theme.title || bot.name),
        close !== null && h("button", { type: "button", "aria-label": words.close, click: close }, icon(icons.close)),
      ),
      this.log,
      this.typingLine,
      this.note,
      this.composer.element,
    );
    this.letDrop();
    this.draw();
  }

  draw(): void {
    const nearEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const messages = this.talk.messages;
    const answered = messages.findLastIndex((message) => message.from === "visitor");
    const lines: HTMLElement[] = [];
    let lastDay = "";
    for (const [index, message] of messages.entries()) {
      const itsDay = day(message.at);
      if (itsDay !== lastDay) lines.push(h("div", { class: "day" }, itsDay));
      lastDay = itsDay;
      lines.push(this.line(message, index > answered && this.talk.unsent.length === 0));
    }
    if (messages.length === 0 && this.started.theme.greeting !== null && this.talk.unsent.length === 0) {
      lines.push(h("div", { class: "line theirs" }, h("div", { class: "bubble", dir: "auto" }, this.started.theme.greeting)));
    }
    lines.push(...this.talk.unsent.map((each) => unsent(each, this)));
    this.update(lines);
    if (nearEnd && !this.reading) this.log.scrollTop = this.log.scrollHeight;
  }

  // Lines that are as they were stay: a screen reader reads only what is new.
  private update(lines: HTMLElement[]): void {
    const old = [...this.log.children];
    let at = 0;
    for (const line of lines) {
      const before = old[at];
      if (before === undefined) this.log.append(line);
      else if (!before.isEqualNode(line) && before.querySelector("input:focus") === null) before.replaceWith(line);
      at += 1;
    }
    for (const left of old.slice(at)) left.remove();
  }

  private line(message: Message, answerable: boolean): HTMLElement {
    return bubble(message, this.api, this, answerable);
  }

  toEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  typing(name: string, seconds: number): void {
    clearTimeout(this.quiet);
    this.typingLine.textContent = seconds > 0 ? words.typing(name) : "";
    if (seconds > 0) this.quiet = setTimeout(() => this.typing(name, 0), seconds * 1000);
  }

  online(is: boolean): void {
    this.note.hidden = is;
  }

  retry(id: string): void {
    this.talk.retry(id);
  }

  press(message: Message, button: Button): void {
    if (button.ask === "location") {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => this.talk.say({ location: { latitude: coords.latitude, longitude: coords.longitude } }, `📍 ${words.place}`),
        () => this.typing(words.noPlace, 0),
      );
    } else if (button.ask !== undefined) {
      this.askFor(message, button.ask);
    } else if (button.data !== undefined) {
      this.talk.say({ tap: { message: message.id, data: button.data, title: button.title } }, button.title);
    }
  }

  private askFor(message: Message, kind: "email" | "phone"): void {
    const line = this.log.querySelector(`[data-id="${message.id}"]`);
    if (line === null || line.querySelector(".ask") !== null) return;
    const label = kind === "email" ? words.email : words.phone;
    const type = kind === "email" ? "email" : "tel";
    const field = h("input", { type, "aria-label": label, placeholder: label, autocomplete: type, required: true });
    const send = (event: Event): void => {
      event.preventDefault();
      this.talk.say({ answer: { kind, value: field.value } }, field.value);
      field.blur();
    };
    line.append(h("form", { class: "ask", submit: send }, field, h("button", { type: "submit" }, words.send)));
    field.focus();
  }

  private async older(): Promise<void> {
    const first = this.talk.messages[0];
    if (this.log.scrollTop > 60 || this.reading || !this.more || first === undefined) return;
    this.reading = true;
    const below = this.log.scrollHeight - this.log.scrollTop;
    try {
      const found = await this.api.older(first.id);
      this.more = found.more;
      this.talk.join(found.messages);
      this.log.scrollTop = this.log.scrollHeight - below;
    } catch {
      // The next scroll asks again.
    } finally {
      this.reading = false;
    }
  }

  private letDrop(): void {
    const over = (is: boolean) => (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files") !== true) return;
      event.preventDefault();
      this.element.classList.toggle("dropping", is);
    };
    this.element.addEventListener("dragover", over(true));
    this.element.addEventListener("dragleave", over(false));
    this.element.addEventListener("drop", (event) => {
      over(false)(event);
      this.composer.take(event.dataTransfer?.files);
    });
  }
}
