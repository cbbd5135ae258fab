import { NUMBER_LENGTH_MAX } from '../../../billing/usage/exact-number.ts';

/**
 * SQL for the number that a property of an event holds, null when it is none (spec, usage 1.3). The same rule for
 * events as they arrive, as they are rolled up again, as they are read and as they are audited.
 *
 * A JSON number counts however it was written: jsonb holds it as numeric, whose text has no exponent. A text counts in
 * that plain form only: it is tested by a regular expression, not parsed, so `1e3`, `+5`, `.5` and the empty text are
 * none. Digits are spelled out: `\d` also means those of other scripts, which numeric does not read.
 *
 * @param text SQL for the property as a text, `event.properties ->> metric.field_name`.
 */
export const numericValue = (text: string): string =>
  `case when length(${text}) <= ${NUMBER_LENGTH_MAX} and ${text} ~ '^-?[0-9]+(\\.[0-9]+)?$'
        then (${text})::numeric end`;
