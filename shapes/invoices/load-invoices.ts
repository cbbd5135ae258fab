import type { EntityManager } from '@mikro-orm/postgresql';
import { byDisplayName } from '../../billing/subscriptions/display-order.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { InvoiceAppliedTax } from '../../db/entities/invoices/invoice-applied-tax.ts';
import { InvoiceError } from '../../db/entities/invoices/invoice-error.ts';
import { InvoiceSubscription } from '../../db/entities/invoices/invoice-subscription.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { creditJson } from './credit.ts';
import { loadBilled, loadFees } from './load-fees.ts';
import { shownCredits, type ShownCredit } from '../../db/queries/coupons/shown-credits.ts';
import { entityOf } from '../../db/queries/organizations/billing-entities.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { subscriptionJson } from '../subscriptions/subscription.ts';
import {
  billingPeriodJson,
  errorDetailJson,
  invoiceJson,
  listedInvoiceJson,
  type InvoiceRelations,
} from './invoice.ts';

/** The customers, issuers and taxes of invoices, in three queries at most however many they are. */
async function loadParties(
  em: EntityManager,
  invoices: readonly Invoice[],
): Promise<(invoice: Invoice) => InvoiceRelations> {
  const customerById = await rowsById(
    em,
    Customer,
    invoices.map((invoice) => invoice.customerId),
  );
  const entityIds = [...invoices, ...customerById.values()].map(({ billingEntityId }) => billingEntityId);
  const entityById = await rowsById(em, BillingEntity, entityIds);
  const ofInvoices = { invoiceId: invoices.map(({ id }) => id) };
  const taxes = await em.find(InvoiceAppliedTax, ofInvoices, { orderBy: { id: 'asc' } });
  const taxesByInvoice = Map.groupBy(taxes, ({ invoiceId }) => invoiceId);
  return (invoice) => {
    const customer = required(customerById.get(invoice.customerId), `customer of invoice ${invoice.id}`);
    return {
      customer,
      customerEntity: entityOf(entityById, customer.billingEntityId),
      billingEntity: entityOf(entityById, invoice.billingEntityId),
      appliedTaxes: taxesByInvoice.get(invoice.id) ?? [],
    };
  };
}

function required<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new Error(`the ${what} is missing`);
  return row;
}

/** Invoices as lists show them, in their order. */
export async function listedInvoices(
  em: EntityManager,
  invoices: readonly Invoice[],
): Promise<ReturnType<typeof listedInvoiceJson<string>>[]> {
  const partiesOf = await loadParties(em, invoices);
  return invoices.map((invoice) => listedInvoiceJson(invoice, partiesOf(invoice)));
}

/**
 * Invoices with everything on them, in their order; the number of queries does not grow with them.
 *
 * @param now the organization's clock.
 */
export async function detailedInvoices(
  em: EntityManager,
  invoices: readonly Invoice[],
  now: Date,
): Promise<ReturnType<typeof invoiceJson<string>>[]> {
  const partiesOf = await loadParties(em, invoices);
  const ofInvoices = { invoiceId: invoices.map(({ id }) => id) };
  const periods = await em.find(InvoiceSubscription, ofInvoices);
  const fees = await em.find(Fee, ofInvoices, { orderBy: { position: 'asc', createdAt: 'asc', id: 'asc' } });
  const errors = await loadErrors(em, invoices);
  const credits = await loadCredits(em, invoices);
  const billedOf = await loadBilled(em, [...periods, ...fees], now);
  const shownFee = await loadFees(em, fees, billedOf);
  const periodsByInvoice = Map.groupBy(periods, ({ invoiceId }) => invoiceId);
  const feesByInvoice = Map.groupBy(fees, ({ invoiceId }) => invoiceId);
  const creditsByInvoice = Map.groupBy(credits, ({ invoiceId }) => invoiceId);
  const errorsByInvoice = Map.groupBy(errors, ({ invoiceId }) => invoiceId);
  return invoices.map((invoice) => {
    const parties = partiesOf(invoice);
    const billed = (periodsByInvoice.get(invoice.id) ?? [])
      .map((period) => ({ period, ...billedOf(period.subscriptionId) }))
      .toSorted(byDisplayName);
    return invoiceJson(invoice, parties, {
      billing_periods: billed.map(({ period, subscription }) => billingPeriodJson(period, subscription)),
      subscriptions: billed.map(({ subscription, ...relations }) => subscriptionJson(subscription, relations)),
      fees: (feesByInvoice.get(invoice.id) ?? []).map((fee) =>
        shownFee(fee, { customer: parties.customer, selfBilled: invoice.selfBilled }),
      ),
      credits: (creditsByInvoice.get(invoice.id) ?? []).map(creditJson),
      error_details: (errorsByInvoice.get(invoice.id) ?? []).map(errorDetailJson),
    });
  });
}

/** An invoice that is final has none any more. */
async function loadErrors(em: EntityManager, invoices: readonly Invoice[]): Promise<readonly InvoiceError[]> {
  const invoiceId = invoices.filter(({ status }) => status !== 'finalized' && status !== 'voided').map(({ id }) => id);
  return invoiceId.length === 0
    ? []
    : em.find(InvoiceError, { invoiceId }, { orderBy: { createdAt: 'asc', id: 'asc' } });
}

/** A draft has none yet (spec, money 0). */
async function loadCredits(em: EntityManager, invoices: readonly Invoice[]): Promise<readonly ShownCredit[]> {
  const [first, ...others] = invoices.filter(({ status }) => status !== 'draft');
  if (!first) return [];
  return shownCredits(
    em,
    first.organizationId,
    [first, ...others].map(({ id }) => id),
  );
}
