// The chat's side of the protocol: one place that talks to the server.
import { keep, recall } from "./kept";
import type { ChatFile, Message, Options, Said, Started } from "./types";

export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly after: number,
  ) {
    super(message);
  }
}

const NOT_VALID = 401;
const NOT_TAKEN = 422;

export class Api {
  token: string | null;
  readonly address: string;
  private readonly key: string;

  constructor(private readonly options: Options) {
    this.address = `${options.base}/chat/${options.channel}`;
    this.key = `botfolk.${options.channel}`;
    this.token = recall(this.key);
  }

  // Begin or go on. A word of the page that proves nothing is told to whoever built it; the visitor chats on without.
  async start(refused: (error: Refused) => void): Promise<Started> {
    try {
      return await this.tryToStart();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === NOT_TAKEN && this.options.identity !== null) {
        refused(error);
        this.options.identity = null;
      } else if (error.status === NOT_VALID && this.token !== null) {
        this.token = null;
      } else {
        throw error;
      }
      return await this.start(refused);
    }
  }

  private async tryToStart(): Promise<Started> {
    const started = await this.ask<Started>("start", {
      token: this.token,
      identity: this.options.identity,
      page: location.href,
      referrer: document.referrer,
      language: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    });
    this.token = started.token;
    keep(this.key, started.token);
    return started;
  }

  identify(word: string | null): void {
    this.options.identity = word;
    if (word === null) {
      this.token = null;
      keep(this.key, null);
    }
  }

  say(said: Said): Promise<Message> {
    return this.ask<Message>("messages", said);
  }

  // Nothing is lost when this does not arrive.
  typing(): void {
    void this.call("typing", { method: "POST" }).catch(() => undefined);
  }

  older(before: string): Promise<{ messages: Message[]; more: boolean }> {
    return this.ask(`messages?before=${encodeURIComponent(before)}`);
  }

  since(last: string): Promise<{ messages: Message[] }> {
    return this.ask(last === "" ? "messages" : `messages?after=${encodeURIComponent(last)}`);
  }

  async store(file: File): Promise<ChatFile> {
    const answer = await this.call(`files?name=${encodeURIComponent(file.name.slice(-250))}`, {
      method: "POST",
      body: file,
      headers: { "Content-Type": file.type || "application/octet-stream" },
      signal: AbortSignal.timeout(300_000),
    });
    return (await answer.json()) as ChatFile;
  }

  stream(last: string, signal: AbortSignal): Promise<Response> {
    const headers = { Accept: "text/event-stream", ...(last === "" ? {} : { "Last-Event-ID": last }) };
    return this.call("events", { headers, signal, cache: "no-store" });
  }

  url(path: string): string {
    return new URL(path, `${this.options.base}/`).href;
  }

  private async ask<Answer>(what: string, body?: unknown): Promise<Answer> {
    const answer = await this.call(
      what,
      body === undefined
        ? {}
        : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } },
    );
    return (await answer.json()) as Answer;
  }

  private async call(what: string, given: RequestInit): Promise<Response> {
    const headers = new Headers(given.headers);
    if (this.token !== null) headers.set("Authorization", `Bearer ${this.token}`);
    const signal = given.signal ?? AbortSignal.timeout(30_000);
    const answer = await fetch(`${this.address}/${what}`, { ...given, headers, signal, credentials: "omit" });
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => ({}))) as { detail?: string; errors?: { message: string }[] };
    const why = problem.errors?.[0]?.message ?? problem.detail ?? answer.statusText;
    throw new Refused(answer.status, why, Number(answer.headers.get("Retry-After") ?? 0));
  }
}
