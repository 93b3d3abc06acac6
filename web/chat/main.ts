// The chat on a page: <script src="…/chat.js" data-channel="…" async></script>
import { Api, type Refused } from "./api";
import { Composer } from "./composer";
import { h, inkOn } from "./dom";
import { keep, recall } from "./kept";
import { Launcher } from "./launcher";
import { Listener } from "./listen";
import { optionsOf } from "./options";
import { Panel } from "./panel";
import { style } from "./style";
import { Talk } from "./talk";
import type { Message, Options, Started } from "./types";
import { say, speak } from "./words";

type Heard = (detail: unknown) => void;

const START_AGAIN = 15_000;
const CONTROLS = "a[href], button, textarea, input:not([hidden]), [tabindex]";

class Chat {
  private readonly api: Api;
  private readonly talk: Talk;
  private readonly host: HTMLElement;
  private readonly root: HTMLElement;
  private readonly listeners = new Map<string, Heard[]>();
  private readonly launcher: Launcher;
  private readonly seenKey: string;
  private listener: Listener | undefined;
  private panel: Panel | undefined;
  private isOpen = false;
  private starting: Promise<void> = Promise.resolve();
  private later: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: Options) {
    speak(options.texts);
    this.api = new Api(options);
    this.talk = new Talk(this.api, options.channel, () => this.drawn(), () => this.start());
    this.seenKey = `botfolk.${options.channel}.seen`;
    this.host = h("div", { "data-botfolk": "" });
    const shadow = this.host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
    this.launcher = new Launcher(() => this.toggle());
    this.root = h(options.page ? "div" : "aside", { class: options.page ? "root whole" : "root", "aria-label": options.page ? null : say("chat"), dir: options.direction });
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    shadow.append(this.root);
    document.body.append(this.host);
    matchMedia(NARROW).addEventListener("change", () => this.panel?.cover(this.covers));
    document.addEventListener("visibilitychange", () => this.drawn());
  }

  // One after the other: a page may say who is signed in while the chat still starts.
  start(): Promise<void> {
    this.starting = this.starting.then(() => this.begin());
    return this.starting;
  }

  private async begin(): Promise<void> {
    clearTimeout(this.later);
    let started: Started;
    try {
      started = await this.api.start((refused) => this.refused(refused));
    } catch (error) {
      this.fire("error", error);
      if (this.options.page && this.panel === undefined) this.root.replaceChildren(h("p", { role: "alert" }, say("unavailable")));
      // The host page stands as it is without a chat; it comes when the server does.
      this.later = setTimeout(() => void this.start(), START_AGAIN);
      return;
    }
    this.show(started);
    void this.talk.send();
    this.fire("ready", undefined);
  }

  private show(started: Started): void {
    this.paint(started);
    speak(started.theme.texts, this.options.texts);
    this.talk.join(started.messages);
    const hadFocus = this.panel?.element.contains(this.root.ownerDocument.activeElement?.shadowRoot?.activeElement ?? null) ?? false;
    const composer = new Composer(this.api, this.talk, started.limits, `botfolk.${this.options.channel}.draft`);
    const panel = new Panel(this.api, this.talk, started, composer, this.options.page ? null : () => this.close());
    panel.element.hidden = !this.options.page && !this.isOpen;
    this.panel = panel;
    panel.cover(this.covers);
    this.launcher.stand(started.theme.position);
    this.root.replaceChildren(panel.element, ...(this.options.page ? [] : this.launcher.elements));
    this.listener?.stop();
    this.listener = new Listener(this.api, this.talk, {
      said: (messages) => this.said(messages),
      typing: (name, seconds) => panel.typing(name, seconds),
      online: (is) => panel.online(is),
      unknown: () => void this.start(),
    });
    // Who has said nothing, and has not opened the chat, is told nothing.
    if (this.options.page || this.isOpen || started.messages.length > 0) this.listener.start();
    this.drawn();
    panel.toEnd();
    if (hadFocus) composer.field.focus();
  }

  open(): void {
    this.isOpen = true;
    if (this.panel === undefined) return;
    this.panel.element.hidden = false;
    this.panel.toEnd();
    this.panel.composer.field.focus();
    this.listener?.start();
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
    this.talk.forget(word === null);
    await this.start();
  }

  on(event: string, heard: Heard): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), heard]);
  }

  private toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  private get covers(): boolean {
    return !this.options.page && matchMedia(NARROW).matches;
  }

  // For whoever built the page; the visitor chats on as who they were.
  private refused(error: Refused): void {
    console.warn(`Botfolk: ${error.message}`);
    this.fire("error", error);
  }

  private said(messages: Message[]): void {
    const fresh = this.talk.join(messages);
    if (fresh.some((message) => message.from !== "visitor")) this.panel?.typing("", 0);
    for (const message of fresh) this.fire("message", message);
  }

  private drawn(): void {
    this.panel?.draw();
    const theirs = this.talk.messages.filter((message) => message.from !== "visitor");
    if ((this.isOpen || this.options.page) && !document.hidden && theirs.length > 0) keep(this.seenKey, theirs.at(-1)?.at ?? "");
    const seen = Date.parse(recall(this.seenKey) ?? "") || 0;
    this.launcher.draw(this.isOpen, theirs.filter((message) => Date.parse(message.at) > seen).length);
  }

  private paint(started: Started): void {
    const { theme } = started;
    const { color, position, scheme, greeting } = this.options;
    const accent = color !== null && /^#[0-9a-f]{6}$/i.test(color) ? color : theme.color;
    this.root.style.setProperty("--accent", accent);
    this.root.style.setProperty("--on-accent", inkOn(accent));
    if (position === "left" || position === "right") theme.position = position;
    const light = scheme ?? theme.scheme;
    this.host.style.colorScheme = light === "light" || light === "dark" ? light : "light dark";
    if (greeting !== null) theme.greeting = greeting;
  }

  // Escape closes the chat. Where it covers the page, the keyboard's focus stays in it.
  private pressed(event: KeyboardEvent): void {
    if (this.options.page || !this.isOpen || this.panel === undefined) return;
    if (event.key === "Escape") {
      if (!this.panel.composer.fold()) this.close();
      return;
    }
    if (event.key !== "Tab" || !this.covers) return;
    const shown = [...this.panel.element.querySelectorAll<HTMLElement>(CONTROLS)].filter((each) => each.checkVisibility());
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

const NARROW = "(max-width: 480px)";

function begin(script: HTMLScriptElement): void {
  const options = optionsOf(script);
  if (options === null || "Botfolk" in window) return;
  const chat = new Chat(options);
  const handle = {
    open: () => chat.open(),
    close: () => chat.close(),
    identify: (word: string | null) => chat.identify(word),
    on: (event: string, heard: Heard) => chat.on(event, heard),
  };
  Object.assign(window, { Botfolk: handle });
  dispatchEvent(new CustomEvent("botfolk", { detail: handle }));
  void chat.start();
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  if (document.body === null) addEventListener("DOMContentLoaded", () => begin(script));
  else begin(script);
}
