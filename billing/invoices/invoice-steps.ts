import type { CouponUse } from '../coupons/coupon-use.ts';
import type { NoteUse } from '../credit-notes/use-notes.ts';
import type { InvoiceFee } from '../fees/fee.ts';
import { ZERO, type Decimal } from '../money/decimal.ts';
import type { InvoiceAppliedTax } from '../taxes/tax.ts';
import { isDraft } from './draft-facts.ts';
import type { InvoiceFacts } from './invoice-facts.ts';
import { INVOICE_POLICIES, type InvoicePolicy } from './invoice-policy.ts';
import { NO_CREDITS, type InvoiceCredits } from './totals.ts';

/** An invoice between two steps: its lines, and what is added to or taken from them. */
export interface InvoiceInMaking {
  /** A step may change them: coupons are spread over fees, and each fee has its taxes. */
  readonly fees: readonly InvoiceFee[];
  readonly credits: InvoiceCredits;
  readonly couponUses: readonly CouponUse[];
  readonly noteUses: readonly NoteUse[];
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
  /** Percent. */
  readonly taxesRate: Decimal;
  /** What has to be known before the next step can be taken; null: nothing. */
  readonly awaits: 'taxes' | null;
}

/** One change of an invoice, and which invoices it is for. */
export interface InvoiceStep {
  /** Whether invoices of a type take it. */
  readonly takes: (policy: InvoicePolicy) => boolean;
  /** Whether drafts take it, or it is left until they become final (spec, money 0). */
  readonly onDrafts: boolean;
  /** Answers the invoice as the next step finds it. */
  readonly step: (invoice: InvoiceInMaking, facts: InvoiceFacts) => InvoiceInMaking;
}

const BEGUN: InvoiceInMaking = {
  fees: [],
  credits: NO_CREDITS,
  couponUses: [],
  noteUses: [],
  appliedTaxes: [],
  taxesRate: ZERO,
  awaits: null,
};

/**
 * Takes the steps that an invoice of this type takes, one after the other as far as they go: one that waits for an
 * answer from outside is the last (spec, subscriptions-and-invoices 6.2, 6.7; money 0, 1.7).
 */
export function takeSteps(steps: readonly InvoiceStep[], facts: InvoiceFacts): InvoiceInMaking {
  const policy = INVOICE_POLICIES[facts.invoiceType];
  const isFinal = !isDraft(facts);
  let invoice = BEGUN;
  for (const { takes, onDrafts, step } of steps) {
    if (!takes(policy) || !(isFinal || onDrafts)) continue;
    invoice = step(invoice, facts);
    if (invoice.awaits !== null) break;
  }
  return invoice;
}
