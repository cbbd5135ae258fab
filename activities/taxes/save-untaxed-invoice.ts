import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { assertTransition } from '../../billing/invoices/invoice-transitions.ts';
import type { UntaxedInvoice } from '../../billing/invoices/tax-waiting-invoice.ts';
import type { ProviderError } from '../../billing/taxes/provider-answer.ts';
import { InvoiceError } from '../../db/entities/invoices/invoice-error.ts';
import type { WaitingInvoiceRows } from '../../db/queries/taxes/waiting-invoice.ts';
import { taxProviderErrorJson } from '../../shapes/taxes/tax-provider-error.ts';
import { announceInvoices } from '../webhooks/announce.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

/**
 * Writes that an external provider has no taxes for an invoice, why, and tells the endpoints (spec, money 1.8).
 *
 * @param providerName null: there is no provider of that code.
 * @param now the organization's clock.
 */
export async function saveUntaxedInvoice(
  em: EntityManager,
  { invoice, customer }: WaitingInvoiceRows,
  { status, effects }: UntaxedInvoice,
  error: ProviderError,
  providerName: string | null,
  now: Date,
): Promise<void> {
  const { id: invoiceId, organizationId } = invoice;
  assertTransition(invoice.status, status, 'taxation');
  em.assign(invoice, { status, taxStatus: 'failed', updatedAt: now });
  await em.nativeDelete(InvoiceError, { invoiceId, errorCode: 'tax_error' });
  em.create(InvoiceError, {
    id: v7(),
    organizationId,
    invoiceId,
    errorCode: 'tax_error',
    details: { tax_error: error.code, tax_error_message: error.message },
    createdAt: now,
  });
  await em.flush();
  const type = 'customer.tax_provider_error';
  await emitWebhooks(em, { organizationId, now }, [type], () => [
    { type, objectId: customer.id, object: taxProviderErrorJson(customer, providerName, error) },
  ]);
  const types = effects.flatMap((effect) => (effect.kind === 'webhooks' ? effect.types : []));
  await announceInvoices(em, { organizationId: invoice.organizationId, now }, [{ id: invoice.id, types }]);
}
