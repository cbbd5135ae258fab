import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { localDate, parseLocalDate } from '../../billing/calendar/local-date.ts';
import { customerSettings } from '../../billing/customers/customer-facts.ts';
import { taxedParties } from '../../billing/invoices/planned-invoice.ts';
import {
  taxWaitingInvoice,
  type TaxedInvoice,
  type WaitingFee,
  type WaitingInvoice,
} from '../../billing/invoices/tax-waiting-invoice.ts';
import type { InvoiceTaxFacts, TaxedSource } from '../../billing/taxes/tax-facts.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import type { Fee } from '../../db/entities/invoices/fee.ts';
import { taxesForBilling } from '../../db/queries/taxes/taxes-for-billing.ts';
import { waitingInvoice, type WaitingInvoiceRows } from '../../db/queries/taxes/waiting-invoice.ts';
import { doAct, ended, type ActStages, type Busy } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { taxesOfParties, withTaxes } from '../invoices/load-tax-facts.ts';
import { saveTaxedInvoice } from './save-taxed-invoice.ts';
import type { TaxInvoiceArgument } from './tax-invoice-act.ts';

/** `waits`: its taxes are still not known. `already_done`: it does not wait. */
export interface TaxedOutcome {
  readonly outcome: 'taxed' | 'waits' | 'already_done';
}

interface Waiting extends WaitingInvoiceRows {
  readonly now: Date;
}

/**
 * Taxes an invoice that waited for its customer's VAT number to be checked, and makes it final, in one transaction, its
 * number last (spec, money 1.7). While another check is under way it does nothing: that one's answer has it done again.
 */
export const taxInvoice = (
  dependencies: ActivityDependencies,
  argument: TaxInvoiceArgument,
): Promise<TaxedOutcome | Busy> => doAct(dependencies, taxing(dependencies), argument);

const taxing = ({
  realTime,
}: ActivityDependencies): ActStages<TaxInvoiceArgument, Waiting, InvoiceTaxFacts, TaxedInvoice, TaxedOutcome> => ({
  name: 'taxInvoice',
  alreadyDone: { outcome: 'already_done' },
  load: async (em, { actId, invoiceId }) => {
    const rows = await waitingInvoice(em, invoiceId);
    // The act ends whatever comes of it: an answer that comes later wants it again.
    await finishActs(em, [actId]);
    return rows ? { ...rows, now: rows.clockNow ?? realTime() } : ended({ outcome: 'already_done' });
  },
  hold: async (em, rows) => {
    const facts = await loadTaxFacts(em, rows);
    return facts.areAwaited ? ended({ outcome: 'waits' }) : facts;
  },
  decide: (facts, { now, ...rows }) =>
    taxWaitingInvoice(waitingOf(rows), facts, localDate(now, applicableTimeZone(rows.customer, rows.customerEntity))),
  save: async (em, taxed, rows) => {
    await saveTaxedInvoice(em, rows, taxed, rows.now);
    return { outcome: 'taxed' };
  },
});

async function loadTaxFacts(
  em: EntityManager,
  { invoice, fees, planIds, customer }: WaitingInvoiceRows,
): Promise<InvoiceTaxFacts> {
  const parties = taxedParties(customer);
  const charges = fees.flatMap(({ chargeId }) => chargeId ?? []);
  const addOns = fees.flatMap(({ addOnId }) => addOnId ?? []);
  const owners = [customer.id, parties.billingEntityId, ...planIds.values(), ...charges, ...addOns];
  const found = await taxesForBilling(em, invoice.organizationId, [...new Set(owners)]);
  const own = (ids: readonly string[]) =>
    withTaxes(
      ids.map((id) => [id, id]),
      found,
    );
  return {
    ...taxesOfParties(parties, found),
    ofPlans: withTaxes([...planIds], found),
    ofCharges: own(charges),
    ofAddOns: own(addOns),
  };
}

/** An invoice's rows as its calculation knows them. */
export const waitingOf = ({
  invoice,
  fees,
  periods,
  customer,
  billingEntity,
  givenTaxes,
}: WaitingInvoiceRows): WaitingInvoice => ({
  invoiceType: invoice.invoiceType,
  fees: fees.map((fee) => waitingFee(fee, givenTaxes)),
  credits: {
    progressiveBillingCreditAmountCents: invoice.progressiveBillingCreditAmountCents,
    couponsAmountCents: invoice.couponsAmountCents,
    taxesAmountCents: 0n,
    creditNotesAmountCents: invoice.creditNotesAmountCents,
    prepaidCreditAmountCents: invoice.prepaidCreditAmountCents,
  },
  dates: {
    issuingDate: parseLocalDate(invoice.issuingDate),
    paymentDueDate: parseLocalDate(invoice.paymentDueDate),
    expectedFinalizationDate: parseLocalDate(invoice.expectedFinalizationDate),
  },
  recurring: periods.some(({ recurring }) => recurring),
  customer: customerSettings(customer),
  billingEntity,
});

const waitingFee = (fee: Fee, givenTaxes: WaitingInvoiceRows['givenTaxes']): WaitingFee => ({
  id: fee.id,
  amountCents: fee.amountCents,
  preciseAmountCents: fee.preciseAmountCents,
  preciseCouponsAmountCents: fee.preciseCouponsAmountCents,
  source: sourceOf(fee, givenTaxes),
});

function sourceOf(fee: Fee, givenTaxes: WaitingInvoiceRows['givenTaxes']): TaxedSource {
  const { feeType: kind, subscriptionId, chargeId, addOnId } = fee;
  switch (kind) {
    case 'subscription':
      return { kind, subscriptionId: present(subscriptionId, fee) };
    case 'charge':
      return { kind, subscriptionId: present(subscriptionId, fee), chargeId: present(chargeId, fee) };
    case 'add_on':
      return {
        kind,
        addOnId: present(addOnId, fee),
        taxes: fee.givenTaxIds.flatMap((id) => givenTaxes.get(id) ?? []),
      };
    default:
      return kind satisfies never;
  }
}

function present(id: string | null | undefined, fee: Fee): string {
  if (id == null) throw new Error(`fee ${fee.id} is not for a ${fee.feeType}`);
  return id;
}
