/** Characters of a number at most: longer texts are not numbers. Sums of such numbers stay exact. */
const MAX_LENGTH = 50;

/**
 * SQL for the number that a text holds, null when it is none (spec, usage 1.3): a test by regular expression, not a parse, so
 * `1e3`, `+5`, `.5` and the empty text are none. The same rule for events as they arrive, as they are rolled up again and as
 * they are read. Digits are spelled out: `\d` also means those of other scripts, which numeric does not read.
 *
 * @param text SQL for the text, such as `event.properties ->> metric.field_name`.
 */
export const numericValue = (text: string): string =>
  `case when length(${text}) <= ${MAX_LENGTH} and ${text} ~ '^-?[0-9]+(\\.[0-9]+)?$' then (${text})::numeric end`;
