// Server-sent events out of text as it comes: https://html.spec.whatwg.org/multipage/server-sent-events.html
// Read by hand, since a browser's EventSource can send no token but in its address, and does not see a dead connection.

export interface Event {
  name: string;
  data: string;
}

export class Events {
  private rest = "";
  private name = "message";
  private data: string[] = [];

  constructor(private readonly heard: (event: Event) => void) {}

  take(text: string): void {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    if (line === "") {
      if (this.data.length > 0) this.heard({ name: this.name, data: this.data.join("\n") });
      this.name = "message";
      this.data = [];
      return;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") this.name = value;
    if (field === "data") this.data.push(value);
  }
}
