import type { PlainDate } from '../calendar/local-date.ts';

/** `document_numbering` of a billing entity. */
export type DocumentNumbering = 'per_customer' | 'per_billing_entity';

/** What a number is made of besides the prefix. */
export type NumberParts =
  | {
      readonly numbering: 'per_customer';
      /** The customer's own sequence in the organization. */
      readonly customerSequence: number;
      /** The invoice's `sequential_id` for this customer and entity. */
      readonly sequentialId: number;
    }
  | {
      readonly numbering: 'per_billing_entity';
      /** The day on which the number is given, in the entity's zone. */
      readonly day: PlainDate;
      readonly entitySequence: number;
    };

const MIN_DIGITS = 3;

/**
 * The number of a finalized invoice: `PREFIX-CCC-SSS` or `PREFIX-YYYYMM-NNN` (spec, subscriptions-and-invoices 6.5).
 */
export function invoiceNumber(prefix: string, parts: NumberParts): string {
  switch (parts.numbering) {
    case 'per_customer':
      return [prefix, padded(parts.customerSequence), padded(parts.sequentialId)].join('-');
    case 'per_billing_entity':
      return [prefix, yearAndMonth(parts.day), padded(parts.entitySequence)].join('-');
    default:
      return parts satisfies never;
  }
}

/** What stands in for the number until there is one. */
export function draftNumber(prefix: string): string {
  return `${prefix}-DRAFT`;
}

/**
 * The next sequence of an entity that numbers its own invoices: it goes on from the invoice finalized last; if that one
 * has no sequence, because the entity has just switched, from the count of all so far (spec, subscriptions-and-invoices
 * 6.5).
 * @param lastSequence of the entity's invoice finalized last, not self-billed; null: it has none
 * @param invoiceCount the entity's finalized and voided invoices, without self-billed ones
 */
export function nextEntitySequence(lastSequence: number | null, invoiceCount: number): number {
  return (lastSequence ?? invoiceCount) + 1;
}

/**
 * The prefix of an entity that was given none: the first three letters or digits of its name and the last four
 * characters of its id, in upper case. Of an entity that would share it with another issuer: more characters of its id,
 * then a count, since two issuers never give one number.
 *
 * @param taken the prefixes of the organization's other entities
 */
export function defaultNumberPrefix(entityName: string, entityId: string, taken: ReadonlySet<string>): string {
  const letters = (entityName.toUpperCase().match(/[\p{L}\p{N}]/gu) ?? []).slice(0, 3).join('');
  const id = entityId.replaceAll('-', '').toUpperCase();
  const withTail = (tail: string): string => [letters, tail].filter((part) => part !== '').join('-');
  const tails = [4, 5, 6].map((length) => id.slice(-length));
  const free = tails.map(withTail).find((prefix) => !taken.has(prefix));
  if (free !== undefined) return free;
  // As many counts as there are prefixes taken, and one more: one of them is free.
  const counts = Array.from({ length: taken.size + 1 }, (_, count) => withTail(String(count + 1)));
  return counts.find((prefix) => !taken.has(prefix))!;
}

function padded(sequence: number): string {
  return String(sequence).padStart(MIN_DIGITS, '0');
}

function yearAndMonth(day: PlainDate): string {
  return `${String(day.year).padStart(4, '0')}${String(day.month).padStart(2, '0')}`;
}
