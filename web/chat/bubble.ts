// One message as it is seen.
import type { Api } from "./api";
import { h } from "./dom";
import type { Button, ChatFile, Message, Waiting } from "./types";
import { say } from "./words";

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

export interface Doing {
  press(message: Message, button: Button): void;
  retry(id: string): void;
  discard(id: string): void;
}

export function bubble(message: Message, api: Api, doing: Doing, answerable: boolean): HTMLElement {
  const mine = message.from === "visitor";
  return h(
    "div",
    { class: `line ${mine ? "mine" : "theirs"}`, "data-id": message.id },
    h("span", { class: "who" }, mine ? say("you") : (message.name ?? "")),
    body(message, api),
    message.buttons.length > 0 && buttons(message, doing, answerable),
    h("time", { datetime: message.at, dir: "auto" }, time(message.at)),
  );
}

export function unsent(each: Waiting, doing: Doing): HTMLElement {
  const state = each.failed === undefined ? say("sending") : `${say("failed")} ${each.failed}`;
  return h(
    "div",
    { class: `line mine waiting${each.failed === undefined ? "" : " failed"}`, "data-client": each.said.id },
    h("div", { class: "bubble", dir: "auto" }, ...linked(each.shown)),
    h("span", { class: "state" }, state),
    each.failed !== undefined &&
      h("button", { type: "button", class: "link", click: () => doing.retry(each.said.id) }, say("retry")),
    each.failed !== undefined &&
      h("button", { type: "button", class: "link", click: () => doing.discard(each.said.id) }, say("discard")),
  );
}

function body(message: Message, api: Api): HTMLElement {
  const text = message.text ?? (message.kind === "location" ? `📍 ${say("place")}` : null);
  return h(
    "div",
    { class: "bubble", dir: "auto" },
    ...(text === null ? [] : linked(text)),
    ...message.files.map((file) => shownFile(file, api)),
  );
}

function shownFile(file: ChatFile, api: Api): HTMLElement {
  const address = api.url(file.url);
  if (!file.type.startsWith("image/")) {
    const size = file.size < 1_048_576 ? `${Math.ceil(file.size / 1024)} kB` : `${(file.size / 1_048_576).toFixed(1)} MB`;
    return h("a", { class: "file", href: address, target: "_blank", rel: "noopener", download: file.name }, `${file.name} · ${size}`);
  }
  return h("img", {
    src: address,
    alt: file.name,
    loading: "lazy",
    width: file.width === undefined ? null : String(file.width),
    height: file.height === undefined ? null : String(file.height),
  });
}

function buttons(message: Message, doing: Doing, answerable: boolean): HTMLElement | null {
  const shown = message.buttons.filter((button) => button.url !== undefined || answerable);
  if (shown.length === 0) return null;
  return h(
    "div",
    { class: "buttons" },
    ...shown.map((button) =>
      button.url !== undefined && /^https?:\/\//.test(button.url)
        ? h("a", { href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.title)
        : h("button", { type: "button", click: () => doing.press(message, button) }, button.title),
    ),
  );
}

// Text with its addresses as links; everything else stays text.
function linked(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(from, found.index));
    parts.push(h("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow" }, found[0]));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}

function time(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

export function day(at: string): string {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString()
    ? say("today")
    : date.toLocaleDateString(undefined, { day: "numeric", month: "long", year: "numeric" });
}
