import type { SubscriptionTerms } from '../../../billing/calendar/subscription-terms.ts';
import { subscriptionFee } from '../../../billing/fees/subscription-fee.ts';
import type { SubscriptionFee, SubscriptionFeeFacts } from '../../../billing/fees/subscription-fee.ts';

export interface Story extends Partial<Omit<SubscriptionFeeFacts, 'terms' | 'window'>> {
  readonly terms?: Partial<SubscriptionTerms>;
  readonly at: string;
  /** Inclusive local days in UTC, or an instant where a time of day is given. */
  readonly window: readonly [from: string, to: string];
  readonly amount?: number;
  readonly trial?: string;
}

export const at = (text: string): Date => new Date(text.includes('T') ? text : `${text}T00:00:00Z`);
export const until = (text: string): Date => new Date(text.includes('T') ? text : `${text}T23:59:59.999Z`);

// A monthly calendar plan in arrears of a customer in UTC, created when it started.
export function factsOf({
  terms = {},
  at: billedAt,
  window,
  amount = 100,
  trial,
  ...rest
}: Story): SubscriptionFeeFacts {
  const startedAt = terms.startedAt ?? at(window[0]);
  return {
    terms: {
      interval: 'monthly',
      payInAdvance: false,
      billChargesMonthly: false,
      billFixedChargesMonthly: false,
      hasCharges: false,
      hasFixedCharges: false,
      billingTime: 'calendar',
      subscriptionAt: startedAt,
      startedAt,
      terminatedAt: null,
      status: terms.terminatedAt ? 'terminated' : 'active',
      next: null,
      ...terms,
    },
    timeZone: 'UTC',
    billingInstant: at(billedAt),
    invoicingReason: 'subscription_periodic',
    window: { from: at(window[0]), to: until(window[1]) },
    planAmountCents: BigInt(amount),
    currency: 'EUR',
    trialEnd: trial === undefined ? null : at(trial),
    subscriptionCreatedAt: startedAt,
    previous: null,
    hasOlderFee: false,
    hasFeeOfSameDay: false,
    ...rest,
  };
}

export const feeOf = (story: Story): SubscriptionFee | null => subscriptionFee(factsOf(story));
export const centsOf = (story: Story): bigint | undefined => feeOf(story)?.amountCents;

/** amount x days / length in whole numbers, half rounded up: shares nothing with the code under test. */
export const share = (amount: number, days: number, length: number): bigint =>
  (2n * BigInt(amount) * BigInt(days) + BigInt(length)) / (2n * BigInt(length));

export const ADVANCE = { payInAdvance: true } as const;
export const ANNIVERSARY = { billingTime: 'anniversary' } as const;
