// Where a visitor writes: a text, emoji, files.
import { type Api, Refused } from "./api";
import { h, icon, icons } from "./dom";
import { keep, recall } from "./kept";
import type { Talk } from "./talk";
import type { ChatFile, Started } from "./types";
import { say } from "./words";

const EMOJI = [
  ..."😀😃😄😁😆😅😂🙂🙃😉😊😍😘😎🤔😐😏😌😢😭😤😡😱😴🤒🤝👍👎👌👏🙏💪👋✌️❤️💔🔥✨🎉🎁",
  ..."⭐☀️🌧️⏰📅📦🚚🛒💳💰📞📧📍🔑🔒✅❌❓❗",
].filter((each) => each !== "\ufe0f");
const TYPING_EVERY = 3_000;
const MOST_ROWS = 6;

// A file on its way, or (with `stored`) at the server.
interface Attached {
  name: string;
  stored?: ChatFile;
}

export class Composer {
  readonly element: HTMLFormElement;
  readonly field: HTMLTextAreaElement;
  private readonly files: HTMLElement;
  private readonly problem: HTMLElement;
  private readonly picker: HTMLElement;
  private readonly opener: HTMLButtonElement;
  private readonly choose: HTMLInputElement;
  private attached: Attached[] = [];
  private sendsWhenStored = false;
  private told = 0;

  constructor(
    private readonly api: Api,
    private readonly talk: Talk,
    private readonly limits: Started["limits"],
    private readonly draft: string,
  ) {
    this.field = h("textarea", {
      rows: "1",
      "aria-label": say("write"),
      placeholder: say("write"),
      dir: "auto",
      maxlength: String(limits.text),
      input: () => this.written(),
      keydown: (event) => this.pressed(event as KeyboardEvent),
      paste: (event) => this.take((event as ClipboardEvent).clipboardData?.files),
    });
    this.field.value = recall(draft, () => sessionStorage) ?? "";
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
    this.picker = h("div", { class: "picker", role: "group", "aria-label": say("emoji"), hidden: true }, ...this.faces());
    this.opener = h("button", { type: "button", class: "tool", "aria-label": say("emoji"), "aria-expanded": "false", click: () => this.toggle() }, icon(icons.emoji));
    this.element = h(
      "form",
      { class: "composer", submit: (event) => this.send(event) },
      this.problem,
      this.files,
      this.picker,
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "tool", "aria-label": say("attach"), click: () => this.choose.click() }, icon(icons.attach)),
        this.opener,
        this.field,
        h("button", { type: "submit", class: "send", "aria-label": say("send") }, icon(icons.send)),
      ),
      this.choose,
    );
  }

  take(files: FileList | null | undefined): void {
    for (const file of files ?? []) void this.store(file);
  }

  // Tell something about what is written here.
  tell(text: string): void {
    this.problem.textContent = text;
  }

  // Put the emoji away; say whether they were there.
  fold(): boolean {
    if (this.picker.hidden) return false;
    this.toggle();
    this.field.focus();
    return true;
  }

  private faces(): HTMLElement[] {
    return EMOJI.map((face) => h("button", { type: "button", "aria-label": face, click: () => this.insert(face) }, face));
  }

  private toggle(): void {
    this.picker.hidden = !this.picker.hidden;
    this.opener.setAttribute("aria-expanded", String(!this.picker.hidden));
    if (!this.picker.hidden) this.picker.querySelector("button")?.focus();
  }

  private insert(face: string): void {
    this.field.setRangeText(face, this.field.selectionStart, this.field.selectionEnd, "end");
    this.written();
    this.field.focus();
  }

  private written(): void {
    this.grow();
    const text = this.field.value;
    keep(this.draft, text === "" ? null : text, () => sessionStorage);
    const now = Date.now();
    if (text.trim() === "" || now - this.told < TYPING_EVERY || this.talk.messages.length === 0) return;
    this.told = now;
    this.api.typing();
  }

  private async store(file: File): Promise<void> {
    const problem = this.problemOf(file);
    this.tell(problem);
    if (problem !== "") return;
    const attached: Attached = { name: file.name };
    this.attached.push(attached);
    this.show();
    try {
      attached.stored = await this.api.store(file);
    } catch (error) {
      this.attached = this.attached.filter((each) => each !== attached);
      this.sendsWhenStored = false;
      this.tell(error instanceof Refused ? `${file.name}: ${error.message}` : say("not_stored", { name: file.name }));
    }
    this.show();
    if (this.sendsWhenStored && !this.isStoring) this.element.requestSubmit();
  }

  private problemOf(file: File): string {
    const { name, size, type } = file;
    const { files, file_bytes, types } = this.limits;
    if (this.attached.length >= files) return say("too_many", { count: files });
    if (size > file_bytes) return say("too_large", { name, count: Math.floor(file_bytes / 1_048_576) });
    if (size === 0) return say("empty", { name });
    const isAllowed = types.some((each) => each === type || (each.endsWith("/*") && type.startsWith(each.slice(0, -1))));
    return isAllowed ? "" : say("not_allowed", { name });
  }

  private get isStoring(): boolean {
    return this.attached.some((each) => each.stored === undefined);
  }

  private show(): void {
    this.files.replaceChildren(
      ...this.attached.map((each) =>
        each.stored === undefined
          ? h("span", { class: "stored" }, say("storing", { name: each.name }))
          : h("span", { class: "stored" }, each.name, h("button", { type: "button", "aria-label": say("remove", { name: each.name }), click: () => this.drop(each) }, "×")),
      ),
    );
  }

  private drop(attached: Attached): void {
    this.attached = this.attached.filter((each) => each !== attached);
    this.show();
    this.field.focus();
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  private send(event: Event): void {
    event.preventDefault();
    const text = this.field.value.trim();
    if (text === "" && this.attached.length === 0) return;
    if (text.length > this.limits.text) return this.tell(say("too_long", { count: this.limits.text }));
    this.sendsWhenStored = this.isStoring;
    if (this.isStoring) return;
    const files = this.attached.flatMap((each) => (each.stored === undefined ? [] : [each.stored.id]));
    const shown = [text, ...this.attached.map((each) => `📎 ${each.name}`)].filter((part) => part !== "").join("\n");
    this.talk.say({ ...(text === "" ? {} : { text }), ...(files.length === 0 ? {} : { files }) }, shown);
    this.attached = [];
    this.field.value = "";
    this.told = 0;
    this.fold();
    this.tell("");
    this.show();
    this.written();
    this.field.focus();
  }

  private grow(): void {
    this.field.rows = 1;
    while (this.field.scrollHeight > this.field.clientHeight && this.field.rows < MOST_ROWS) this.field.rows += 1;
  }
}
