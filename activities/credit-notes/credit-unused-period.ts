import type { EntityManager } from '@mikro-orm/postgresql';
import { planRule } from '../../billing/calendar/subscription-terms.ts';
import { terminationNote } from '../../billing/credit-notes/termination-note.ts';
import { unusedDays } from '../../billing/credit-notes/unused-period.ts';
import { notAllowed } from '../../billing/refusal.ts';
import type { SubscriptionChain } from '../../billing/subscriptions/subscription-chain.ts';
import type { TerminationCreditNote } from '../../billing/subscriptions/termination-options.ts';
import { serviceTermsOf, trialEndOf } from '../../billing/subscriptions/terms-of.ts';
import type { Plan } from '../../db/entities/plans/plan.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import type { LastSubscriptionFee } from '../../db/queries/credit-notes/own-fees.ts';
import { lockInvoiceRow } from '../../db/queries/invoices/draft-row.ts';
import { findInvoice } from '../../db/queries/invoices/find-invoice.ts';
import { awaitsTaxes } from '../../db/queries/taxes/waiting-invoice.ts';
import { loadCreditedInvoice } from './load-credited-invoice.ts';
import { saveCreditNote } from './save-credit-note.ts';

/** The end of a subscription. */
export interface EndOfService {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly chain: SubscriptionChain;
  /** The customer's. */
  readonly timeZone: string;
  /** When service ends. */
  readonly at: Date;
  /** The organization's clock. */
  readonly now: Date;
}

/** The end of a subscription whose plan is in advance. */
export interface EndedInAdvance extends EndOfService {
  readonly option: TerminationCreditNote;
  /** Whether it ends for a dearer plan, which bills the day of the end. */
  readonly isUpgrade: boolean;
  /**
   * Whose invoice waits for its taxes is refused to a request; else the note is made once they are known
   * (`save-taxed-invoice.ts`).
   */
  readonly whenTaxesArePending: 'refuse' | 'later';
}

/**
 * Credits what a subscription has paid in advance and does not use, in the transaction that ends it and under the
 * customer's lock (spec, subscriptions-and-invoices 2.11, 5.5; money 3.11). A period that was never billed is not
 * credited; the note of a draft is a draft.
 *
 * @param last its newest fee.
 * @returns the id of the note; null: there is nothing to credit.
 * @throws Refusal 405 `cannot_terminate_with_pending_taxes`.
 */
export async function creditUnusedPeriod(
  em: EntityManager,
  { subscription, plan, chain, timeZone, at, now, option, isUpgrade, whenTaxesArePending }: EndedInAdvance,
  last: LastSubscriptionFee | null,
): Promise<string | null> {
  const { startedAt, organizationId, id: terminatedSubscriptionId } = subscription;
  if (option === 'skip' || last === null || startedAt == null || !isWithin(at, last.window)) return null;
  // Nobody pays an invoice that was voided, or a draft that was deleted.
  if (last.amountCents === 0n || ['voided', 'deleted'].includes(last.invoice.status)) return null;
  if (awaitsTaxes(last.invoice)) {
    if (whenTaxesArePending === 'refuse') throw notAllowed('cannot_terminate_with_pending_taxes');
    // The note of a draft is made anew with it.
    if (last.invoice.status !== 'draft') return null;
  }
  const days = unusedDays({
    rule: planRule(serviceTermsOf(subscription, plan), timeZone),
    timeZone,
    startedAt,
    endedAt: at,
    planAmountCents: last.planAmountCents,
    trialEnd: trialEndOf(subscription, plan, chain),
    isUpgrade,
  });
  if (days.unusedDays === 0) return null;
  await lockInvoiceRow(em, last.invoice.id);
  const invoice = await findInvoice(em, last.invoice.id);
  const credited = await loadCreditedInvoice(em, invoice);
  const drawn = terminationNote(credited, { ...days, feeId: last.feeId, option });
  if (drawn === null) return null;
  return saveCreditNote(
    em,
    { organizationId, now },
    {
      invoice,
      credited,
      drawn,
      timeZone,
      reason: 'order_cancellation',
      description: null,
      metadata: null,
      terminatedSubscriptionId,
    },
  );
}

const isWithin = (at: Date, { from, to }: LastSubscriptionFee['window']): boolean => at >= from && at <= to;
