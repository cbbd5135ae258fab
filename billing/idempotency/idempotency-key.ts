/**
 * Named values that together make an act unique. Text and whole numbers only: a number is its decimal digits, so that
 * `5n` and `'5'` are one value.
 */
export type Facts = Readonly<Record<string, string | bigint>>;

/**
 * The version of the encoding, part of each key. Never change what `v1` means: the records of all acts so far would
 * protect nothing any more (spec, behaviours S002).
 */
const FORMAT = 'v1';

/**
 * The key of an act: SHA-256 of the format's version, the act's name, its organization and its facts. The order of the
 * facts does not matter. Every text carries its length, so that nothing can move from one value to the next.
 *
 * @returns 32 bytes.
 * @throws RangeError for a text with half a surrogate pair, which UTF-8 cannot tell from others.
 */
export async function idempotencyKey(act: string, organizationId: string, facts: Facts): Promise<Uint8Array> {
  const sorted = Object.entries(facts).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const texts = [FORMAT, act, organizationId, ...sorted.flatMap(([name, value]) => [name, String(value)])];
  return new Uint8Array(await crypto.subtle.digest('SHA-256', lengthPrefixed(texts)));
}

/**
 * Texts as bytes that no other list of texts gives: each as its length in four bytes, big end first, and its UTF-8.
 *
 * @throws RangeError for a text with half a surrogate pair.
 */
export function lengthPrefixed(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const parts = texts.map((text) => {
    if (!text.isWellFormed()) throw new RangeError('a fact holds half a surrogate pair');
    return encoder.encode(text);
  });
  const bytes = new Uint8Array(parts.reduce((length, part) => length + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}
