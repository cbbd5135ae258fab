import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { ProviderAnswer } from '../../../billing/taxes/provider-answer.ts';
import { providerStep, type ProviderTaxedInvoice } from '../../../billing/taxes/provider-step.ts';
import { exampleFee } from './example-taxes.ts';

const NOW = new Date('2026-03-01T10:00:00Z');
const FEE = { feeId: 'one', ...exampleFee(1000) };
const ANSWER: ProviderAnswer = {
  kind: 'taxes',
  fees: [
    {
      feeId: 'one',
      taxAmountCents: 200n,
      breakdown: [{ name: 'VAT', rate: new Decimal('0.2'), taxAmountCents: 200n, type: 'tax' }],
    },
  ],
};
const error = (message: string): ProviderAnswer => ({ kind: 'error', code: 'taxDateTooFarInFuture', message });

const step = (invoice: Partial<ProviderTaxedInvoice>) =>
  providerStep({ status: 'pending', fees: [FEE], answer: null, failure: null, ...invoice }, NOW);

describe('an invoice that an external provider taxes (spec, money 1.8; subscriptions-and-invoices 6.7)', () => {
  test.each(['draft', 'pending'] as const)('is asked about while it is %s and nothing is known', (status) => {
    expect(step({ status })).toEqual({ kind: 'ask' });
  });

  test('has the taxes of the answer, by fee', () => {
    const answered = step({ answer: ANSWER });
    expect(answered).toMatchObject({ kind: 'tax' });
    expect(answered.kind === 'tax' && answered.taxes.get('one')?.taxesAmountCents).toBe(200n);
  });

  test('fails by an error, and waits for a person', () => {
    expect(step({ answer: error('too far') })).toEqual({ kind: 'fail', error: error('too far'), retryAt: null });
    expect(step({ status: 'failed', failure: { message: 'too far', at: NOW } })).toEqual({ kind: 'end' });
    expect(step({ status: 'failed' })).toEqual({ kind: 'end' });
  });

  test('fails by an answer that says nothing of a fee', () => {
    expect(step({ answer: { kind: 'taxes', fees: [] } })).toMatchObject({
      kind: 'fail',
      error: { code: 'unusable_answer', message: 'the answer lacks fee one' },
    });
  });

  test('is asked about again a quarter of an hour after a provider that had no room', () => {
    const until = new Date('2026-03-01T10:15:00Z');
    const message = 'API limit reached, try later';
    expect(step({ answer: error(message) })).toMatchObject({ kind: 'fail', retryAt: until });
    expect(step({ status: 'failed', failure: { message, at: NOW } })).toEqual({ kind: 'wait', until });
    const at = new Date('2026-03-01T09:45:00Z');
    expect(step({ status: 'failed', failure: { message, at } })).toEqual({ kind: 'ask' });
    // A draft is asked about whenever it is made anew.
    expect(step({ status: 'draft', answer: error(message) })).toMatchObject({ kind: 'fail', retryAt: null });
  });
});
