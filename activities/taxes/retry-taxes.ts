import type { EntityManager } from '@mikro-orm/postgresql';
import { notAllowed } from '../../billing/refusal.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import type { CommandScope } from '../command-scope.ts';
import { holdInvoice } from '../invoices/hold-invoice.ts';
import { reopenInvoice } from './reopen-invoice.ts';
import { taxInvoiceAct } from './tax-invoice-act.ts';

/**
 * Has an invoice taxed once more that failed for its taxes, in the caller's transaction (spec,
 * subscriptions-and-invoices 8.4).
 *
 * @throws Refusal 404 `invoice_not_found`; 405 `invalid_status` for any but a failed one; 422
 * `lock_acquisition_failed`.
 */
export async function retryTaxes(
  em: EntityManager,
  { organizationId, now }: CommandScope,
  id: string,
): Promise<{ readonly invoice: Invoice; readonly acts: readonly WantedAct[] }> {
  const invoice = await holdInvoice(em, id);
  if (invoice.status !== 'failed') throw notAllowed('invalid_status');
  await reopenInvoice(em, invoice, now);
  const act = taxInvoiceAct({ organizationId, customerId: invoice.customerId, invoiceId: invoice.id });
  await wantActsAgain(em, [act], now, { startedBy: 'writer' });
  return { invoice, acts: [act] };
}
