// What was said, and what waits to be said: nothing is lost and nothing doubled, whatever the connection does.
import { type Api, keep, recall, Refused } from "./api";
import type { Message, Said, Waiting } from "./types";

const FINAL = new Set([400, 403, 404, 413, 415, 422]);
const LONGEST_PAUSE = 30;

export class Talk {
  private readonly known = new Map<string, Message>();
  private waiting: Waiting[];
  private readonly key: string;
  private busy = false;
  private tries = 0;

  constructor(
    private readonly api: Api,
    channel: string,
    private readonly changed: () => void,
  ) {
    this.key = `botfolk.${channel}.waiting`;
    this.waiting = JSON.parse(recall(this.key) ?? "[]") as Waiting[];
  }

  get messages(): Message[] {
    return [...this.known.values()].toSorted((one, other) =>
      one.at === other.at ? one.id.localeCompare(other.id) : one.at.localeCompare(other.at),
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
    if (fresh.length > 0) this.changed();
    return fresh;
  }

  forget(): void {
    this.known.clear();
    this.changed();
  }

  say(said: Omit<Said, "id">, shown: string): void {
    this.waiting.push({ said: { id: crypto.randomUUID(), ...said }, shown, at: new Date().toISOString() });
    this.save();
    void this.send();
  }

  retry(id: string): void {
    const found = this.waiting.find((each) => each.said.id === id);
    if (found !== undefined) delete found.failed;
    this.save();
    void this.send();
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
      this.waiting = this.waiting.filter((each) => each !== next);
      this.known.set(message.id, message);
      this.save();
    } catch (error) {
      if (error instanceof Refused && FINAL.has(error.status)) {
        next.failed = error.message;
        this.save();
        return;
      }
      this.tries += 1;
      const asked = error instanceof Refused ? error.after : 0;
      const pause = Math.max(asked, Math.min(LONGEST_PAUSE, 2 ** Math.min(this.tries, 5) / 2));
      this.changed();
      await new Promise((wake) => {
        setTimeout(wake, pause * 1000);
        addEventListener("online", wake, { once: true });
      });
    }
  }

  private save(): void {
    this.waiting = this.unsent;
    keep(this.key, this.waiting.length > 0 ? JSON.stringify(this.waiting) : null);
    this.changed();
  }
}
