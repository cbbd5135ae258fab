/** Whether there is no text: null, absent, or nothing but white space, as in `'  '`. */
export const isBlank = (text: string | null | undefined): boolean => text == null || text.trim() === '';

/** A given text, where a blank one means that there is none: `'  '` -> null, `' Paris'` -> `' Paris'`. */
export const textOrNull = (text: string | null): string | null => (isBlank(text) ? null : text);
