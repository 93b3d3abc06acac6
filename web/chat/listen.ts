// Hear what is said: by a stream, and as long as none comes through, by asking again and again.
import { type Api, Refused } from "./api";
import { type Event, Events } from "./events";
import type { Talk } from "./talk";
import type { Message } from "./types";

const HELLO_WITHIN = 5_000;
// The server says something every 15 seconds; a connection that says nothing for this long is dead or held back.
const SILENT_FOR = 40_000;
const ASK_EVERY = 3_000;
const ASK_EVERY_HIDDEN = 20_000;
const STREAM_AGAIN = 60_000;
const QUICK_TRIES = 3;

export interface Hearing {
  said(messages: Message[]): void;
  typing(name: string, seconds: number): void;
  online(is: boolean): void;
  // The server no longer knows who this is.
  unknown(): void;
}

export class Listener {
  private stopped: AbortController | undefined;
  private asking = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly api: Api,
    private readonly talk: Talk,
    private readonly hearing: Hearing,
  ) {}

  start(): void {
    if (this.stopped !== undefined) return;
    document.addEventListener("visibilitychange", this.seen);
    addEventListener("online", this.again);
    this.seen();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.seen);
    removeEventListener("online", this.again);
    this.stopped?.abort();
    this.stopped = undefined;
    this.asking = false;
    this.wake();
  }

  // A browser allows six connections to a server over all its tabs: one that is out of sight asks now and then instead.
  private readonly seen = (): void => {
    this.stopped?.abort();
    this.stopped = new AbortController();
    if (document.hidden) void this.ask(this.stopped.signal);
    else void this.follow(this.stopped.signal);
  };

  private readonly again = (): void => this.wake();

  private async follow(stopped: AbortSignal): Promise<void> {
    let failed = 0;
    while (!stopped.aborted) {
      const heard = await this.stream(stopped);
      if (stopped.aborted) return;
      failed = heard ? 0 : failed + 1;
      if (failed > 0) void this.ask(stopped);
      await this.pause(failed > QUICK_TRIES ? STREAM_AGAIN : 500 * 2 ** failed);
    }
  }

  // Follow one stream to its end, and say whether it came through.
  private async stream(stopped: AbortSignal): Promise<boolean> {
    const ended = new AbortController();
    let patience = setTimeout(() => ended.abort(), HELLO_WITHIN);
    let through = false;
    const events = new Events((event) => {
      if (event.name === "hello") {
        through = true;
        this.asking = false;
        this.hearing.online(true);
      } else {
        this.heard(event);
      }
    });
    try {
      const answer = await this.api.stream(this.talk.last, AbortSignal.any([ended.signal, stopped]));
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
        events.take(part.value);
        if (!through) continue;
        clearTimeout(patience);
        patience = setTimeout(() => ended.abort(), SILENT_FOR);
      }
    } catch {
      // It broke, or never came: the next one tells what was missed.
    } finally {
      clearTimeout(patience);
    }
    return through;
  }

  private heard(event: Event): void {
    if (event.name === "message") this.hearing.said([JSON.parse(event.data) as Message]);
    if (event.name === "typing") {
      const told = JSON.parse(event.data) as { name: string; seconds: number };
      this.hearing.typing(told.name, told.seconds);
    }
  }

  // Ask again and again, until a stream comes through.
  private async ask(stopped: AbortSignal): Promise<void> {
    if (this.asking && !document.hidden) return;
    this.asking = true;
    while (this.asking && !stopped.aborted) {
      try {
        const { messages } = await this.api.since(this.talk.last);
        this.hearing.said(messages);
        this.hearing.online(true);
      } catch (error) {
        this.hearing.online(false);
        if (error instanceof Refused && error.status === 401) this.hearing.unknown();
      }
      await this.pause(document.hidden ? ASK_EVERY_HIDDEN : ASK_EVERY);
    }
    if (stopped.aborted) this.asking = false;
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise<void>((done) => {
      const before = this.wake;
      const timer = setTimeout(done, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        done();
        before();
      };
    });
  }
}
