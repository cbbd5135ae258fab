import { setTimeout as delay } from 'node:timers/promises';

/** Looks until a condition holds. @throws Error that names it after `limitMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  { everyMs = 50, limitMs = 300_000 } = {},
): Promise<T> {
  for (const start = performance.now(); performance.now() - start < limitMs;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await delay(everyMs);
  }
  throw new Error(`Waited ${limitMs / 1000} s in vain until ${what}.`);
}
