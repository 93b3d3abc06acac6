// Keeps times true while a page stays open: "5 min ago", and the countdown of a pause, the clock of a user.

const LENGTHS = [86_400, 3600, 60];

/** As `relative` of botfolk/pages/formats.py; undefined when a moment is shown by its day. */
export function relative(seconds: number, words: { now: string; ago: string; units: string[] }): string | undefined {
  if (seconds < 60) return words.now;
  if (seconds >= 7 * 86_400) return undefined;
  const at = LENGTHS.findIndex((length) => seconds >= length);
  return words.ago.replace("%s", `${Math.floor(seconds / (LENGTHS[at] ?? 60))} ${words.units[at] ?? ""}`);
}

/** "9:05", "1:02:30", "2 d 3:00:00". */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = hours || days ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  return days ? `${days} d ${clock}` : clock;
}

/** "3 h 12 min", as `length` of botfolk/pages/formats.py: the two largest units. */
export function words(seconds: number, units: string[]): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [at, length] of [...LENGTHS, 1].entries()) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count) parts.push(`${count} ${units[at] ?? ""}`);
    else if (parts.length) break;
    if (parts.length === 2) break;
  }
  return parts.length ? parts.join(" ") : `0 ${units[LENGTHS.length] ?? ""}`;
}

/** The member's clock may be wrong: what the server's clock showed when the page was made corrects it. */
let ahead = 0;

function now(): number {
  return Date.now() - ahead;
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function tick(ended: () => void): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-until]")) {
    const left = (Date.parse(element.dataset.until ?? "") - now()) / 1000;
    const units = (document.documentElement.dataset.units ?? "").split(" ");
    write(element, "words" in element.dataset ? words(left, units) : countdown(left));
    if (left <= 0 && !element.dataset.ended) {
      element.dataset.ended = "yes";
      ended();
    }
  }
}

function age(): void {
  const { now: justNow = "", ago = "", units = "" } = document.documentElement.dataset;
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-age]")) {
    const seconds = (now() - Date.parse(element.dateTime)) / 1000;
    const text = seconds >= -60 ? relative(seconds, { now: justNow, ago, units: units.split(" ") }) : undefined;
    if (text !== undefined) write(element, text);
  }
}

/** The clock in a user's timezone: "Tue 14:05", as `local_time` of botfolk/pages/formats.py. */
function clocks(): void {
  const { locale } = document.documentElement.dataset;
  const day = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: "UTC" });
  for (const element of document.querySelectorAll<HTMLElement>("[data-clock]")) {
    const there = new Date(now() + Number(element.dataset.clock) * 60_000);
    write(element, `${day.format(there)} ${time.format(there)}`);
  }
}

/** Start all; `ended` is called when a countdown reaches zero. */
export function times(ended: () => void): void {
  const server = Date.parse(document.documentElement.dataset.time ?? "");
  // A page restored from the history is old: only a small difference can be the clock's.
  if (!Number.isNaN(server)) ahead = Math.abs(Date.now() - server) > 2000 ? Date.now() - server : 0;
  tick(ended);
  window.setInterval(() => tick(ended), 500);
  window.setInterval(age, 20_000);
  window.setInterval(clocks, 5000);
}
