// The chat on a page: <script src="…/chat.js" data-channel="…" async></script>
import { Api, keep, recall } from "./api";
import { h, icon, icons, inkOn } from "./dom";
import { Listener } from "./listen";
import { Panel } from "./panel";
import { style } from "./style";
import { Talk } from "./talk";
import type { Message, Options, Started } from "./types";
import { words } from "./words";

type Heard = (detail: unknown) => void;

class Chat {
  private readonly api: Api;
  private readonly talk: Talk;
  private readonly root: HTMLElement;
  private readonly listeners = new Map<string, Heard[]>();
  private readonly launcher: HTMLButtonElement;
  private readonly seenKey: string;
  private listener: Listener | undefined;
  private panel: Panel | undefined;
  private isOpen = false;

  constructor(private readonly options: Options) {
    this.api = new Api(options);
    this.talk = new Talk(this.api, options.channel, () => this.drawn());
    this.seenKey = `botfolk.${options.channel}.seen`;
    const host = h("div", { "data-botfolk": "" });
    const shadow = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
    this.launcher = h("button", { type: "button", class: "launcher", "aria-expanded": "false", click: () => this.toggle() }, icon(icons.chat));
    this.root = h("div", { class: options.page ? "root whole" : "root", dir: direction(options.language) });
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    shadow.append(this.root);
    document.body.append(host);
  }

  async start(): Promise<void> {
    let started: Started;
    try {
      started = await this.api.start();
    } catch (error) {
      this.fire("error", error);
      if (this.options.page) this.root.replaceChildren(h("p", { role: "alert" }, words.unavailable));
      // The host page stands as it is without a chat; it comes when the server does.
      setTimeout(() => void this.start(), 15_000);
      return;
    }
    this.paint(started);
    this.talk.join(started.messages);
    const close = this.options.page ? null : () => this.close();
    const panel = new Panel(this.api, this.talk, started, close);
    panel.element.hidden = !this.options.page && !this.isOpen;
    this.panel = panel;
    this.launcher.className = `launcher ${started.theme.position}`;
    this.root.replaceChildren(panel.element, ...(this.options.page ? [] : [this.launcher]));
    this.listener?.stop();
    this.listener = new Listener(this.api, this.talk, {
      said: (messages) => this.said(messages),
      typing: (name, seconds) => panel.typing(name, seconds),
      online: (is) => panel.online(is),
    });
    this.listener.start();
    this.drawn();
    panel.toEnd();
    void this.talk.send();
    this.fire("ready", undefined);
  }

  open(): void {
    this.isOpen = true;
    if (this.panel === undefined) return;
    this.panel.element.hidden = false;
    this.panel.toEnd();
    this.panel.composer.field.focus();
    this.drawn();
    this.fire("open", undefined);
  }

  close(): void {
    if (this.options.page) return;
    this.isOpen = false;
    if (this.panel !== undefined) this.panel.element.hidden = true;
    this.drawn();
    this.launcher.focus();
    this.fire("close", undefined);
  }

  async identify(word: string | null): Promise<void> {
    this.api.identify(word);
    this.talk.forget();
    await this.start();
  }

  on(event: string, heard: Heard): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), heard]);
  }

  private toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  private said(messages: Message[]): void {
    const fresh = this.talk.join(messages);
    if (fresh.some((message) => message.from !== "visitor")) this.panel?.typing("", 0);
    for (const message of fresh) this.fire("message", message);
  }

  private drawn(): void {
    this.panel?.draw();
    const theirs = this.talk.messages.filter((message) => message.from !== "visitor");
    if ((this.isOpen || this.options.page) && !document.hidden) keep(this.seenKey, theirs.at(-1)?.at ?? "");
    const seen = recall(this.seenKey) ?? "";
    const unread = theirs.filter((message) => message.at > seen).length;
    this.launcher.setAttribute("aria-expanded", String(this.isOpen));
    this.launcher.setAttribute("aria-label", this.isOpen ? words.close : unread > 0 ? `${words.open}: ${words.unread(unread)}` : words.open);
    const badge = unread > 0 && !this.isOpen ? [h("span", { class: "badge", "aria-hidden": "true" }, String(Math.min(unread, 99)))] : [];
    this.launcher.replaceChildren(icon(this.isOpen ? icons.close : icons.chat), ...badge);
  }

  private paint(started: Started): void {
    const asked = this.options.color;
    const color = asked !== null && /^#[0-9a-f]{6}$/i.test(asked) ? asked : started.theme.color;
    this.root.style.setProperty("--accent", color);
    this.root.style.setProperty("--on-accent", inkOn(color));
    if (this.options.position === "left" || this.options.position === "right") started.theme.position = this.options.position;
  }

  // The open chat keeps the keyboard's focus among its own, and Escape closes it.
  private pressed(event: KeyboardEvent): void {
    if (this.options.page || !this.isOpen || this.panel === undefined) return;
    if (event.key === "Escape") return this.close();
    if (event.key !== "Tab") return;
    const all = [...this.panel.element.querySelectorAll<HTMLElement>("a[href], button, textarea, input:not([hidden]), [tabindex]")];
    const shown = all.filter((each) => each.checkVisibility());
    const now = (this.root.getRootNode() as ShadowRoot).activeElement;
    const edge = event.shiftKey ? shown[0] : shown.at(-1);
    if (now !== edge) return;
    event.preventDefault();
    (event.shiftKey ? shown.at(-1) : shown[0])?.focus();
  }

  private fire(event: string, detail: unknown): void {
    for (const heard of this.listeners.get(event) ?? []) heard(detail);
  }
}

const RIGHT_TO_LEFT = /^(?:ar|dv|fa|he|ku|ps|sd|ug|ur|yi)\b/i;

function direction(language: string | null): string {
  if (language !== null) return RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr";
  return getComputedStyle(document.documentElement).direction;
}

function begin(script: HTMLScriptElement): void {
  const { channel, identity, color, position, language } = script.dataset;
  if (channel === undefined) return;
  const chat = new Chat({
    base: new URL(script.src).origin,
    channel,
    page: script.dataset["page"] !== undefined,
    identity: identity ?? null,
    color: color ?? null,
    position: position ?? null,
    language: language ?? null,
  });
  Object.assign(window, {
    Botfolk: {
      open: () => chat.open(),
      close: () => chat.close(),
      identify: (word: string | null) => chat.identify(word),
      on: (event: string, heard: Heard) => chat.on(event, heard),
    },
  });
  void chat.start();
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  if (document.body === null) addEventListener("DOMContentLoaded", () => begin(script));
  else begin(script);
}
