import { describe, expect, test } from '@jest/globals';
import { parseLocalDate } from '../../../billing/calendar/local-date.ts';
import {
  defaultNumberPrefix,
  draftNumber,
  invoiceNumber,
  nextEntitySequence,
} from '../../../billing/invoices/invoice-number.ts';
import { PREFIX_LENGTH, storedPrefix } from '../../../billing/organizations/number-prefix.ts';

describe('invoice numbers', () => {
  // Spec, subscriptions-and-invoices 6.5.
  test.each([
    [1, 3, 'ORG-1-001-003'],
    [12, 345, 'ORG-1-012-345'],
    [1000, 1234, 'ORG-1-1000-1234'],
  ])('per customer: customer %d, invoice %d', (customerSequence, sequentialId, number) => {
    expect(invoiceNumber('ORG-1', { numbering: 'per_customer', customerSequence, sequentialId })).toBe(number);
  });

  test.each([
    ['2023-10-19', 10, 'BENT-11-202310-010'],
    ['2024-01-01', 1000, 'BENT-11-202401-1000'],
  ])('per billing entity: on %s the %dth', (date, entitySequence, number) => {
    const day = parseLocalDate(date);
    expect(invoiceNumber('BENT-11', { numbering: 'per_billing_entity', day, entitySequence })).toBe(number);
  });

  test('a draft has none yet', () => {
    expect(draftNumber('ORG-1')).toBe('ORG-1-DRAFT');
  });
});

describe('the sequence of a billing entity', () => {
  test('it goes on from the invoice finalized last', () => {
    expect(nextEntitySequence(12, 40)).toBe(13);
  });

  test('after a switch it goes on from the count', () => {
    // Nine invoices numbered per customer, then 10, 11, 12; three and one more per customer, then 17, 18, 19.
    expect(nextEntitySequence(null, 9)).toBe(10);
    expect(nextEntitySequence(null, 16)).toBe(17);
    expect(nextEntitySequence(null, 0)).toBe(1);
  });
});

describe('prefixes', () => {
  const id = '1a901a90-1a90-1a90-1a90-1a901a90f3bc';

  test.each([
    ['Hooli', 'HOO-F3BC'],
    ['ab', 'AB-F3BC'],
    ['A & B Ltd', 'ABL-F3BC'],
    ['3M', '3M-F3BC'],
    ['Élan', 'ÉLA-F3BC'],
    ['ßß', 'SSS-F3BC'],
    ['!!!', 'F3BC'],
    ['', 'F3BC'],
  ])('the default of %p is %s', (name, prefix) => {
    expect(defaultNumberPrefix(name, id, new Set())).toBe(prefix);
    expect(storedPrefix(prefix)).toBe(prefix);
    expect(prefix.length).toBeLessThanOrEqual(PREFIX_LENGTH);
  });

  test('the default is none that is taken, and no longer than a prefix may be', () => {
    const taken = new Set<string>();
    for (let count = 0; count < 120; count++) taken.add(defaultNumberPrefix('Hooli', id, taken));
    expect(taken.size).toBe(120);
    expect([...taken].slice(0, 5)).toEqual(['HOO-F3BC', 'HOO-0F3BC', 'HOO-90F3BC', 'HOO-1', 'HOO-2']);
    expect([...taken].filter((prefix) => storedPrefix(prefix) !== prefix || prefix.length > PREFIX_LENGTH)).toEqual([]);
  });

  test.each([
    ['org-1', 'ORG-1'],
    [' x ', 'X'],
    ['ß-1', 'SS-1'],
  ])('%p is stored as %p', (text, prefix) => {
    expect(storedPrefix(text)).toBe(prefix);
  });
});
