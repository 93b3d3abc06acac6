// The lines of the conversation. What is as it was stays in place: a screen reader reads only what is new, a picture does
// not load again, and what somebody fills in is not taken away.

export interface Line {
  key: string;
  element: HTMLElement;
}

export class Lines {
  private shown = new Map<string, HTMLElement>();

  constructor(private readonly log: HTMLElement) {}

  update(lines: Line[]): void {
    const next = new Map<string, HTMLElement>();
    let place = this.log.firstElementChild;
    for (const { key, element } of lines) {
      const before = this.shown.get(key);
      const stays = before !== undefined && (before.isEqualNode(element) || isBeingFilled(before, element));
      const line = stays ? before : element;
      next.set(key, line);
      if (line === place) {
        place = place.nextElementSibling;
      } else if (before !== undefined && before === place) {
        place = place.nextElementSibling;
        before.replaceWith(line);
      } else {
        this.log.insertBefore(line, place);
      }
    }
    const stay = new Set(next.values());
    for (const old of this.shown.values()) {
      if (!stay.has(old)) old.remove();
    }
    this.shown = next;
  }

  find(key: string): HTMLElement | undefined {
    return this.shown.get(key);
  }
}

function isBeingFilled(before: HTMLElement, now: HTMLElement): boolean {
  return before.querySelector(".ask") !== null && now.querySelector(".buttons") !== null;
}
