/** Whether a text says nothing: `null`, `''` and `'  '` do not. */
export const isBlank = (text: string | null | undefined): boolean => text == null || text.trim() === '';

/** A given text, where a blank one means that there is none: `'  '` -> null, `' Paris'` -> `' Paris'`. */
export const textOrNull = (text: string | null): string | null => (isBlank(text) ? null : text);
