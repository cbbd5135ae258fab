import { isObject } from '../../billing/is-object.ts';
import { z } from 'zod';
import { eventSchema } from '../../shapes/usage/event.ts';
import { Decimal, PRECISE_DIGITS, roundHalfAwayFromZero, ZERO } from '../../billing/money/decimal.ts';
import { ExactNumber, NUMBER_LENGTH_MAX, plainForm } from '../../billing/usage/exact-number.ts';
import { parseEventTime } from '../../billing/usage/event-time.ts';
import { flagFilter, instantFilter, textFilter } from '../http/filters.ts';
import { metaSchema, pageQuery } from '../http/pagination.ts';
import { NAME_LENGTH, optionalText, requiredText, TEXT_LENGTH } from '../http/validation.ts';

/** Events that one batch may hold (spec, usage 2.4). */
export const MAX_BATCH_EVENTS = 100;

const MAX_PROPERTIES = 200;

export const eventTime = z
  .unknown()
  .optional()
  .transform((seconds, context) => {
    if (seconds === undefined || seconds === null) return null;
    const time = parseEventTime(seconds instanceof ExactNumber ? seconds.source : seconds);
    if (typeof time === 'bigint') return time;
    context.addIssue({ code: 'custom', message: time });
    return z.NEVER;
  })
  .meta({
    override: { type: ['number', 'string', 'null'] },
    description: 'Seconds since 1970, fractions allowed, as a number or a text; when the event arrives, unless given.',
    examples: ['1651240791.123'],
  });

const DECIMAL_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Digits before the point that `numeric(40,15)` has. */
const AMOUNT_LIMIT = new Decimal('1e25');

/** Text that is no number counts as 0 (spec, usage 2.2). Undefined: neither a number nor a text. */
function decimalOf(sent: unknown): Decimal | undefined {
  if (typeof sent === 'number') return new Decimal(sent);
  if (sent instanceof ExactNumber) return new Decimal(sent.source);
  if (typeof sent !== 'string') return undefined;
  const text = sent.trim();
  return text.length <= TEXT_LENGTH && DECIMAL_TEXT.test(text) ? new Decimal(text) : ZERO;
}

const isBlank = (sent: unknown): boolean =>
  sent === undefined || sent === null || (typeof sent === 'string' && sent.trim() === '');

const preciseTotalAmountCents = z
  .unknown()
  .optional()
  .transform((sent, context) => {
    if (isBlank(sent)) return null;
    const decimal = decimalOf(sent);
    const amount = decimal && roundHalfAwayFromZero(decimal, PRECISE_DIGITS);
    if (amount?.abs().lt(AMOUNT_LIMIT)) return amount;
    context.addIssue({ code: 'custom', message: amount ? 'value_is_out_of_range' : 'value_is_invalid' });
    return z.NEVER;
  })
  .meta({
    override: { type: ['number', 'string', 'null'] },
    description: 'What the event costs, in cents with up to 15 digits after the point.',
    examples: ['123.45'],
  });

/** Whether no number is of absurd size, at any depth: without its exponent it might be a text of megabytes. */
function hasPlainNumbers(value: unknown): boolean {
  if (typeof value === 'number' || value instanceof ExactNumber) return plainForm(value) !== undefined;
  return typeof value !== 'object' || value === null || Object.values(value).every(hasPlainNumbers);
}

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value : JSON.stringify(value)).length;

const properties = z
  .unknown()
  .optional()
  .transform((sent, context) => {
    const given = sent ?? {};
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (!isObject(given)) return refuse('value_is_invalid');
    const entries = Object.entries(given);
    if (entries.length > MAX_PROPERTIES) return refuse('value_is_out_of_range');
    const fits = entries.every(([key, value]) => key.length <= NAME_LENGTH && lengthOf(value) <= TEXT_LENGTH);
    if (!fits) return refuse('value_is_too_long');
    const absurd = entries.filter(([, value]) => !hasPlainNumbers(value));
    for (const [key] of absurd) context.addIssue({ code: 'custom', message: 'value_is_out_of_range', path: [key] });
    return absurd.length === 0 ? given : z.NEVER;
  })
  .meta({
    override: { type: ['object', 'null'], additionalProperties: true, maxProperties: MAX_PROPERTIES },
    description:
      "What happened; a metric's field is one of these. Kept as sent. A number counts to its last digit, in whatever " +
      `form JSON writes it; without an exponent it may have ${NUMBER_LENGTH_MAX} characters. A text counts as a ` +
      'number in plain form only (`-12.50`).',
    examples: [{ gb: 10 }],
  });

/** An event as it is sent; other attributes are ignored (spec, usage 2.2). */
export const eventInput = z
  .object({
    transaction_id: requiredText().meta({
      description: 'Unique for the subscription: a second event with it is refused.',
      examples: ['transaction_1234567890'],
    }),
    code: requiredText().meta({
      description: "The billable metric's code; not checked on arrival.",
      examples: ['storage'],
    }),
    external_subscription_id: optionalText().meta({
      description: 'Not checked on arrival.',
      examples: ['sub_1234567890'],
    }),
    timestamp: eventTime,
    precise_total_amount_cents: preciseTotalAmountCents,
    properties,
  })
  .meta({ id: 'EventInput' });
export type EventInput = z.output<typeof eventInput>;

/** A batch is checked event by event, because its errors are keyed by index (spec, usage 2.4). */
export const batchInput = z.unknown().meta({
  override: {
    type: 'object',
    required: ['events'],
    properties: {
      events: {
        type: 'array',
        minItems: 1,
        maxItems: MAX_BATCH_EVENTS,
        items: { $ref: '#/components/schemas/EventInput' },
      },
    },
  },
});

export const eventAnswer = z.object({ event: eventSchema });

export const eventsAnswer = z.object({ events: z.array(eventSchema) });

export const eventListAnswer = z.object({ events: z.array(eventSchema), meta: metaSchema });

export const eventListQuery = z.object({
  ...pageQuery,
  code: textFilter(),
  external_subscription_id: textFilter(),
  timestamp_from: instantFilter().meta({ description: 'ISO 8601, inclusive.', examples: ['2026-06-01T00:00:00Z'] }),
  timestamp_to: instantFilter().meta({ description: 'ISO 8601, inclusive.', examples: ['2026-06-30T23:59:59Z'] }),
  timestamp_from_started_at: flagFilter().meta({
    description: '`true`: from the start of the subscription `external_subscription_id`.',
  }),
});
export type EventListQuery = z.output<typeof eventListQuery>;
