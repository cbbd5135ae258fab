import type { InvoicedSubscriptionFacts, InvoiceFacts } from '../invoices/invoice-facts.ts';
import { centsToNumber } from '../money/cents.ts';
import type { GeneratedFee } from './fee.ts';
import { subscriptionFee } from './subscription-fee.ts';

/**
 * The subscription fee of an invoice as a line of it: none, or one.
 *
 * Plan "Pro" of 31.00 a month, from 15 January on: one fee named "Pro" of 1700 cents (17 of 31 days).
 */
export function generateSubscriptionFee(
  subscription: InvoicedSubscriptionFacts,
  { billingInstant, currency, timeZone }: InvoiceFacts,
): readonly GeneratedFee[] {
  const { plan, subscriptionId, windows } = subscription;
  const { from, to } = windows;
  if (from === null || to === null) return [];
  const fee = subscriptionFee({ ...subscription, billingInstant, currency, timeZone, window: { from, to } });
  if (fee === null) return [];
  const { planAmountCents, ...amounts } = fee;
  return [
    {
      source: { kind: 'subscription', subscriptionId, fromDatetime: from, toDatetime: to },
      invoiceDisplayName: plan.invoiceDisplayName ?? plan.name,
      ...amounts,
      amountDetails: { plan_amount_cents: centsToNumber(planAmountCents) },
    },
  ];
}
