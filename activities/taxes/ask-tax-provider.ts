import type { EntityManager } from '@mikro-orm/postgresql';
import { roundToCents } from '../../billing/money/cents.ts';
import type { ProviderAnswer } from '../../billing/taxes/provider-answer.ts';
import { taxBase, UNTAXED } from '../../billing/taxes/fee-taxes.ts';
import { scopedTo } from '../../db/orm.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { keepProviderAnswer, providerAnswer } from '../../db/queries/taxes/provider-answers.ts';
import { awaitsTaxes } from '../../db/queries/taxes/waiting-invoice.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { beating } from '../heartbeats.ts';
import type { ProviderFee, ProviderInvoice, TaxProvider, TaxProviders } from './tax-provider.ts';
import { messageOf } from '../../telemetry/message-of.ts';

export interface AskedInvoice {
  readonly organizationId: string;
  readonly invoiceId: string;
}

/** How long a provider may take. */
const LIMIT_MS = 20_000;

/**
 * Asks the external provider of a customer for the taxes of an invoice and keeps the answer, in no transaction while it
 * asks (spec, money 1.8). An answer to the same fees that is there already is not asked for again.
 *
 * @returns `outdated`: the invoice does not wait any more.
 */
export async function askTaxProvider(
  { orm, taxProviders, realTime, fault }: ActivityDependencies,
  { organizationId, invoiceId }: AskedInvoice,
): Promise<{ readonly outcome: 'answered' | 'outdated' }> {
  const em = scopedTo(orm.em, organizationId);
  const invoice = await em.findOne(Invoice, { id: invoiceId });
  if (!invoice || !awaitsTaxes(invoice)) return { outcome: 'outdated' };
  const customer = await em.findOneOrFail(Customer, { id: invoice.customerId });
  if (customer.taxProviderCode == null) return { outcome: 'outdated' };
  // As they are: the answer is matched by their ids, so no order is asked for (S067).
  const fees = await em.find(Fee, { invoiceId });
  const asked = { organizationId, invoiceId, feeIds: fees.map(({ id }) => id) };
  if ((await providerAnswer(em, asked)) !== null) return { outcome: 'answered' };
  const answer = await answerOf(taxProviders, customer.taxProviderCode, (provider, signal) =>
    (invoice.status === 'draft' ? provider.estimate : provider.record)({
      invoice: providerInvoice(invoice, customer),
      fees: fees.map(providerFee),
      signal,
    }),
  );
  fault('tax-provider:answered');
  await keepProviderAnswer(em, asked, answer, await clockOf(em, organizationId, realTime()));
  return { outcome: 'answered' };
}

async function answerOf(
  providers: TaxProviders,
  code: string,
  ask: (provider: TaxProvider, signal: AbortSignal) => Promise<ProviderAnswer>,
): Promise<ProviderAnswer> {
  const provider = providers.get(code);
  if (!provider) return { kind: 'error', code: 'tax_provider_not_found', message: `there is no tax provider ${code}` };
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    return await beating(() => ask(provider, signal));
  } catch (error) {
    const message = messageOf(error);
    return signal.aborted
      ? { kind: 'error', code: 'timeout', message: `the provider did not answer within ${LIMIT_MS / 1000} s` }
      : { kind: 'error', code: 'provider_unavailable', message };
  }
}

async function clockOf(em: EntityManager, organizationId: string, realNow: Date): Promise<Date> {
  const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
  return clockNow ?? realNow;
}

const providerInvoice = ({ id, currency, issuingDate }: Invoice, customer: Customer): ProviderInvoice => ({
  invoiceId: id,
  currency,
  issuingDate,
  customer: {
    externalId: customer.externalId,
    name: customer.legalName ?? customer.name ?? null,
    taxIdentificationNumber: customer.taxIdentificationNumber ?? null,
    addressLine1: customer.addressLine1 ?? null,
    addressLine2: customer.addressLine2 ?? null,
    city: customer.city ?? null,
    zipcode: customer.zipcode ?? null,
    state: customer.state ?? null,
    country: customer.country ?? null,
  },
});

const providerFee = (fee: Fee): ProviderFee => ({
  feeId: fee.id,
  itemId: fee.chargeId ?? fee.addOnId ?? fee.subscriptionId ?? fee.id,
  amountCents: roundToCents(taxBase(fee, UNTAXED)),
});
