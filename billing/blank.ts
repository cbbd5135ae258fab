/** Whether there is no text: null, absent, or nothing but white space, as in `'  '`. */
export const isBlank = (text: string | null | undefined): boolean => text == null || text.trim() === '';
