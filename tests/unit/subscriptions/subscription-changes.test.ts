import { describe, expect, test } from '@jest/globals';
import {
  changedTerms,
  type ChangedSubscription,
  type ChangedTerms,
  type SubscriptionChanges,
} from '../../../billing/subscriptions/subscription-changes.ts';

const at = (day: string): Date => new Date(`2026-${day}T12:00:00Z`);
const NOTHING = { creditNote: null, invoice: null };

const running: ChangedSubscription = {
  status: 'active',
  subscriptionAt: at('01-01'),
  endingAt: at('06-01'),
  purchaseOrderNumber: 'PO-1',
};
const pending: ChangedSubscription = { ...running, status: 'pending' };
const ended: ChangedSubscription = { ...running, status: 'terminated' };

const changed = (
  subscription: ChangedSubscription,
  changes: Partial<SubscriptionChanges>,
  payInAdvance = false,
): ChangedTerms =>
  changedTerms(
    subscription,
    { termination: NOTHING, ...changes },
    { plan: { payInAdvance }, timeZone: 'UTC', now: at('01-15') },
  );

describe('what a change of a subscription comes to (spec, subscriptions-and-invoices 2.7)', () => {
  test.each<[string, ChangedSubscription, Partial<SubscriptionChanges>, ChangedTerms]>([
    ['nothing', running, {}, {}],
    ['settings', running, { name: 'Two', consolidateInvoice: false }, { name: 'Two', consolidateInvoice: false }],
    ['the start of one that runs stays', running, { subscriptionAt: at('02-01') }, {}],
    ['the start of one that waits moves', pending, { subscriptionAt: at('02-01') }, { subscriptionAt: at('02-01') }],
    ['the same start is no change', pending, { subscriptionAt: at('01-01') }, {}],
    [
      'the start of the next plan stays',
      { ...pending, previousSubscriptionId: 'before' },
      { subscriptionAt: at('02-01') },
      {},
    ],
    ['an end', running, { endingAt: at('07-01') }, { endingAt: at('07-01'), endingSetAt: at('01-15') }],
    ['the same end is no change', running, { endingAt: at('06-01') }, {}],
    ['no end', running, { endingAt: null }, { endingAt: null, endingSetAt: null }],
    ['a number', running, { purchaseOrderNumber: 'PO-2' }, { purchaseOrderNumber: 'PO-2' }],
    ['no number', running, { purchaseOrderNumber: null }, { purchaseOrderNumber: null }],
    ['the same number of one that has ended', ended, { purchaseOrderNumber: 'PO-1' }, {}],
    [
      'an invoice at the end',
      running,
      { termination: { creditNote: 'refund', invoice: 'skip' } },
      { onTerminationInvoice: 'skip' },
    ],
    ['what happened at the end stays', ended, { termination: { creditNote: 'refund', invoice: 'skip' } }, {}],
  ])('%s', (_case, subscription, changes, expected) => {
    expect(changed(subscription, changes)).toEqual(expected);
  });

  test('a credit note is for plans in advance', () => {
    const termination = { creditNote: 'refund', invoice: null };
    expect(changed(running, { termination }, true)).toEqual({ onTerminationCreditNote: 'refund' });
  });

  test.each<[string, ChangedSubscription, Partial<SubscriptionChanges>, string]>([
    ['an end that is today', running, { endingAt: at('01-15') }, 'ending_at'],
    ['a start behind the end that stays', pending, { subscriptionAt: at('06-01') }, 'ending_at'],
    ['a start behind the end that comes', pending, { subscriptionAt: at('02-01'), endingAt: at('02-01') }, 'ending_at'],
    [
      'another number of one that has ended',
      ended,
      { purchaseOrderNumber: null },
      'purchase_order_number_not_editable',
    ],
    ['an unknown credit note', ended, { termination: { creditNote: 'gift', invoice: null } }, 'on_termination_credit'],
    ['an unknown invoice', ended, { termination: { creditNote: null, invoice: 'later' } }, 'on_termination_invoice'],
  ])('refused: %s', (_case, subscription, changes, code) => {
    expect(() => changed(subscription, changes)).toThrow(code);
  });
});
