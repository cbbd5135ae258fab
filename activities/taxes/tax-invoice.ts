import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { localDate, parseLocalDate } from '../../billing/calendar/local-date.ts';
import { customerSettings } from '../../billing/customers/customer-facts.ts';
import { taxedParties } from '../../billing/invoices/planned-invoice.ts';
import {
  taxedInvoice,
  taxWaitingInvoice,
  untaxedInvoice,
  type TaxedInvoice,
  type UntaxedInvoice,
  type WaitingFee,
  type WaitingInvoice,
} from '../../billing/invoices/tax-waiting-invoice.ts';
import type { InvoiceTaxFacts, TaxedSource } from '../../billing/taxes/tax-facts.ts';
import type { ProviderError } from '../../billing/taxes/provider-answer.ts';
import { providerStep, type ProviderStep } from '../../billing/taxes/provider-step.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { markWaitingUntil, markWorking } from '../../db/acts/lanes.ts';
import type { Fee } from '../../db/entities/invoices/fee.ts';
import { forgetProviderAnswer, providerAnswer } from '../../db/queries/taxes/provider-answers.ts';
import { taxesForBilling } from '../../db/queries/taxes/taxes-for-billing.ts';
import { waitingInvoice, type WaitingInvoiceRows } from '../../db/queries/taxes/waiting-invoice.ts';
import { doAct, ended, type ActStages, type Busy, type Ended } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { taxesOfParties, withTaxes } from '../invoices/facts/load-tax-facts.ts';
import { reopenInvoice } from './reopen-invoice.ts';
import { saveTaxedInvoice } from './save-taxed-invoice.ts';
import { saveUntaxedInvoice } from './save-untaxed-invoice.ts';
import type { TaxInvoiceArgument } from './tax-invoice-act.ts';

export type TaxedOutcome =
  /** `waits`: its taxes are still not known. `failed`: nobody can tell them. `already_done`: it does not wait. */
  | { readonly outcome: 'taxed' | 'failed' | 'waits' | 'already_done' }
  /** Its customer's tax provider is to be asked. */
  | { readonly outcome: 'ask' }
  /** It has failed and is tried again then. `dueAt` null: a test clock says when. */
  | { readonly outcome: 'waiting'; readonly dueAt: string | null };

interface Waiting extends WaitingInvoiceRows {
  readonly now: Date;
}

/** What decides on its taxes: our rules, or what its customer's provider has answered. */
type Held =
  | { readonly kind: 'rules'; readonly facts: InvoiceTaxFacts }
  | Extract<ProviderStep, { readonly kind: 'tax' | 'fail' }>;

type Decision =
  | { readonly kind: 'taxed'; readonly taxed: TaxedInvoice }
  | {
      readonly kind: 'failed';
      readonly untaxed: UntaxedInvoice;
      readonly error: ProviderError;
      readonly retryAt: Date | null;
    };

/**
 * Taxes an invoice that waited for its customer's VAT number to be checked, or for the customer's tax provider, and
 * makes it final, in one transaction, its number last (spec, money 1.7, 1.8). While another check is under way it does
 * nothing: that one's answer has it done again. May run any number of times, side by side too.
 */
export const taxInvoice = (
  dependencies: ActivityDependencies,
  argument: TaxInvoiceArgument,
): Promise<TaxedOutcome | Busy> => doAct(dependencies, taxing(dependencies), argument);

const taxing = ({
  realTime,
  taxProviders,
}: ActivityDependencies): ActStages<TaxInvoiceArgument, Waiting, Held, Decision, TaxedOutcome> => ({
  name: 'taxInvoice',
  alreadyDone: { outcome: 'already_done' },
  load: async (em, { actId, invoiceId }) => {
    const rows = await waitingInvoice(em, invoiceId);
    const waits = rows !== null && (rows.customer.taxProviderCode != null || rows.invoice.status === 'pending');
    if (waits) return { ...rows, now: rows.clockNow ?? realTime() };
    await finishActs(em, [actId]);
    return ended({ outcome: 'already_done' });
  },
  hold: async (em, rows, { actId }) => {
    if (rows.customer.taxProviderCode != null) return holdProviderStep(em, rows, actId);
    // The act ends whatever comes of it: an answer that comes later wants it again.
    await finishActs(em, [actId]);
    const facts = await loadTaxFacts(em, rows);
    return facts.awaitedFrom === null ? { kind: 'rules', facts } : ended({ outcome: 'waits' });
  },
  decide: (held, { now, ...rows }) => {
    const waiting = waitingOf(rows);
    const today = localDate(now, applicableTimeZone(rows.customer, rows.customerEntity));
    switch (held.kind) {
      case 'rules':
        return { kind: 'taxed', taxed: taxWaitingInvoice(waiting, held.facts, today) };
      case 'tax': {
        const fees = waiting.fees.map((fee) => ({ ...fee, ...held.taxes.get(fee.id)! }));
        return { kind: 'taxed', taxed: taxedInvoice(waiting, fees, today) };
      }
      case 'fail':
        return { ...held, kind: 'failed', untaxed: untaxedInvoice(waiting) };
      default:
        return held satisfies never;
    }
  },
  save: async (em, decision, rows, { actId }) => {
    if (decision.kind === 'taxed') {
      await saveTaxedInvoice(em, rows, decision.taxed, rows.now);
      return { outcome: 'taxed' };
    }
    const { untaxed, error, retryAt } = decision;
    const providerName = taxProviders.get(rows.customer.taxProviderCode ?? '')?.name ?? null;
    await saveUntaxedInvoice(em, rows, untaxed, error, providerName, rows.now);
    return retryAt === null ? { outcome: 'failed' } : waitUntil(em, actId, retryAt, rows.clockNow);
  },
});

/** What is to be done about an invoice that a provider taxes; what needs no answer of its is done here. */
async function holdProviderStep(
  em: EntityManager,
  { invoice, fees, errors, clockNow, now }: Waiting,
  actId: string,
): Promise<Extract<Held, { readonly kind: 'tax' | 'fail' }> | Ended<TaxedOutcome>> {
  const { id: invoiceId, organizationId, status } = invoice;
  if (status !== 'draft' && status !== 'pending' && status !== 'failed') throw new Error(`${invoiceId} is ${status}`);
  await markWorking(em, actId);
  const failure = errors.find(({ errorCode }) => errorCode === 'tax_error');
  const step = providerStep(
    {
      status,
      fees: fees.map((fee) => ({ ...fee, feeId: fee.id })),
      answer: await providerAnswer(em, { organizationId, invoiceId, feeIds: fees.map(({ id }) => id) }),
      failure: failure ? { message: String(failure.details['tax_error_message']), at: failure.createdAt } : null,
    },
    now,
  );
  switch (step.kind) {
    case 'ask':
      if (status === 'failed') await reopenInvoice(em, invoice, now);
      return ended({ outcome: 'ask' });
    case 'wait':
      return ended(await waitUntil(em, actId, step.until, clockNow));
    case 'end':
      await finishActs(em, [actId]);
      return ended({ outcome: 'already_done' });
    case 'tax':
    case 'fail':
      await forgetProviderAnswer(em, invoiceId);
      if (step.kind === 'tax' || step.retryAt === null) await finishActs(em, [actId]);
      return step;
    default:
      return step satisfies never;
  }
}

async function waitUntil(
  em: EntityManager,
  actId: string,
  until: Date,
  clockNow: Date | null,
): Promise<{ readonly outcome: 'waiting'; readonly dueAt: string | null }> {
  await markWaitingUntil(em, actId, until);
  return { outcome: 'waiting', dueAt: clockNow === null ? until.toISOString() : null };
}

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
  creditNotes,
  periods,
  customer,
  billingEntity,
  givenTaxes,
}: WaitingInvoiceRows): WaitingInvoice => ({
  status: invoice.status === 'draft' ? 'draft' : 'pending',
  invoiceType: invoice.invoiceType,
  isInstant: fees.some(({ payInAdvance }) => payInAdvance),
  fees: fees.map((fee) => waitingFee(fee, givenTaxes)),
  credits: {
    progressiveBillingCreditAmountCents: invoice.progressiveBillingCreditAmountCents,
    couponsAmountCents: invoice.couponsAmountCents,
    taxesAmountCents: 0n,
    creditNotesAmountCents: invoice.creditNotesAmountCents,
    prepaidCreditAmountCents: invoice.prepaidCreditAmountCents,
  },
  creditNotes,
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
