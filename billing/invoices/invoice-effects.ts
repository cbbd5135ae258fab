import type { CouponUse } from '../coupons/coupon-use.ts';
import type { NoteUse } from '../credit-notes/use-notes.ts';
import type { MadeWithTaxes } from '../taxes/made-with.ts';
import { INVOICE_POLICIES, type InvoiceType } from './invoice-policy.ts';
import type { InvoiceStatus } from './invoice-status.ts';

/**
 * What follows from an invoice besides its own rows: whoever saves it brings each about in the same transaction, rows
 * before the number, webhooks after it.
 */
export type InvoiceEffect =
  /** What becomes of the customer's coupons that took something off it, none twice (spec, money 2.6). */
  | { readonly kind: 'coupons'; readonly uses: readonly CouponUse[] }
  /** What is left of the customer's credit notes that paid it, nothing of it twice (spec, money 3.8). */
  | { readonly kind: 'credit_notes'; readonly uses: readonly NoteUse[] }
  /** The act that makes a draft final on its day; until it is stored nobody who changes its taxes finds it. */
  | { readonly kind: 'finalization'; readonly madeWith: MadeWithTaxes }
  /** Fees without invoice that become its lines. */
  | { readonly kind: 'gathered fees'; readonly feeIds: readonly string[] }
  /** The act that asks an external provider for its taxes. */
  | { readonly kind: 'taxation' }
  /** Webhooks that show its fee, which is charged in advance. */
  | { readonly kind: 'fee webhooks' }
  /** Webhooks that show the invoice as it was saved. */
  | { readonly kind: 'webhooks'; readonly types: readonly InvoiceWebhook[] };

export type InvoiceWebhook =
  | 'invoice.drafted'
  | 'invoice.ready_to_finalize'
  | 'invoice.created'
  | 'invoice.one_off_created'
  | 'invoice.paid_credit_added';

/** What the effects of an invoice depend on, besides its type and status. */
export interface EffectFacts {
  /** What coupons take off it now. */
  readonly couponUses: readonly CouponUse[];
  /** What credit notes pay of it now. */
  readonly noteUses: readonly NoteUse[];
  /** Whether it is for one event of a charge in advance. */
  readonly isInstant: boolean;
  readonly isMadeAgain: boolean;
  /** Whether its taxes were not known when it was made last. */
  readonly awaitedTaxes: boolean;
  /** Whether they are not known. */
  readonly awaitsTaxes: boolean;
  /** Whether an external provider has to be asked for them. */
  readonly asksProvider: boolean;
  readonly madeWith: MadeWithTaxes;
}

/**
 * What follows from an invoice that is made, or made again (spec, subscriptions-and-invoices 6.3, 6.6, 14). A draft
 * announces itself once, and that it can be finalized once its taxes are known; nobody hears of one that is closed, or
 * that waits for its taxes.
 *
 * A new draft: its finalization, then `invoice.drafted` and `invoice.ready_to_finalize`; a refreshed one: nothing.
 */
export function invoiceEffects(type: InvoiceType, status: InvoiceStatus, facts: EffectFacts): readonly InvoiceEffect[] {
  const { couponUses, noteUses } = facts;
  return [
    ...(couponUses.length > 0 ? [{ kind: 'coupons', uses: couponUses } as const] : []),
    ...(noteUses.length > 0 ? [{ kind: 'credit_notes', uses: noteUses } as const] : []),
    ...ownEffects(type, status, facts),
  ];
}

function ownEffects(
  type: InvoiceType,
  status: InvoiceStatus,
  { isInstant, isMadeAgain, awaitedTaxes, awaitsTaxes, asksProvider, madeWith }: EffectFacts,
): readonly InvoiceEffect[] {
  const asking: readonly InvoiceEffect[] = awaitsTaxes && asksProvider ? [{ kind: 'taxation' }] : [];
  if (status === 'draft') {
    const ready = awaitsTaxes ? [] : (['invoice.ready_to_finalize'] as const);
    if (!isMadeAgain) {
      return [
        { kind: 'finalization', madeWith },
        ...asking,
        { kind: 'webhooks', types: ['invoice.drafted', ...ready] },
      ];
    }
    return awaitedTaxes && !awaitsTaxes ? [{ kind: 'webhooks', types: ready }] : asking;
  }
  const { finalWebhook } = INVOICE_POLICIES[type];
  if (status !== 'finalized' || finalWebhook === null) return asking;
  const ofFee: readonly InvoiceEffect[] = isInstant ? [{ kind: 'fee webhooks' }] : [];
  return [...ofFee, { kind: 'webhooks', types: [finalWebhook] }];
}
