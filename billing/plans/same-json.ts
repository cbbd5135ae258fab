/**
 * Whether two JSON values say the same; the order of an object's keys means nothing: `{"a":1,"b":2}` is
 * `{"b":2,"a":1}`.
 */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [keys, otherKeys] = [Object.keys(one), Object.keys(other)];
  const valueOf = (object: object, key: string): unknown => (object as Readonly<Record<string, unknown>>)[key];
  return (
    keys.length === otherKeys.length &&
    keys.every((key) => Object.hasOwn(other, key) && isSameJson(valueOf(one, key), valueOf(other, key)))
  );
}
