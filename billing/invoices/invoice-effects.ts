import { INVOICE_POLICIES, type InvoiceType } from './invoice-policy.ts';
import type { InvoiceStatus } from './invoice-status.ts';

/**
 * What follows from an invoice besides its own rows: whoever saves it brings each about in the same transaction, rows
 * before the number, webhooks after it.
 */
export type InvoiceEffect =
  /** The act that makes a draft final on its day. */
  | { readonly kind: 'finalization' }
  /** Webhooks that show the invoice as it was saved. */
  | { readonly kind: 'webhooks'; readonly types: readonly InvoiceWebhook[] };

export type InvoiceWebhook =
  | 'invoice.drafted'
  | 'invoice.ready_to_finalize'
  | 'invoice.created'
  | 'invoice.one_off_created'
  | 'invoice.paid_credit_added';

/**
 * What follows from an invoice that is made, or made again (spec, subscriptions-and-invoices 6.3, 6.6, 14). A draft
 * announces itself once; nobody hears of one that is closed, or that waits for its taxes.
 *
 * A new draft: its finalization, then `invoice.drafted` and `invoice.ready_to_finalize`; a refreshed one: nothing.
 */
export function invoiceEffects(
  type: InvoiceType,
  status: InvoiceStatus,
  { isMadeAgain }: { readonly isMadeAgain: boolean },
): readonly InvoiceEffect[] {
  if (status === 'draft' && !isMadeAgain) {
    return [{ kind: 'finalization' }, { kind: 'webhooks', types: ['invoice.drafted', 'invoice.ready_to_finalize'] }];
  }
  const { finalWebhook } = INVOICE_POLICIES[type];
  return status === 'finalized' && finalWebhook !== null ? [{ kind: 'webhooks', types: [finalWebhook] }] : [];
}
