import type { EntityManager } from '@mikro-orm/postgresql';
import { v5 } from 'uuid';
import { localDate } from '../../billing/calendar/local-date.ts';
import { dueDayOfTermination } from '../../billing/calendar/termination-windows.ts';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import type { InvoiceFacts } from '../../billing/invoices/invoice-facts.ts';
import type { CalculatedInvoice } from '../../billing/invoices/invoice.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { taxedParties, type PlannedInvoice } from '../../billing/invoices/planned-invoice.ts';
import { serviceTermsOf } from '../../billing/subscriptions/terms-of.ts';
import { InvoiceSubscription } from '../../db/entities/invoices/invoice-subscription.ts';
import { claimPeriod } from '../../db/queries/subscriptions/billing-claims.ts';
import { subscriptionContext, type SubscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';
import { creditAfterEnd } from '../credit-notes/credit-after-end.ts';
import { doAct, doActWithin, ended, type ActStages, type Busy } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { gatherPaidFees } from '../instant-charges/gather-paid-fees.ts';
import { holdSources } from '../invoices/hold-sources.ts';
import { loadInvoiceFacts } from '../invoices/facts/load-invoice-facts.ts';
import { asItWas } from '../invoices/rebuild-draft.ts';
import { saveInvoices, type InvoicePlace } from '../invoices/save-invoices.ts';
import type { OwnInvoiceArgument, OwnInvoiceReason } from './own-invoice-argument.ts';

export type OwnInvoiceOutcome =
  | { readonly outcome: 'billed'; readonly invoiceId: string }
  | { readonly outcome: 'already_done' };

/** Namespace of the ids of first and last invoices. */
const NAMESPACE = '5f0b3f7c-6a55-5b39-9d0e-0f6b6d0b8a11';

/** A subscription has one first and one last invoice, ever (spec, subscriptions-and-invoices 4.3.4). */
const ownInvoiceId = (subscriptionId: string, reason: OwnInvoiceReason): string =>
  v5(JSON.stringify([subscriptionId, reason]), NAMESPACE);

/**
 * A subscription with everything that its first or last invoice needs to know of its surroundings; its rows are for
 * reading.
 */
export interface OwnInvoiceContext extends Omit<SubscriptionContext, 'clockNow'> {
  /** The organization's clock. */
  readonly now: Date;
  readonly place: InvoicePlace;
}

/**
 * Makes the first invoice of a subscription in advance (at its start, or at the end of its trial), or the last one of a
 * subscription that has ended, in one transaction (spec, subscriptions-and-invoices 2.4, 2.11, 5.3). May run any number
 * of times, side by side too.
 */
export const billOwnInvoice = (
  dependencies: ActivityDependencies,
  argument: OwnInvoiceArgument,
): Promise<OwnInvoiceOutcome | Busy> => doAct(dependencies, ownInvoice(dependencies), argument);

/** The same in the running transaction. */
export const makeOwnInvoice = (
  em: EntityManager,
  parts: OwnInvoiceParts,
  argument: OwnInvoiceArgument,
): Promise<OwnInvoiceOutcome | Busy> => doActWithin(em, ownInvoice(parts), argument);

type OwnInvoiceParts = Pick<ActivityDependencies, 'fault' | 'realTime'>;

const ownInvoice = ({
  fault,
  realTime,
}: OwnInvoiceParts): ActStages<
  OwnInvoiceArgument,
  OwnInvoiceContext,
  InvoiceFacts,
  InvoiceFacts & { readonly calculated: CalculatedInvoice },
  OwnInvoiceOutcome
> => ({
  name: 'own-invoice',
  alreadyDone: { outcome: 'already_done' },
  load: async (em, argument) => {
    const owner = await loadOwnInvoiceContext(em, argument, realTime());
    const made = { subscriptionId: argument.subscriptionId, invoicingReason: argument.reason };
    if ((await em.count(InvoiceSubscription, made)) === 0) return owner;
    await finishActs(em, [argument.actId]);
    return ended({ outcome: 'already_done' });
  },
  hold: async (em, owner, argument) => {
    fault('own-invoice:before-claim');
    if (argument.reason === 'subscription_terminating') {
      const isClaimed = await claimClosedPeriod(em, owner);
      // Then there is nothing but this period to bill.
      if (!isClaimed && owner.subscription.onTerminationInvoice === 'skip') {
        await finishActs(em, [argument.actId]);
        return ended({ outcome: 'already_done' });
      }
    }
    const { organizationId } = argument;
    const planned = await holdSources(em, organizationId, [plannedInvoice(owner, argument)]);
    const [facts] = await loadInvoiceFacts(em, organizationId, planned);
    return facts!;
  },
  decide: (facts) => ({ ...facts, calculated: calculateInvoice(facts) }),
  save: async (em, { calculated, ...facts }, { place, subscription, now }, { actId, organizationId, reason }) => {
    const { invoiceId } = place;
    await finishActs(em, [actId], invoiceId);
    const ending = reason === 'subscription_terminating' ? [{ place, facts }] : [];
    const gathered = await gatherPaidFees(em, organizationId, ending);
    await saveInvoices(em, organizationId, [{ place, calculated }, ...gathered]);
    if (reason === 'subscription_starting' && subscription.status === 'terminated') {
      await creditAfterEnd(em, { organizationId, invoiceId, subscriptionId: subscription.id }, now);
    }
    return { outcome: 'billed', invoiceId };
  },
});

export async function loadOwnInvoiceContext(
  em: EntityManager,
  { organizationId, subscriptionId, reason }: OwnInvoiceArgument,
  realNow: Date,
): Promise<OwnInvoiceContext> {
  const { clockNow, ...context } = await subscriptionContext(em, organizationId, subscriptionId, 'read');
  const { subscription, customer, billingEntity } = context;
  const now = clockNow ?? realNow;
  return {
    ...context,
    now,
    place: {
      invoiceId: ownInvoiceId(subscription.id, reason),
      customer,
      billingEntity,
      purchaseOrderNumber: subscription.purchaseOrderNumber ?? null,
      now,
      hasTestClock: clockNow !== null,
    },
  };
}

const plannedInvoice = (
  { subscription, plan, timeZone, now, place }: OwnInvoiceContext,
  { reason, at }: OwnInvoiceArgument,
): PlannedInvoice => ({
  invoiceType: 'subscription',
  invoiceId: place.invoiceId,
  customer: place.customer,
  billingEntity: place.billingEntity,
  taxed: taxedParties(place.customer),
  timeZone,
  currency: plan.amountCurrency,
  billingInstant: new Date(at),
  recurring: false,
  lines: [{ subscription: asItWas(subscription, reason), plan, invoicingReason: reason }],
  day: localDate(now, timeZone),
  finalizedOn: null,
  isMadeAgain: false,
  awaitedTaxes: false,
});

/**
 * A subscription that ends on a due day takes over the period that closes there, unless it is billed: whoever has its
 * claim bills it (spec, subscriptions-and-invoices 3.4, 13.3).
 *
 * @returns whether this invoice has the claim.
 */
async function claimClosedPeriod(
  em: EntityManager,
  { subscription, plan, timeZone, now, place, chain }: OwnInvoiceContext,
): Promise<boolean> {
  const due = dueDayOfTermination({
    terms: { ...serviceTermsOf(subscription, plan), next: chain.next },
    createdAt: subscription.createdAt,
    timeZone,
    lastBillingDay: subscription.lastBillingDay ?? null,
  });
  if (due === null) return false;
  const { organizationId, id: subscriptionId } = subscription;
  const { periodKey } = due;
  return claimPeriod(em, { organizationId, subscriptionId, periodKey, invoiceId: place.invoiceId }, now);
}
