// What the browser keeps between visits. A page may forbid its storage: then this visit is all there is.

export function recall(key: string, from: () => Storage = () => localStorage): string | null {
  try {
    return from().getItem(key);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string | null, where: () => Storage = () => localStorage): void {
  try {
    if (value === null) where().removeItem(key);
    else where().setItem(key, value);
  } catch {
    // see above
  }
}

export function keysFrom(start: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(start));
  } catch {
    return [];
  }
}
