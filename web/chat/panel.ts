// The open chat: its head, what was said, where one writes.
import type { Api } from "./api";
import { bubble, day, type Doing, unsent } from "./bubble";
import type { Composer } from "./composer";
import { h, icon, icons } from "./dom";
import { type Line, Lines } from "./lines";
import type { Talk } from "./talk";
import type { Button, Message, Started } from "./types";
import { say } from "./words";

const NEAR = 80;
const AT_TOP = 60;
const PAGE = 50;

export class Panel implements Doing {
  readonly element: HTMLElement;
  private readonly log: HTMLElement;
  private readonly lines: Lines;
  private readonly typingLine: HTMLElement;
  private readonly note: HTMLElement;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private reading = false;
  private more: boolean;

  constructor(
    private readonly api: Api,
    private readonly talk: Talk,
    private readonly started: Started,
    readonly composer: Composer,
    private readonly close: (() => void) | null,
  ) {
    this.log = h("div", { class: "log", role: "log", "aria-label": say("log"), "aria-live": "polite", tabindex: "0", scroll: () => void this.older() });
    this.lines = new Lines(this.log);
    this.typingLine = h("p", { class: "typing", role: "status" });
    this.note = h("p", { class: "note", role: "status" });
    this.more = started.messages.length >= PAGE;
    const { bot, theme } = started;
    const title = theme.title || bot.name;
    this.element = h(
      "section",
      { class: `panel ${theme.position}`, role: close === null ? "main" : "dialog", "aria-label": title },
      h(
        "header",
        {},
        bot.picture !== null && h("img", { class: "face", src: api.url(bot.picture), alt: "", width: "36", height: "36" }),
        h(close === null ? "h1" : "strong", {}, h("bdi", {}, title)),
        close !== null && h("button", { type: "button", "aria-label": say("close"), click: close }, icon(icons.close)),
      ),
      this.log,
      this.typingLine,
      this.note,
      composer.element,
    );
    this.letDrop();
    this.draw();
  }

  // Whether it covers the page: then there is nothing else to use.
  cover(is: boolean): void {
    if (this.close !== null) this.element.setAttribute("aria-modal", String(is));
  }

  draw(): void {
    const nearEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
    const messages = this.talk.messages;
    const waiting = this.talk.unsent;
    const answered = messages.findLastIndex((message) => message.from === "visitor");
    const lines: Line[] = [];
    let lastDay = "";
    for (const [index, message] of messages.entries()) {
      const itsDay = day(message.at);
      if (itsDay !== lastDay) lines.push({ key: `day ${itsDay}`, element: h("div", { class: "day" }, itsDay) });
      lastDay = itsDay;
      const isAnswerable = index > answered && waiting.every((each) => each.failed !== undefined);
      lines.push({ key: message.client_id ?? message.id, element: bubble(message, this.api, this, isAnswerable) });
    }
    const { greeting } = this.started.theme;
    if (messages.length === 0 && greeting !== null && waiting.length === 0) {
      lines.push({ key: "greeting", element: h("div", { class: "line theirs" }, h("div", { class: "bubble", dir: "auto" }, greeting)) });
    }
    lines.push(...waiting.map((each) => ({ key: each.said.id, element: unsent(each, this) })));
    this.lines.update(lines);
    if (nearEnd && !this.reading) this.toEnd();
  }

  toEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  typing(name: string, seconds: number): void {
    clearTimeout(this.quiet);
    const text = seconds > 0 ? say("typing", { name }) : "";
    if (this.typingLine.textContent !== text) this.typingLine.textContent = text;
    if (seconds > 0) this.quiet = setTimeout(() => this.typing("", 0), seconds * 1000);
  }

  online(is: boolean): void {
    const text = is ? "" : say("offline");
    if (this.note.textContent !== text) this.note.textContent = text;
  }

  retry(id: string): void {
    this.talk.retry(id);
  }

  discard(id: string): void {
    this.talk.discard(id);
    this.composer.field.focus();
  }

  press(message: Message, button: Button): void {
    if (button.ask === "location") this.askWhere();
    else if (button.ask !== undefined) this.askFor(message, button.ask);
    else if (button.data !== undefined) this.talk.say({ tap: { message: message.id, data: button.data } }, button.title);
    if (button.ask === undefined) this.composer.field.focus();
  }

  private askWhere(): void {
    this.composer.tell(say("asks_place"));
    // Only pages over https may ask.
    const where = navigator.geolocation as Geolocation | undefined;
    if (where === undefined) return this.composer.tell(say("no_place"));
    where.getCurrentPosition(
      ({ coords }) => {
        this.composer.tell("");
        this.talk.say({ location: { latitude: coords.latitude, longitude: coords.longitude } }, `📍 ${say("place")}`);
      },
      () => this.composer.tell(say("no_place")),
      { timeout: 20_000 },
    );
  }

  private askFor(message: Message, kind: "email" | "phone"): void {
    const line = this.lines.find(message.id);
    if (line === undefined) return;
    line.querySelector(".ask")?.remove();
    const label = say(kind);
    const type = kind === "email" ? "email" : "tel";
    const field = h("input", { type, "aria-label": label, placeholder: kind === "email" ? label : "+60 12 345 6789", autocomplete: type, required: true, dir: "ltr" });
    const send = (event: Event): void => {
      event.preventDefault();
      line.querySelector(".ask")?.remove();
      this.talk.say({ answer: { kind, value: field.value } }, field.value);
      this.composer.field.focus();
    };
    line.append(h("form", { class: "ask", submit: send }, field, h("button", { type: "submit" }, say("send"))));
    field.focus();
  }

  private async older(): Promise<void> {
    const first = this.talk.messages[0];
    if (this.log.scrollTop > AT_TOP || this.reading || !this.more || first === undefined) return;
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
