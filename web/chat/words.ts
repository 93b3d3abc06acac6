// Every text of the chat. A channel or a page may put its own in place of any, for instance another language's.
import english from "./words.json";

export type Word = keyof typeof english;

let words: Record<string, string> = english;

export function speak(...others: (Record<string, string> | undefined)[]): void {
  words = Object.assign({}, english, ...others) as Record<string, string>;
}

export function say(word: Word, values: Record<string, string | number> = {}): string {
  return (words[word] ?? english[word]).replaceAll(/\{(name|count)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
