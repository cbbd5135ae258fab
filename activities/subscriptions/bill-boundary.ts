import type { EntityManager } from '@mikro-orm/postgresql';
import { v5 } from 'uuid';
import { localDate } from '../../billing/calendar/local-date.ts';
import { dueDayOfTermination } from '../../billing/calendar/termination-windows.ts';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import type { PlannedInvoice } from '../../billing/invoices/planned-invoice.ts';
import { ANY_CHARGES, termsOf } from '../../billing/subscriptions/terms-of.ts';
import { lockAct } from '../../db/customer-lock.ts';
import { InvoiceSubscription } from '../../db/entities/invoice-subscription.ts';
import { scopedTo } from '../../db/orm.ts';
import { claimPeriod } from '../../db/queries/subscriptions/billing-claims.ts';
import { subscriptionContext, type SubscriptionContext } from '../../db/queries/subscriptions/subscription-context.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { holdSources } from '../invoices/hold-sources.ts';
import { loadInvoiceFacts } from '../invoices/load-invoice-facts.ts';
import { asItWas } from '../invoices/rebuild-draft.ts';
import { saveInvoice, type InvoicePlace } from '../invoices/save-invoice.ts';
import type { BoundaryArgument, BoundaryReason } from './boundary-argument.ts';

export type BillBoundaryOutcome =
  | { readonly outcome: 'billed'; readonly invoiceId: string }
  | { readonly outcome: 'already_done' }
  /** Somebody else has the customer's lock: wait durably and come again. */
  | { readonly outcome: 'busy' };

/** Namespace of the ids of first and last invoices. */
const NAMESPACE = '5f0b3f7c-6a55-5b39-9d0e-0f6b6d0b8a11';

/** A subscription has one first and one last invoice, ever (spec, subscriptions-and-invoices 4.3.4). */
const boundaryInvoiceId = (subscriptionId: string, reason: BoundaryReason): string =>
  v5(JSON.stringify([subscriptionId, reason]), NAMESPACE);

/**
 * A subscription with everything that its first or last invoice needs to know of its surroundings; its rows are for
 * reading.
 */
export interface BoundaryOwner extends Omit<SubscriptionContext, 'clockNow'> {
  /** The organization's clock. */
  readonly now: Date;
  readonly place: InvoicePlace;
}

/**
 * Makes the first invoice of a subscription in advance (at its start, or at the end of its trial), or the last one of a
 * subscription that has ended, in one transaction (spec, subscriptions-and-invoices 2.4, 2.11, 5.3). May run any number
 * of times, side by side too.
 */
export async function billBoundary(
  dependencies: ActivityDependencies,
  argument: BoundaryArgument,
): Promise<BillBoundaryOutcome> {
  const em = scopedTo(dependencies.orm.em, argument.organizationId);
  const outcome = await em.transactional((inner) => makeBoundaryInvoice(inner, dependencies, argument));
  dependencies.fault('boundary:after-commit');
  dependencies.actsWritten();
  return outcome;
}

/** The same in the running transaction. */
export async function makeBoundaryInvoice(
  em: EntityManager,
  { fault, realTime }: Pick<ActivityDependencies, 'fault' | 'realTime'>,
  argument: BoundaryArgument,
): Promise<BillBoundaryOutcome> {
  const { actId, reason } = argument;
  const act = await lockAct(em, argument);
  if (!act || act.state === 'done') return { outcome: 'already_done' };
  if (!act.locked) return { outcome: 'busy' };
  const owner = await loadBoundaryOwner(em, argument, realTime());
  const { subscription, place } = owner;
  const rows = await em.count(InvoiceSubscription, { subscriptionId: subscription.id, invoicingReason: reason });
  if (rows > 0) {
    await finishActs(em, [actId]);
    return { outcome: 'already_done' };
  }
  fault('boundary:before-claim');
  if (reason === 'subscription_terminating') {
    const isClaimed = await claimClosedPeriod(em, owner);
    // Then there is nothing but this period to bill.
    if (!isClaimed && subscription.onTerminationInvoice === 'skip') {
      await finishActs(em, [actId]);
      return { outcome: 'already_done' };
    }
  }
  const planned = await holdSources(em, argument.organizationId, [plannedInvoice(owner, argument)]);
  const [facts] = await loadInvoiceFacts(em, argument.organizationId, planned);
  await finishActs(em, [actId], place.invoiceId);
  await saveInvoice(em, place, calculateInvoice(facts!));
  fault('boundary:before-commit');
  return { outcome: 'billed', invoiceId: place.invoiceId };
}

export async function loadBoundaryOwner(
  em: EntityManager,
  { organizationId, subscriptionId, reason }: BoundaryArgument,
  realNow: Date,
): Promise<BoundaryOwner> {
  const { clockNow, ...context } = await subscriptionContext(em, organizationId, subscriptionId, 'read');
  const { subscription, customer, billingEntity } = context;
  const now = clockNow ?? realNow;
  return {
    ...context,
    now,
    place: {
      invoiceId: boundaryInvoiceId(subscription.id, reason),
      customer,
      billingEntity,
      purchaseOrderNumber: subscription.purchaseOrderNumber ?? null,
      now,
      frozen: clockNow !== null,
    },
  };
}

const plannedInvoice = (
  { subscription, plan, timeZone, now, place }: BoundaryOwner,
  { reason, at }: BoundaryArgument,
): PlannedInvoice => ({
  invoiceType: 'subscription',
  invoiceId: place.invoiceId,
  customer: place.customer,
  billingEntity: place.billingEntity,
  timeZone,
  currency: plan.amountCurrency,
  billingInstant: new Date(at),
  recurring: false,
  lines: [{ subscription: asItWas(subscription, reason), plan, invoicingReason: reason }],
  day: localDate(now, timeZone),
  finalizedOn: null,
  isMadeAgain: false,
});

/**
 * A subscription that ends on a due day takes over the period that closes there, unless it is billed: whoever has its
 * claim bills it (spec, subscriptions-and-invoices 3.4, 13.3).
 *
 * @returns whether this invoice has the claim.
 */
async function claimClosedPeriod(
  em: EntityManager,
  { subscription, plan, timeZone, now, place, chain }: BoundaryOwner,
): Promise<boolean> {
  const due = dueDayOfTermination({
    terms: termsOf(subscription, plan, ANY_CHARGES, chain),
    createdAt: subscription.createdAt,
    timeZone,
    lastBillingDay: subscription.lastBillingDay ?? null,
    lastWindows: null,
  });
  if (due === null) return false;
  const { organizationId, id: subscriptionId } = subscription;
  const { periodKey } = due;
  return claimPeriod(em, { organizationId, subscriptionId, periodKey, invoiceId: place.invoiceId }, now);
}
