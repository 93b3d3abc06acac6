// Hear what is said: by a stream, or where none comes through, by asking again and again.
import type { Api } from "./api";
import type { Talk } from "./talk";
import type { Message } from "./types";

const HELLO_WITHIN = 5_000;
const ASK_EVERY = 3_000;
const ASK_EVERY_HIDDEN = 10_000;
const STREAM_AGAIN = 60_000;
const MOST_BREAKS = 3;

export interface Hearing {
  said(messages: Message[]): void;
  typing(name: string, seconds: number): void;
  online(is: boolean): void;
}

export class Listener {
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private breaks: number[] = [];
  private asking = false;

  constructor(
    private readonly api: Api,
    private readonly talk: Talk,
    private readonly hearing: Hearing,
  ) {}

  start(): void {
    this.stop();
    this.asking = false;
    const source = this.api.stream(this.talk.last);
    this.source = source;
    this.timer = setTimeout(() => this.ask(), HELLO_WITHIN);
    source.addEventListener("hello", () => {
      clearTimeout(this.timer);
      this.hearing.online(true);
    });
    source.addEventListener("message", (event: MessageEvent<string>) => {
      this.hearing.said([JSON.parse(event.data) as Message]);
    });
    source.addEventListener("typing", (event: MessageEvent<string>) => {
      const told = JSON.parse(event.data) as { name: string; seconds: number };
      this.hearing.typing(told.name, told.seconds);
    });
    source.addEventListener("error", () => this.broke(source));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  private broke(source: EventSource): void {
    const now = Date.now();
    this.breaks = [...this.breaks.filter((at) => now - at < STREAM_AGAIN), now];
    this.hearing.online(false);
    if (this.breaks.length >= MOST_BREAKS || source.readyState === EventSource.CLOSED) this.ask();
  }

  private ask(): void {
    if (this.asking) return;
    this.stop();
    this.asking = true;
    const since = Date.now();
    const again = async (): Promise<void> => {
      try {
        this.hearing.said((await this.api.newest()).messages);
        this.hearing.online(true);
      } catch {
        this.hearing.online(false);
      }
      if (!this.asking) return;
      if (Date.now() - since > STREAM_AGAIN) {
        this.breaks = [];
        this.start();
        return;
      }
      this.timer = setTimeout(() => void again(), document.hidden ? ASK_EVERY_HIDDEN : ASK_EVERY);
    };
    void again();
  }
}
