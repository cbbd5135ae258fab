export type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Only the attributes that a request has: what is absent changes nothing, null is a value like others. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
