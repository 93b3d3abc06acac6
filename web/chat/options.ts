// What a page says of the chat on its script element.
import type { Options } from "./types";

const RIGHT_TO_LEFT = /^(?:ar|dv|fa|he|ku|ps|sd|ug|ur|yi)\b/i;

export function optionsOf(script: HTMLScriptElement): Options | null {
  const { channel, identity, color, position, scheme, greeting, texts, language } = script.dataset;
  if (channel === undefined) {
    console.warn("Botfolk: say which chat: data-channel is missing");
    return null;
  }
  return {
    base: new URL(script.src).origin,
    channel,
    page: script.dataset["page"] !== undefined,
    identity: identity || null,
    color: color ?? null,
    position: position ?? null,
    scheme: scheme ?? null,
    greeting: greeting ?? null,
    texts: textsOf(texts),
    direction: direction(language ?? null),
  };
}

function textsOf(given: string | undefined): Record<string, string> {
  if (given === undefined) return {};
  try {
    const read: unknown = JSON.parse(given);
    if (typeof read === "object" && read !== null) {
      return Object.fromEntries(Object.entries(read).filter((each): each is [string, string] => typeof each[1] === "string"));
    }
  } catch {
    // said below
  }
  console.warn('Botfolk: data-texts is no JSON object like {"write": "…"}');
  return {};
}

function direction(language: string | null): string {
  if (language !== null) return RIGHT_TO_LEFT.test(language) ? "rtl" : "ltr";
  return getComputedStyle(document.documentElement).direction;
}
