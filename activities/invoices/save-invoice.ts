import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { trueUpParent } from '../../billing/fees/fee.ts';
import { localDate } from '../../billing/calendar/local-date.ts';
import { draftNumber, invoiceNumber } from '../../billing/invoices/invoice-number.ts';
import type { InvoiceEffect } from '../../billing/invoices/invoice-effects.ts';
import { INVOICE_POLICIES } from '../../billing/invoices/invoice-policy.ts';
import { isMadeWith, type MadeWithTaxes } from '../../billing/taxes/made-with.ts';
import { assertTransition, type InvoiceActor } from '../../billing/invoices/invoice-transitions.ts';
import type { CalculatedInvoice } from '../../billing/invoices/invoice.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { Credit } from '../../db/entities/invoices/credit.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { InvoiceSubscription } from '../../db/entities/invoices/invoice-subscription.ts';
import { InvoiceAppliedTax } from '../../db/entities/invoices/invoice-applied-tax.ts';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { InvoiceError } from '../../db/entities/invoices/invoice-error.ts';
import { useCoupons } from '../../db/queries/coupons/use-coupons.ts';
import { wantActs, wantActsAgain } from '../../db/acts/want-acts.ts';
import { flagDraft } from '../../db/queries/invoices/draft-row.ts';
import { holdSettings } from '../../db/queries/organizations/settings-version.ts';
import { taxesFromNowOn } from '../../db/queries/taxes/held-taxes.ts';
import { taxInvoiceAct } from '../taxes/tax-invoice-act.ts';
import { announceInvoice } from '../webhooks/announce.ts';
import { finalizeAct } from './finalize-act.ts';
import { refreshAct } from './refresh-act.ts';
import { takeNumbers } from './entity-numbering.ts';
import {
  couponCreditColumns,
  feeColumns,
  invoiceColumns,
  invoicedSubscriptionColumns,
  invoiceTaxColumns,
} from './invoice-rows.ts';
import { redateDrafts } from './redate-drafts.ts';

/** Where an invoice belongs, beside what it says. */
export interface InvoicePlace {
  readonly invoiceId: string;
  readonly customer: Customer;
  readonly billingEntity: BillingEntity;
  readonly purchaseOrderNumber: string | null;
  /** Whether it is known that no earlier attempt has left the row; else it is looked for. */
  readonly isNew?: boolean;
  /** The organization's clock. */
  readonly now: Date;
  /** Whether that is a test clock. */
  readonly frozen: boolean;
}

/** The columns that say whose invoice it is, and what can be said of it before it is calculated. */
export const invoiceHead = ({ invoiceId, customer, billingEntity, purchaseOrderNumber, now }: InvoicePlace) => ({
  id: invoiceId,
  organizationId: customer.organizationId,
  customerId: customer.id,
  billingEntityId: billingEntity.id,
  number: draftNumber(billingEntity.documentNumberPrefix),
  purchaseOrderNumber,
  timezoneDataVersion: process.versions['tz'] ?? 'unknown',
  selfBilled: customer.accountType === 'partner',
  createdAt: now,
  updatedAt: now,
});

/**
 * Saves a calculated invoice with its windows and fees; a row that an earlier attempt left as `generating` is filled.
 * The counters are held from its number to the commit, with nothing but the webhook in between: call it when nothing
 * else is left to do.
 */
export async function saveInvoice(
  em: EntityManager,
  place: InvoicePlace,
  calculated: CalculatedInvoice,
): Promise<void> {
  const { invoiceId, now } = place;
  const existing = place.isNew === true ? null : await em.findOne(Invoice, { id: invoiceId });
  if (existing) await em.nativeDelete(InvoiceError, { invoiceId });
  const invoice = existing ?? em.create(Invoice, emptyInvoice(place, calculated));
  await fill(em, place, invoice, calculated, { madeAt: now, by: 'billing' });
}

/**
 * Puts a calculated invoice in the place of the draft that it was: everything on the draft is made anew (S044), its id,
 * its time and its windows' places stay. The endpoints hear of it when it becomes final, unless it is closed without a
 * number (spec, subscriptions-and-invoices 6.6, 14).
 */
export async function replaceDraft(
  em: EntityManager,
  place: InvoicePlace,
  invoice: Invoice,
  calculated: CalculatedInvoice,
  by: 'refresh' | 'finalization',
): Promise<void> {
  const { invoiceId } = place;
  await em.nativeDelete(Fee, { invoiceId });
  await em.nativeDelete(InvoiceSubscription, { invoiceId });
  await em.nativeDelete(InvoiceAppliedTax, { invoiceId });
  await em.nativeDelete(InvoiceError, { invoiceId });
  invoice.readyToBeRefreshed = false;
  await fill(em, place, invoice, calculated, { madeAt: invoice.createdAt, by });
}

/** Brings about what follows from an invoice, once its own rows are written. */
async function bringAbout(
  em: EntityManager,
  place: InvoicePlace,
  invoice: Invoice,
  effects: readonly InvoiceEffect[],
): Promise<void> {
  for (const effect of effects) {
    switch (effect.kind) {
      case 'coupons':
        await useCoupons(em, invoice, effect.uses, place.now);
        break;
      case 'finalization':
        await beginDraft(em, place, invoice, effect.madeWith);
        break;
      case 'taxation': {
        const { organizationId, customerId, id: invoiceId } = invoice;
        const act = taxInvoiceAct({ organizationId, customerId, invoiceId });
        await wantActsAgain(em, [act], place.now, { startedBy: 'dispatcher' });
        break;
      }
      case 'webhooks':
        await announceInvoice(em, invoice, place.now, effect.types);
        break;
      default:
        effect satisfies never;
    }
  }
}

/**
 * Writes the invoice's row, its lines and what follows from it, and last its number if it is final: with the number the
 * counters are held. Only the webhooks, which show it, come after it.
 */
async function fill(
  em: EntityManager,
  place: InvoicePlace,
  invoice: Invoice,
  calculated: CalculatedInvoice,
  { madeAt, by }: { readonly madeAt: Date; readonly by: InvoiceActor },
): Promise<void> {
  const { now } = place;
  const { subscriptions, fees, couponUses, appliedTaxes, currency: amountCurrency } = calculated;
  assertTransition(invoice.status, calculated.status, by);
  em.assign(invoice, {
    ...invoiceColumns(calculated),
    updatedAt: now,
  });
  // Before its lines: the ORM does not know which rows point at which.
  await em.persist(invoice).flush();
  const owner = { organizationId: invoice.organizationId, invoiceId: invoice.id };
  for (const invoiced of subscriptions) {
    const columns = invoicedSubscriptionColumns(invoiced);
    em.create(InvoiceSubscription, { ...columns, ...owner, id: v7(), createdAt: madeAt });
  }
  const feeIds = fees.map(() => v7());
  for (const [position, fee] of fees.entries()) {
    const parent = trueUpParent(fees, fee);
    em.create(Fee, {
      ...feeColumns(fee),
      ...owner,
      id: feeIds[position]!,
      trueUpParentFeeId: parent === null ? null : feeIds[parent]!,
      position,
      billingEntityId: invoice.billingEntityId,
      customerId: invoice.customerId,
      amountCurrency,
      paymentStatus: 'pending',
      createdAt: madeAt,
      updatedAt: now,
    });
  }
  for (const use of couponUses) {
    em.create(Credit, { ...couponCreditColumns(use), ...owner, id: v7(), amountCurrency, createdAt: now });
  }
  for (const tax of appliedTaxes) {
    em.create(InvoiceAppliedTax, { ...invoiceTaxColumns(tax), ...owner, id: v7(), amountCurrency, createdAt: now });
  }
  await em.flush();
  await concludeInvoice(em, place, invoice, calculated);
}

/**
 * Brings about what follows from an invoice whose own rows are written, and last its number if it is final: with the
 * number the counters are held. Only the webhooks, which show it, come after it.
 */
export async function concludeInvoice(
  em: EntityManager,
  place: InvoicePlace,
  invoice: Invoice,
  { status, effects }: Pick<CalculatedInvoice, 'status' | 'effects'>,
): Promise<void> {
  const [webhooks, rows] = webhooksApart(effects);
  await bringAbout(em, place, invoice, rows);
  if (status === 'finalized') {
    const { isNumbered } = INVOICE_POLICIES[invoice.invoiceType];
    em.assign(invoice, { ...(isNumbered && (await takeNumber(em, place, invoice))), finalizedAt: place.now });
    await em.flush();
  }
  await bringAbout(em, place, invoice, webhooks);
}

const webhooksApart = (effects: readonly InvoiceEffect[]) =>
  [effects.filter(({ kind }) => kind === 'webhooks'), effects.filter(({ kind }) => kind !== 'webhooks')] as const;

/** The moment at which a new draft becomes final is an act of its transaction. */
async function beginDraft(
  em: EntityManager,
  { customer, now, frozen }: InvoicePlace,
  invoice: Invoice,
  madeWith: MadeWithTaxes,
): Promise<void> {
  const { id: invoiceId, organizationId, customerId, billingEntityId, expectedFinalizationDate } = invoice;
  const customerDeletedAt = customer.deletedAt ?? null;
  const draft = { organizationId, customerId, invoiceId, frozen, expectedFinalizationDate, customerDeletedAt };
  const act = finalizeAct(draft);
  await wantActs(em, [act], now, { startedBy: 'dispatcher' });
  // A change of the entity's settings that commits meanwhile looks for the drafts that are there, and does not see this
  // one. From here on no change can commit before this draft is there; what has changed until here reaches it now.
  await holdSettings(em, [billingEntityId, customer.billingEntityId]);
  const { moved } = await redateDrafts(em, organizationId, { invoiceId }, now);
  if (moved.length > 0) await em.refresh(invoice);
  // The same of its taxes: it is refreshed if they are others by now.
  const applied = madeWith.applied.flatMap(({ taxId }) => taxId ?? []);
  const taxes = await taxesFromNowOn(em, organizationId, applied, customer.billingEntityId);
  if (isMadeWith(madeWith, taxes)) return;
  await flagDraft(em, invoiceId);
  await wantActsAgain(em, [refreshAct({ organizationId, customerId, invoiceId })], now, { startedBy: 'dispatcher' });
}

const emptyInvoice = (place: InvoicePlace, calculated: CalculatedInvoice) => ({
  ...invoiceHead(place),
  ...invoiceColumns(calculated),
  status: 'generating' as const,
});

/** The number of an invoice that becomes final now (spec, subscriptions-and-invoices 6.5). */
async function takeNumber(em: EntityManager, { customer, billingEntity, now }: InvoicePlace, { selfBilled }: Invoice) {
  const { sequentialId, entitySequence, prefix, timezone } = await takeNumbers(em, {
    organizationId: customer.organizationId,
    customerId: customer.id,
    billingEntityId: billingEntity.id,
    selfBilled,
  });
  const number = invoiceNumber(
    prefix,
    entitySequence === null
      ? { numbering: 'per_customer', customerSequence: customer.sequentialId, sequentialId }
      : { numbering: 'per_billing_entity', day: localDate(now, timezone), entitySequence },
  );
  return { number, sequentialId, entitySequentialId: entitySequence };
}
