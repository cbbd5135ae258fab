import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { trueUpParent } from '../../billing/fees/fee.ts';
import { localDate } from '../../billing/calendar/local-date.ts';
import { draftNumber, invoiceNumber } from '../../billing/invoices/invoice-number.ts';
import type { InvoiceEffect } from '../../billing/invoices/invoice-effects.ts';
import { INVOICE_POLICIES } from '../../billing/invoices/invoice-policy.ts';
import { assertTransition, type InvoiceActor } from '../../billing/invoices/invoice-transitions.ts';
import type { CalculatedInvoice } from '../../billing/invoices/invoice.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { Invoice } from '../../db/entities/invoices/invoice.ts';
import { isMadeWith } from '../../billing/taxes/made-with.ts';
import { wantActs, wantActsAgain } from '../../db/acts/want-acts.ts';
import type { RowOf } from '../../db/kysely.ts';
import {
  deleteLines,
  heldStatuses,
  numberInvoices,
  writeInvoices,
  type InvoiceRows,
} from '../../db/queries/invoices/write-invoices.ts';
import { useCoupons } from '../../db/queries/coupons/use-coupons.ts';
import { drawOnNotes } from '../../db/queries/credit-notes/draw-on-notes.ts';
import { putOnInvoices } from '../../db/queries/instant-charges/paid-fees.ts';
import { flagDrafts } from '../../db/queries/invoices/draft-row.ts';
import { holdSettings } from '../../db/queries/organizations/settings-version.ts';
import { taxesFromNowOn } from '../../db/queries/taxes/held-taxes.ts';
import { taxInvoiceAct } from '../taxes/tax-invoice-act.ts';
import { announceFees, announceInvoices } from '../webhooks/announce.ts';
import { finalizeAct } from './finalize-act.ts';
import { refreshAct } from './refresh-act.ts';
import { followDraft } from '../credit-notes/follow-draft.ts';
import { replantedItems } from '../credit-notes/replanted-items.ts';
import { takeNumbers } from './entity-numbering.ts';
import {
  couponCreditColumns,
  feeRow,
  invoiceColumns,
  invoicedSubscriptionColumns,
  invoiceTaxColumns,
  noteCreditColumns,
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
  readonly hasTestClock: boolean;
}

/** An invoice that is ready to be saved. */
export interface InvoiceToSave {
  readonly place: InvoicePlace;
  readonly calculated: CalculatedInvoice;
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
 * Saves calculated invoices of one organization with their windows and fees, in as many statements as one of them; a
 * row that an earlier attempt left as `generating` is filled. The counters are held from the numbers to the commit,
 * with nothing but the webhooks in between: call it when nothing else is left to do.
 */
export async function saveInvoices(
  em: EntityManager,
  organizationId: string,
  invoices: readonly InvoiceToSave[],
): Promise<void> {
  const looked = invoices.filter(({ place }) => place.isNew !== true).map(({ place }) => place.invoiceId);
  const statuses = await heldStatuses(em, organizationId, looked);
  await deleteLines(em, organizationId, [...statuses.keys()]);
  const written = invoices.map(({ place, calculated }) => {
    const before = statuses.get(place.invoiceId);
    assertTransition(before ?? 'generating', calculated.status, 'billing');
    return invoiceRows(place, calculated, { isNew: before === undefined, madeAt: place.now });
  });
  await writeInvoices(em, written);
  await concludeInvoices(
    em,
    invoices.map(({ place, calculated }, index) => ({
      place,
      invoice: written[index]!.invoice,
      effects: calculated.effects,
    })),
  );
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
  by: Exclude<InvoiceActor, 'billing'>,
): Promise<void> {
  assertTransition(invoice.status, calculated.status, by);
  const uprooted = await deleteLines(em, invoice.organizationId, [invoice.id]);
  const rows = invoiceRows(place, calculated, { isNew: false, madeAt: invoice.createdAt });
  await writeInvoices(em, [rows]);
  await concludeInvoices(em, [
    { place, invoice: { ...invoice, status: calculated.status }, effects: calculated.effects },
  ]);
  // It was written beside the ORM.
  await em.refresh(invoice);
  if (uprooted.length === 0) return;
  const { organizationId } = invoice;
  await followDraft(em, { organizationId, now: place.now }, invoice.id, replantedItems(uprooted, rows.fees));
}

/** The rows of a calculated invoice, complete: what is not said here stays empty until something happens to it. */
function invoiceRows(
  place: InvoicePlace,
  calculated: CalculatedInvoice,
  { isNew, madeAt }: { readonly isNew: boolean; readonly madeAt: Date },
): InvoiceRows {
  const { now } = place;
  const { subscriptions, fees, couponUses, noteUses, appliedTaxes, currency: amountCurrency, status } = calculated;
  const invoice: RowOf<'invoices'> = {
    ...invoiceHead(place),
    ...invoiceColumns(calculated),
    sequentialId: null,
    entitySequentialId: null,
    totalPaidAmountCents: calculated.paidAmountCents ?? 0n,
    totalOffsetAmountCents: 0n,
    readyToBeRefreshed: false,
    paymentOverdue: false,
    paymentDisputeLostAt: null,
    metadata: [],
    finalizedAt: status === 'finalized' ? now : null,
    voidedAt: null,
  };
  const owner = { organizationId: invoice.organizationId, invoiceId: invoice.id };
  const { billingEntityId, customerId, organizationId } = invoice;
  const feeOwner = { organizationId, billingEntityId, customerId, amountCurrency, createdAt: madeAt, updatedAt: now };
  const feeIds = fees.map(() => v7());
  return {
    invoice,
    isNew,
    subscriptions: subscriptions.map((invoiced) => ({
      ...invoicedSubscriptionColumns(invoiced),
      ...owner,
      id: v7(),
      createdAt: madeAt,
    })),
    fees: fees.map((fee, position) => {
      const parent = trueUpParent(fees, fee);
      return {
        ...feeRow(fee, feeOwner),
        invoiceId: invoice.id,
        id: feeIds[position]!,
        trueUpParentFeeId: parent === null ? null : feeIds[parent]!,
        position,
      };
    }),
    credits: [...couponUses.map(couponCreditColumns), ...noteUses.map(noteCreditColumns)].map((columns) => ({
      ...columns,
      ...owner,
      id: v7(),
      amountCurrency,
      createdAt: now,
    })),
    taxes: appliedTaxes.map((tax) => ({
      ...invoiceTaxColumns(tax),
      ...owner,
      id: v7(),
      amountCurrency,
      createdAt: now,
    })),
  };
}

/** An invoice whose rows are written, with what follows from it. */
export interface WrittenInvoice {
  readonly place: InvoicePlace;
  readonly invoice: ConcludedInvoice;
  readonly effects: readonly InvoiceEffect[];
}

type ConcludedInvoice = Pick<
  RowOf<'invoices'>,
  | 'id'
  | 'organizationId'
  | 'customerId'
  | 'billingEntityId'
  | 'invoiceType'
  | 'status'
  | 'selfBilled'
  | 'expectedFinalizationDate'
>;

/**
 * Brings about what follows from invoices of one organization whose own rows are written, and last the numbers of those
 * that are final: with the numbers the counters are held. Only the webhooks, which show them, come after them.
 */
export async function concludeInvoices(em: EntityManager, invoices: readonly WrittenInvoice[]): Promise<void> {
  await gather(em, withEffect(invoices, 'gathered fees'));
  await useUp(em, withEffect(invoices, 'coupons'));
  await drawOn(em, withEffect(invoices, 'credit_notes'));
  await beginDrafts(em, withEffect(invoices, 'finalization'));
  await wantTaxes(em, withEffect(invoices, 'taxation'));
  await giveNumbers(
    em,
    invoices.filter(
      ({ invoice }) => invoice.status === 'finalized' && INVOICE_POLICIES[invoice.invoiceType].isNumbered,
    ),
  );
  await announceOwnFees(em, withEffect(invoices, 'fee webhooks'));
  await announce(em, withEffect(invoices, 'webhooks'));
}

/** One effect of an invoice, to be brought about for many in one go. */
type Brought<Kind extends InvoiceEffect['kind']> = Omit<WrittenInvoice, 'effects'> & {
  readonly effect: Extract<InvoiceEffect, { readonly kind: Kind }>;
};

const withEffect = <Kind extends InvoiceEffect['kind']>(
  invoices: readonly WrittenInvoice[],
  kind: Kind,
): readonly Brought<Kind>[] =>
  invoices.flatMap(({ place, invoice, effects }) =>
    effects
      .filter((effect): effect is Brought<Kind>['effect'] => effect.kind === kind)
      .map((effect) => ({ place, invoice, effect })),
  );

/** Fees without invoice that become lines. */
async function gather(em: EntityManager, invoices: readonly Brought<'gathered fees'>[]): Promise<void> {
  const [first] = invoices;
  if (!first) return;
  const lines = invoices.map(({ invoice: { id }, effect: { feeIds } }) => ({ invoiceId: id, feeIds }));
  await putOnInvoices(em, first.invoice.organizationId, lines, first.place.now);
}

/** What becomes of the coupons that took something off. */
async function useUp(em: EntityManager, invoices: readonly Brought<'coupons'>[]): Promise<void> {
  const [first] = invoices;
  if (!first) return;
  const used = invoices.map(({ invoice: { customerId }, effect: { uses } }) => ({ customerId, uses }));
  await useCoupons(em, first.invoice.organizationId, used, first.place.now);
}

/** What is left of the credit notes that paid something. */
async function drawOn(em: EntityManager, invoices: readonly Brought<'credit_notes'>[]): Promise<void> {
  const [first] = invoices;
  if (!first) return;
  const drawn = invoices.map(({ invoice: { customerId }, effect: { uses } }) => ({ customerId, uses }));
  await drawOnNotes(em, first.invoice.organizationId, drawn, first.place.now);
}

/** The moment at which a new draft becomes final is an act of its transaction. */
async function beginDrafts(em: EntityManager, drafts: readonly Brought<'finalization'>[]): Promise<void> {
  const [first] = drafts;
  if (!first) return;
  const { now } = first.place;
  const { organizationId } = first.invoice;
  await wantActs(
    em,
    drafts.map(({ invoice, place: { customer, hasTestClock } }) =>
      finalizeAct({
        organizationId,
        customerId: invoice.customerId,
        invoiceId: invoice.id,
        hasTestClock,
        expectedFinalizationDate: invoice.expectedFinalizationDate,
        customerDeletedAt: customer.deletedAt ?? null,
      }),
    ),
    now,
    { startedBy: 'dispatcher' },
  );
  // A change of the entity's settings that commits meanwhile looks for the drafts that are there, and does not see
  // these. From here on no change can commit before they are there; what has changed until here reaches them now.
  await holdSettings(
    em,
    drafts.flatMap(({ invoice, place: { customer } }) => [invoice.billingEntityId, customer.billingEntityId]),
  );
  await redateDrafts(em, organizationId, { invoiceIds: drafts.map(({ invoice }) => invoice.id) }, now);
  // The same of their taxes: those are refreshed that have others by now.
  const taxesOf = await taxesFromNowOn(
    em,
    organizationId,
    drafts.flatMap(({ effect: { madeWith } }) => madeWith.applied.flatMap(({ taxId }) => taxId ?? [])),
    drafts.map(({ place: { customer } }) => customer.billingEntityId),
  );
  const changed = drafts.filter(
    ({ place: { customer }, effect: { madeWith } }) => !isMadeWith(madeWith, taxesOf(customer.billingEntityId)),
  );
  if (changed.length === 0) return;
  await flagDrafts(
    em,
    changed.map(({ invoice }) => invoice.id),
  );
  const acts = changed.map(({ invoice: { id: invoiceId, customerId } }) =>
    refreshAct({ organizationId, customerId, invoiceId }),
  );
  await wantActsAgain(em, acts, now, { startedBy: 'dispatcher' });
}

/** Invoices that wait for their taxes are taxed by acts of their own. */
async function wantTaxes(em: EntityManager, waiting: readonly Brought<'taxation'>[]): Promise<void> {
  const [first] = waiting;
  if (!first) return;
  const acts = waiting.map(({ invoice: { id: invoiceId, organizationId, customerId } }) =>
    taxInvoiceAct({ organizationId, customerId, invoiceId }),
  );
  await wantActsAgain(em, acts, first.place.now, { startedBy: 'dispatcher' });
}

/** The numbers of invoices that become final now (spec, subscriptions-and-invoices 6.5). */
async function giveNumbers(em: EntityManager, invoices: readonly WrittenInvoice[]): Promise<void> {
  const [first] = invoices;
  if (!first) return;
  const numbers = await takeNumbers(
    em,
    first.invoice.organizationId,
    invoices.map(({ invoice }) => invoice),
  );
  const numbered = invoices.map(({ place: { customer, now }, invoice: { id } }, index) => {
    const { sequentialId, entitySequence, prefix, timezone } = numbers[index]!;
    const number = invoiceNumber(
      prefix,
      entitySequence === null
        ? { numbering: 'per_customer', customerSequence: customer.sequentialId, sequentialId }
        : { numbering: 'per_billing_entity', day: localDate(now, timezone), entitySequence },
    );
    return { id, number, sequentialId, entitySequentialId: entitySequence };
  });
  await numberInvoices(em, numbered);
}

/** Fees of charges in advance are told of before their invoices. */
async function announceOwnFees(em: EntityManager, told: readonly Brought<'fee webhooks'>[]): Promise<void> {
  const [first] = told;
  if (!first) return;
  const { organizationId } = first.invoice;
  const invoiceIds = told.map(({ invoice: { id } }) => id);
  await announceFees(em, { organizationId, now: first.place.now }, { invoiceId: invoiceIds });
}

async function announce(em: EntityManager, told: readonly Brought<'webhooks'>[]): Promise<void> {
  const [first] = told;
  if (!first) return;
  const { organizationId } = first.invoice;
  const facts = told.map(({ invoice: { id }, effect: { types } }) => ({ id, types }));
  await announceInvoices(em, { organizationId, now: first.place.now }, facts);
}
