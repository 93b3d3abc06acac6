// Where a visitor writes: a text, emoji, files.
import { type Api, Refused } from "./api";
import { h, icon, icons } from "./dom";
import type { Talk } from "./talk";
import type { ChatFile, Started } from "./types";
import { words } from "./words";

const EMOJI = [
  ..."😀😃😄😁😆😅😂🙂🙃😉😊😍😘😎🤔😐😏😌😢😭😤😡😱😴🤒🤝👍👎👌👏🙏💪👋✌️❤️💔🔥✨🎉🎁",
  ..."⭐☀️🌧️⏰📅📦🚚🛒💳💰📞📧📍🔑🔒✅❌❓❗",
].filter((each) => each !== "\ufe0f");

export class Composer {
  readonly element: HTMLElement;
  readonly field: HTMLTextAreaElement;
  private readonly files: HTMLElement;
  private readonly problem: HTMLElement;
  private readonly picker: HTMLElement;
  private readonly choose: HTMLInputElement;
  private stored: ChatFile[] = [];
  private storing = 0;

  constructor(
    private readonly api: Api,
    private readonly talk: Talk,
    private readonly limits: Started["limits"],
  ) {
    this.field = h("textarea", {
      rows: "1",
      "aria-label": words.write,
      placeholder: words.write,
      dir: "auto",
      maxlength: String(limits.text),
      input: () => this.grow(),
      keydown: (event) => this.pressed(event as KeyboardEvent),
      paste: (event) => this.take((event as ClipboardEvent).clipboardData?.files),
    });
    this.choose = h("input", {
      type: "file",
      multiple: true,
      hidden: true,
      accept: limits.types.join(","),
      change: () => {
        this.take(this.choose.files);
        this.choose.value = "";
      },
    });
    this.files = h("div", { class: "files" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.picker = h("div", { class: "picker", role: "group", "aria-label": words.emoji, hidden: true }, ...this.faces());
    this.element = h(
      "form",
      { class: "composer", submit: (event) => this.send(event) },
      this.problem,
      this.files,
      this.picker,
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "tool", "aria-label": words.attach, click: () => this.choose.click() }, icon(icons.attach)),
        h("button", { type: "button", class: "tool", "aria-label": words.emoji, "aria-expanded": "false", click: (event) => this.toggle(event) }, icon(icons.emoji)),
        this.field,
        h("button", { type: "submit", class: "send", "aria-label": words.send }, icon(icons.send)),
      ),
      this.choose,
    );
  }

  take(files: FileList | null | undefined): void {
    if (files === null || files === undefined) return;
    for (const file of files) void this.store(file);
  }

  private faces(): HTMLElement[] {
    return EMOJI.map((face) => h("button", { type: "button", "aria-label": face, click: () => this.insert(face) }, face));
  }

  private toggle(event: Event): void {
    this.picker.hidden = !this.picker.hidden;
    (event.currentTarget as HTMLElement).setAttribute("aria-expanded", String(!this.picker.hidden));
    if (!this.picker.hidden) this.picker.querySelector("button")?.focus();
  }

  private insert(face: string): void {
    this.field.setRangeText(face, this.field.selectionStart, this.field.selectionEnd, "end");
    this.grow();
    this.field.focus();
  }

  private async store(file: File): Promise<void> {
    this.say("");
    if (this.stored.length + this.storing >= this.limits.files) return this.say(words.tooMany(this.limits.files));
    if (file.size > this.limits.file_bytes) {
      return this.say(words.tooLarge(file.name, Math.floor(this.limits.file_bytes / 1_048_576)));
    }
    if (!this.isAllowed(file.type)) return this.say(words.notAllowed(file.name));
    this.storing += 1;
    try {
      this.stored.push(await this.api.store(file));
    } catch (error) {
      this.say(error instanceof Refused ? `${file.name}: ${error.message}` : words.notStored(file.name));
    } finally {
      this.storing -= 1;
    }
    this.show();
  }

  private isAllowed(type: string): boolean {
    return this.limits.types.some((each) => each === type || (each.endsWith("/*") && type.startsWith(each.slice(0, -1))));
  }

  private show(): void {
    this.files.replaceChildren(
      ...this.stored.map((file) =>
        h("span", { class: "stored" }, file.name, h("button", { type: "button", "aria-label": words.remove(file.name), click: () => this.drop(file) }, "×")),
      ),
    );
  }

  private drop(file: ChatFile): void {
    this.stored = this.stored.filter((each) => each !== file);
    this.show();
    this.field.focus();
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    (this.element as HTMLFormElement).requestSubmit();
  }

  private send(event: Event): void {
    event.preventDefault();
    const text = this.field.value.trim();
    if ((text === "" && this.stored.length === 0) || this.storing > 0) return;
    if (text.length > this.limits.text) return this.say(words.tooLong(this.limits.text));
    const files = this.stored.map((file) => file.id);
    const shown = [text, ...this.stored.map((file) => `📎 ${file.name}`)].filter((part) => part !== "").join("\n");
    this.talk.say({ ...(text === "" ? {} : { text }), ...(files.length === 0 ? {} : { files }) }, shown);
    this.stored = [];
    this.field.value = "";
    this.picker.hidden = true;
    this.say("");
    this.show();
    this.grow();
    this.field.focus();
  }

  private say(problem: string): void {
    this.problem.textContent = problem;
  }

  private grow(): void {
    this.field.rows = 1;
    while (this.field.scrollHeight > this.field.clientHeight && this.field.rows < 6) this.field.rows += 1;
  }
}
