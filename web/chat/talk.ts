// What was said, and what waits to be said: nothing is lost and nothing doubled, whatever the connection does.
import { type Api, Refused } from "./api";
import { newId } from "./ids";
import { keep, keysFrom, recall } from "./kept";
import type { Message, Said, Waiting } from "./types";

const FINAL = new Set([400, 403, 404, 413, 415, 422]);
const LONGEST_PAUSE = 30;

export class Talk {
  private readonly known = new Map<string, Message>();
  private waiting: Waiting[];
  // A key of its own for each message: two tabs write beside each other.
  private readonly start: string;
  private mine = new Set<string>();
  private busy = false;
  private tries = 0;

  constructor(
    private readonly api: Api,
    channel: string,
    private readonly changed: () => void,
    private readonly startAnew: () => Promise<void>,
  ) {
    this.start = `botfolk.${channel}.waiting.`;
    this.waiting = keysFrom(this.start)
      .map((key) => JSON.parse(recall(key) ?? "null") as Waiting | null)
      .filter((each) => each !== null)
      .toSorted((one, other) => one.at.localeCompare(other.at));
    this.mine = new Set(this.waiting.map((each) => this.start + each.said.id));
  }

  get messages(): Message[] {
    return [...this.known.values()].toSorted(
      (one, other) => Date.parse(one.at) - Date.parse(other.at) || one.at.localeCompare(other.at) || one.id.localeCompare(other.id),
    );
  }

  // What has not been taken yet; what has been is among the messages, under the same name.
  get unsent(): Waiting[] {
    const taken = new Set([...this.known.values()].map((message) => message.client_id));
    return this.waiting.filter((each) => !taken.has(each.said.id));
  }

  get last(): string {
    return this.messages.at(-1)?.id ?? "";
  }

  join(messages: Message[]): Message[] {
    const fresh = messages.filter((message) => !this.known.has(message.id));
    for (const message of messages) this.known.set(message.id, message);
    if (fresh.length > 0) this.save();
    return fresh;
  }

  // Somebody else writes here from now on: what was said and what waits is not theirs.
  forget(isSomebodyElse: boolean): void {
    this.known.clear();
    if (isSomebodyElse) this.waiting = [];
    this.save();
  }

  say(said: Omit<Said, "id" | "page">, shown: string): void {
    this.waiting.push({ said: { id: newId(), page: location.href, ...said }, shown, at: new Date().toISOString() });
    this.save();
    void this.send();
  }

  retry(id: string): void {
    const found = this.waiting.find((each) => each.said.id === id);
    if (found !== undefined) delete found.failed;
    this.save();
    void this.send();
  }

  discard(id: string): void {
    this.waiting = this.waiting.filter((each) => each.said.id !== id);
    this.save();
  }

  async send(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) {
        await this.sendOne(next);
      }
    } finally {
      this.busy = false;
    }
  }

  private next(): Waiting | undefined {
    return this.unsent.find((each) => each.failed === undefined);
  }

  private async sendOne(next: Waiting): Promise<void> {
    try {
      const message = await this.api.say(next.said);
      this.tries = 0;
      this.known.set(message.id, message);
      this.save();
    } catch (error) {
      if (error instanceof Refused && FINAL.has(error.status)) {
        next.failed = error.message;
        this.save();
        return;
      }
      this.tries += 1;
      this.changed();
      if (error instanceof Refused && error.status === 401) await this.startAnew();
      const asked = error instanceof Refused ? error.after : 0;
      await pause(Math.max(asked, Math.min(LONGEST_PAUSE, 2 ** Math.min(this.tries, 5) / 2)));
    }
  }

  private save(): void {
    this.waiting = this.unsent;
    const kept = new Map(this.waiting.map((each) => [this.start + each.said.id, JSON.stringify(each)]));
    for (const [key, value] of kept) keep(key, value);
    for (const key of this.mine) if (!kept.has(key)) keep(key, null);
    this.mine = new Set(kept.keys());
    this.changed();
  }
}

// Wait so many seconds, or until the browser says that it has a connection.
async function pause(seconds: number): Promise<void> {
  const over = new AbortController();
  await new Promise<void>((done) => {
    setTimeout(done, seconds * 1000);
    addEventListener("online", () => done(), { signal: over.signal });
  });
  over.abort();
}
