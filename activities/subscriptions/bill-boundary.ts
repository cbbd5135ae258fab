import type { EntityManager } from '@mikro-orm/postgresql';
import { v5 } from 'uuid';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { localDate } from '../../billing/calendar/local-date.ts';
import { dueDayOfTermination } from '../../billing/calendar/termination-windows.ts';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import type { PlannedInvoice } from '../../billing/invoices/planned-invoice.ts';
import { NO_CHAIN } from '../../billing/subscriptions/subscription-chain.ts';
import { ANY_CHARGES, termsOf } from '../../billing/subscriptions/terms-of.ts';
import { lockAct } from '../../db/customer-lock.ts';
import { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { InvoiceSubscription } from '../../db/entities/invoice-subscription.ts';
import { Organization } from '../../db/entities/organization.ts';
import { Plan } from '../../db/entities/plan.ts';
import { Subscription } from '../../db/entities/subscription.ts';
import { scopedTo } from '../../db/orm.ts';
import { sql } from '../../db/sql.ts';
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

/** A subscription with everything that its first or last invoice needs to know of its surroundings. */
export interface BoundaryOwner {
  readonly organization: Organization;
  readonly subscription: Subscription;
  readonly plan: Plan;
  /** The customer's. */
  readonly timeZone: string;
  /** The organization's clock. */
  readonly now: Date;
  readonly place: InvoicePlace;
}

/**
 * Makes the first invoice of a subscription in advance (at its start, or at the end of its trial), or the last one of a
 * subscription that has ended, in one transaction (spec, subscriptions-and-invoices 2.4, 2.11, 5.3). May run any number of
 * times, side by side too.
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
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const subscription = await em.findOneOrFail(Subscription, { id: subscriptionId });
  const customer = await em.findOneOrFail(Customer, { id: subscription.customerId });
  const plan = await em.findOneOrFail(Plan, { id: subscription.planId });
  const ownEntity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const billingEntity = subscription.billingEntityId
    ? await em.findOneOrFail(BillingEntity, { id: subscription.billingEntityId })
    : ownEntity;
  const now = organization.clockNow ?? realNow;
  return {
    organization,
    subscription,
    plan,
    timeZone: applicableTimeZone(customer, ownEntity),
    now,
    place: {
      invoiceId: boundaryInvoiceId(subscription.id, reason),
      customer,
      billingEntity,
      purchaseOrderNumber: subscription.purchaseOrderNumber ?? null,
      now,
      frozen: organization.clockNow != null,
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
 * A subscription that ends on a due day takes over the period that closes there, unless it is billed: whoever has its claim
 * bills it (spec, subscriptions-and-invoices 3.4, 13.3).
 *
 * @returns whether this invoice has the claim.
 */
async function claimClosedPeriod(
  em: EntityManager,
  { subscription, plan, timeZone, now, place }: BoundaryOwner,
): Promise<boolean> {
  const due = dueDayOfTermination({
    terms: termsOf(subscription, plan, ANY_CHARGES, NO_CHAIN),
    createdAt: subscription.createdAt,
    timeZone,
    lastBillingDay: subscription.lastBillingDay ?? null,
    lastWindows: null,
  });
  if (due === null) return false;
  const claimed = await sql(
    em,
    `insert into billing_claims (subscription_id, period_key, organization_id, invoice_id, created_at)
     values ($1, $2, $3, $4, $5) on conflict do nothing returning 1`,
    [subscription.id, due.periodKey, subscription.organizationId, place.invoiceId, now.toISOString()],
  );
  return claimed.length > 0;
}
