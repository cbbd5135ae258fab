import { describe, expect, test } from '@jest/globals';
import type { EuTaxFacts } from '../../../billing/taxes/resolve-eu-tax.ts';
import { viesError, type ViesAnswer } from '../../../billing/taxes/vies-answer.ts';
import { viesStep, type PendingCheck } from '../../../billing/taxes/vies-check.ts';

const NOW = new Date('2024-03-01T10:00:00Z');
const FACTS: EuTaxFacts = {
  customer: { country: 'IT', zipcode: '00146', taxIdentificationNumber: 'IT10000000001' },
  billingEntityCountry: 'FR',
};
const FRESH: PendingCheck = {
  taxIdentificationNumber: 'IT10000000001',
  attempts: 0,
  nextAttemptAt: null,
  answer: null,
};
const VALID: ViesAnswer = {
  kind: 'valid',
  countryCode: 'IT',
  vatNumber: '10000000001',
  requestDate: null,
  name: null,
  address: null,
  consultationNumber: null,
};

const step = (change: Partial<PendingCheck>) => viesStep({ ...FRESH, ...change }, FACTS, NOW);

describe('the next step of a check (spec, money 1.7)', () => {
  test('a new one is asked for, and so is one whose moment has come', () => {
    expect(step({})).toEqual({ kind: 'ask' });
    expect(step({ attempts: 3, nextAttemptAt: NOW })).toEqual({ kind: 'ask' });
  });

  test('one whose moment is a later one waits', () => {
    const until = new Date('2024-03-01T10:00:00.001Z');
    expect(step({ attempts: 3, nextAttemptAt: until })).toEqual({ kind: 'wait', until });
  });

  test.each([
    [0, '2024-03-01T10:05:00Z'],
    [1, '2024-03-01T10:05:00Z'],
    [4, '2024-03-01T10:40:00Z'],
    [5, '2024-03-01T11:00:00Z'],
    [50, '2024-03-01T11:00:00Z'],
  ])('after %i failed tries another one leads to the next at %s', (attempts, until) => {
    const error = viesError('timeout', 'late');
    expect(step({ attempts, answer: error })).toEqual({
      kind: 'retry',
      error,
      attempts: attempts + 1,
      until: new Date(until),
    });
  });

  test('an answer decides on the tax', () => {
    expect(step({ answer: VALID })).toEqual({ kind: 'apply', code: 'lago_eu_reverse_charge', answer: VALID });
    const unknown = { kind: 'invalid', validFormat: true } as const;
    expect(step({ answer: unknown })).toEqual({ kind: 'apply', code: 'lago_eu_it_standard', answer: unknown });
  });

  test('a badly formed number is answered without a question (S064)', () => {
    expect(step({ taxIdentificationNumber: 'IT123' })).toEqual({
      kind: 'apply',
      code: 'lago_eu_it_standard',
      answer: { kind: 'invalid', validFormat: false },
    });
  });
});
