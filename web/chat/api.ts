// The chat's side of the protocol: one place that talks to the server.
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

export class Api {
  token: string | null;
  readonly address: string;
  private readonly key: string;

  constructor(private readonly options: Options) {
    this.address = `${options.base}/chat/${options.channel}`;
    this.key = `botfolk.${options.channel}`;
    this.token = recall(this.key);
  }

  async start(): Promise<Started> {
    try {
      return await this.tryToStart();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401 || this.token === null) throw error;
      this.token = null;
      return await this.tryToStart();
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

  older(before: string): Promise<{ messages: Message[]; more: boolean }> {
    return this.ask(`messages?before=${encodeURIComponent(before)}`);
  }

  newest(): Promise<{ messages: Message[]; cursor: string }> {
    return this.ask("messages");
  }

  async store(file: File): Promise<ChatFile> {
    const answer = await this.call(`files?name=${encodeURIComponent(file.name)}`, {
      method: "POST",
      body: file,
      headers: { "Content-Type": file.type || "application/octet-stream" },
    });
    return (await answer.json()) as ChatFile;
  }

  stream(last: string): EventSource {
    const asked = new URLSearchParams({ token: this.token ?? "", last });
    return new EventSource(`${this.address}/events?${asked}`);
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
    const signal = AbortSignal.timeout(30_000);
    const answer = await fetch(`${this.address}/${what}`, { ...given, headers, signal, credentials: "omit" });
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => ({}))) as { detail?: string; errors?: { message: string }[] };
    const why = problem.errors?.[0]?.message ?? problem.detail ?? answer.statusText;
    throw new Refused(answer.status, why, Number(answer.headers.get("Retry-After") ?? 0));
  }
}

// A page may forbid its storage: then this visit is all there is.
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // see above
  }
}
