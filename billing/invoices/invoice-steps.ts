import type { InvoiceFee } from '../fees/fee.ts';
import { ZERO, type Decimal } from '../money/decimal.ts';
import type { InvoiceAppliedTax } from '../taxes/tax.ts';
import type { InvoiceFacts } from './invoice-facts.ts';
import { NO_CREDITS, type InvoiceCredits } from './totals.ts';

/** An invoice between two steps: its lines, and what is added to or taken from them. */
export interface InvoiceInMaking {
  /** A step may change them: coupons are spread over fees, and each fee has its taxes. */
  readonly fees: readonly InvoiceFee[];
  readonly credits: InvoiceCredits;
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
  /** Percent. */
  readonly taxesRate: Decimal;
  /** What has to be known before the next step can be taken; null: nothing. */
  readonly awaits: 'taxes' | null;
}

/** Answers the invoice as the next step finds it. */
export type InvoiceStep = (invoice: InvoiceInMaking, facts: InvoiceFacts) => InvoiceInMaking;

/**
 * Takes the steps one after the other, as far as they go: one that waits for an answer from outside is the last (spec,
 * subscriptions-and-invoices 6.7; money 1.7).
 */
export function takeSteps(steps: readonly InvoiceStep[], facts: InvoiceFacts): InvoiceInMaking {
  let invoice: InvoiceInMaking = { fees: [], credits: NO_CREDITS, appliedTaxes: [], taxesRate: ZERO, awaits: null };
  for (const step of steps) {
    invoice = step(invoice, facts);
    if (invoice.awaits !== null) break;
  }
  return invoice;
}
