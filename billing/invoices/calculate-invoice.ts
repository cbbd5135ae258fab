import { applyCoupons } from '../coupons/apply-coupons.ts';
import { payWithNotes } from '../credit-notes/pay-with-notes.ts';
import { applyTaxes } from '../taxes/apply-taxes.ts';
import { feeGenerators } from '../fees/fee-generators.ts';
import { generateAddOnFee } from '../fees/generate-add-on-fee.ts';
import { UNTOUCHED } from '../fees/fee.ts';
import { assertInvoice } from './invariants.ts';
import { dateSettings, datesWhenFinalized, invoiceDates } from './invoice-dates.ts';
import { hasGracePeriod, isDraft } from './draft-facts.ts';
import { invoiceEffects } from './invoice-effects.ts';
import type { InvoicedSubscriptionFacts, InvoiceFacts } from './invoice-facts.ts';
import { finalStatus, initialPaymentStatus } from './invoice-status.ts';
import { takeSteps, type InvoiceInMaking, type InvoiceStep } from './invoice-steps.ts';
import type { CalculatedInvoice, InvoicedSubscription } from './invoice.ts';
import { invoiceTotals } from './totals.ts';

const addFees: InvoiceStep = {
  takes: () => true,
  onDrafts: true,
  step: (invoice, facts) => ({
    ...invoice,
    fees: [
      ...(facts.instant ? [facts.instant.fee] : []),
      ...facts.addOns.map((addOn) => generateAddOnFee(addOn, facts.currency)),
      ...facts.subscriptions.flatMap((subscription) =>
        feeGenerators.flatMap((generate) => generate(subscription, facts)),
      ),
    ].map((fee) => ({ ...fee, ...UNTOUCHED })),
  }),
};

/**
 * In the order of the rules: fees, progressive credits, coupons, taxes of the fees and of the invoice, credit notes,
 * wallets (spec, money 0; subscriptions-and-invoices 6.7). A step is a file of its capability that is named here at its
 * place; it says which types of invoice take it, by `INVOICE_POLICIES`, and whether drafts do.
 */
const STEPS: readonly InvoiceStep[] = [addFees, applyCoupons, applyTaxes, payWithNotes];

/**
 * Decides on a complete invoice: facts in, the invoice as data out. It saves nothing and gives no number; the same
 * facts give the same invoice, so a preview and a retry are what was billed (spec, subscriptions-and-invoices 4.4,
 * 6.7). Throws InvariantBroken rather than answer an invoice that contradicts itself.
 *
 * 31.00 a month from 15 January, 1001 requests at 0.05 and 3 GB at 2.00: fees of 1700, 5005 and 600 cents, 7305 in all.
 */
export function calculateInvoice(facts: InvoiceFacts): CalculatedInvoice {
  const made = takeSteps(STEPS, facts);
  const { fees, couponUses, noteUses, appliedTaxes, taxesRate, awaits } = made;
  const totals = invoiceTotals(fees, made.credits);
  const dated = datesAndStatus(facts, made, totals.feesAmountCents);
  const invoice: CalculatedInvoice = {
    invoiceType: facts.invoiceType,
    currency: facts.currency,
    timezone: facts.timeZone,
    ...dated,
    paymentStatus: initialPaymentStatus(totals.totalAmountCents),
    subscriptions: [
      ...(facts.instant ? [facts.instant.invoiced] : []),
      ...facts.subscriptions.map((subscription) => invoicedSubscription(subscription, facts)),
    ],
    fees,
    couponUses,
    noteUses,
    appliedTaxes,
    taxesRate,
    taxStatus: awaits === 'taxes' ? 'pending' : 'succeeded',
    effects: invoiceEffects(facts.invoiceType, dated.status, {
      ...facts,
      isInstant: facts.instant !== undefined,
      couponUses,
      noteUses,
      awaitsTaxes: awaits === 'taxes',
      asksProvider: facts.taxes.awaitedFrom === 'provider',
      madeWith: {
        applied: appliedTaxes,
        ofBillingEntity: facts.taxes.ofBillingEntity.flatMap(({ taxId }) => taxId ?? []),
      },
    }),
    ...totals,
  };
  assertInvoice(invoice);
  return invoice;
}

function datesAndStatus(
  facts: InvoiceFacts,
  { awaits }: InvoiceInMaking,
  feesAmountCents: bigint,
): Pick<
  CalculatedInvoice,
  'issuingDate' | 'paymentDueDate' | 'expectedFinalizationDate' | 'netPaymentTerm' | 'appliedGracePeriod' | 'status'
> {
  const { billingEntity, customer, day, finalizedOn, recurring } = facts;
  const settings = dateSettings(customer, billingEntity);
  const occasion = { day, recurring, hasGracePeriod: hasGracePeriod(facts) };
  const dates = invoiceDates(occasion, settings);
  return {
    ...(finalizedOn === null ? dates : datesWhenFinalized(dates, occasion, settings, finalizedOn)),
    netPaymentTerm: settings.netPaymentTerm,
    appliedGracePeriod: settings.invoiceGracePeriod,
    status: isDraft(facts)
      ? 'draft'
      : awaits === null
        ? finalStatus(feesAmountCents, customer, billingEntity)
        : 'pending',
  };
}

function invoicedSubscription(
  { subscriptionId, invoicingReason, windows }: InvoicedSubscriptionFacts,
  { billingInstant, recurring }: InvoiceFacts,
): InvoicedSubscription {
  return {
    subscriptionId,
    timestamp: billingInstant,
    recurring,
    invoicingReason,
    fromDatetime: windows.from,
    toDatetime: windows.to,
    chargesFromDatetime: windows.chargesFrom,
    chargesToDatetime: windows.chargesTo,
    fixedChargesFromDatetime: windows.fixedChargesFrom,
    fixedChargesToDatetime: windows.fixedChargesTo,
  };
}
