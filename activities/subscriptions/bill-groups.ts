import type { EntityManager } from '@mikro-orm/postgresql';
import { localDate, parseLocalDate, startOfLocalDay } from '../../billing/calendar/local-date.ts';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import { standaloneRenewals } from '../../billing/fees/generate-renewal-fees.ts';
import type { InvoiceFacts } from '../../billing/invoices/invoice-facts.ts';
import { taxedParties, type PlannedInvoice } from '../../billing/invoices/planned-invoice.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { renamePeriods } from '../../db/acts/rename-periods.ts';
import { succeedActs } from '../../db/acts/succeed-acts.ts';
import { noteBilledDays } from '../../db/queries/subscriptions/billed-days.ts';
import { claimGroups, freeInvoiceId, type GroupClaim } from '../../db/queries/subscriptions/billing-claims.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { gatherPaidFees } from '../instant-charges/gather-paid-fees.ts';
import { taxesForNow } from '../instant-charges/load-instant-sources.ts';
import { taxedAtOnce, writeStandaloneFees, type StandaloneFee } from '../instant-charges/standalone-fees.ts';
import { holdSources } from '../invoices/hold-sources.ts';
import { periodicInvoiceId } from '../invoices/invoice-id.ts';
import { loadInvoiceFacts } from '../invoices/facts/load-invoice-facts.ts';
import { saveInvoices, type InvoicePlace } from '../invoices/save-invoices.ts';
import type { DueCustomer, DueGroup, DuePeriod } from './load-due.ts';
import { nextPeriodAct } from './next-period.ts';

/** A group of a customer whose lock is held. */
export interface GroupToBill {
  readonly due: DueCustomer;
  readonly group: DueGroup;
}

/** A group with what it claims; `planned`: null when others had claimed all of it. */
interface ClaimedGroup extends GroupToBill {
  readonly claim: GroupClaim;
  readonly place: InvoicePlace;
  readonly planned: PlannedInvoice | null;
}

/**
 * Bills groups of one organization's customers in the running transaction, one of each customer, in as many statements
 * as one group: each invoice is decided on by itself.
 *
 * @param by the act whose workflow does it; null: a request does.
 * @returns the ids of their invoices, in their order.
 */
export async function billGroups(
  em: EntityManager,
  { timing, fault }: Pick<ActivityDependencies, 'timing' | 'fault'>,
  groups: readonly [GroupToBill, ...GroupToBill[]],
  by: string | null,
): Promise<readonly string[]> {
  const { now, organization } = groups[0].due;
  fault('period:before-claim');
  const claimed = await claim(em, organization.id, groups, now);
  fault('period:after-claim');
  const invoices = await calculate(em, organization.id, claimed);
  await renamePeriods(
    em,
    groups.flatMap(({ group }) => group.periods.filter(({ isMoved }) => isMoved)),
  );
  const continued = await noteBilled(em, groups);
  await succeedActs(
    em,
    claimed.flatMap(({ group, claim: { invoiceId }, planned }) =>
      group.periods.map(({ actId }) => ({ id: actId, invoiceId: planned && invoiceId })),
    ),
    groups.flatMap(({ due }, index) => successorsOf(due, continued[index]!, timing)),
    { by, now },
  );
  await writeStandaloneFees(em, { organizationId: organization.id, now }, await renewalsOf(em, invoices));
  const gathered = await gatherPaidFees(em, organization.id, invoices);
  await saveInvoices(em, organization.id, [...invoices, ...gathered]);
  return claimed.map(({ claim: { invoiceId } }) => invoiceId);
}

/** Whoever inserts a period's claim bills it (spec, subscriptions-and-invoices 13.3). */
async function claim(
  em: EntityManager,
  organizationId: string,
  groups: readonly GroupToBill[],
  now: Date,
): Promise<readonly ClaimedGroup[]> {
  const claims = await claimGroups(
    em,
    organizationId,
    groups.map(({ due, group }) => ({
      candidates: occurrencesOf(due, group),
      periods: group.periods.map(({ subscription, periodKey }) => ({ subscriptionId: subscription.id, periodKey })),
    })),
    now,
  );
  return groups.map(({ due, group }, index) => {
    const found = claims[index];
    if (!found) throw new Error(`more than ${OCCURRENCES} invoices of ${group.billingDay}`);
    const place = { ...placeOf(due, group), invoiceId: found.invoiceId, isNew: found.isNew };
    const periods = group.periods.filter(({ subscription }) => found.subscriptionIds.has(subscription.id));
    const planned = periods.length === 0 ? null : plannedInvoice(due, group, periods, found.invoiceId);
    return { due, group, claim: found, place, planned };
  });
}

async function calculate(em: EntityManager, organizationId: string, claimed: readonly ClaimedGroup[]) {
  const toMake = claimed.flatMap(({ place, planned }) => (planned === null ? [] : [{ place, planned }]));
  if (toMake.length === 0) return [];
  const planned = await holdSources(
    em,
    organizationId,
    toMake.map((invoice) => invoice.planned),
  );
  const facts = await loadInvoiceFacts(em, organizationId, planned);
  return toMake.map(({ place }, index) => ({
    place,
    facts: facts[index]!,
    calculated: calculateInvoice(facts[index]!),
  }));
}

/** What charges in advance without invoice ask for the period that begins (spec, usage 6.6). */
async function renewalsOf(
  em: EntityManager,
  invoices: readonly { readonly place: InvoicePlace; readonly facts: InvoiceFacts }[],
): Promise<readonly StandaloneFee[]> {
  const renewed = invoices.flatMap(({ place, facts }) => {
    const fees = facts.subscriptions.flatMap((subscription) => standaloneRenewals(subscription, facts));
    return fees.length === 0 ? [] : [{ place, facts, fees }];
  });
  const written: StandaloneFee[] = [];
  // Only where a customer's number is being checked there is something to ask for.
  for (const { place, facts, fees } of renewed) {
    const { customer, billingEntity, now } = place;
    const taxes = await taxesForNow(em, customer, facts.taxes, now);
    const owner = { customerId: customer.id, billingEntityId: billingEntity.id, currency: facts.currency };
    written.push(...taxedAtOnce(fees, taxes).map((fee) => ({ ...owner, fee })));
  }
  return written;
}

/** The invoice of a group, before anything else is known of it. */
export const plannedInvoice = (
  due: DueCustomer,
  { billingDay, timeZone, group }: DueGroup,
  periods: readonly DuePeriod[],
  invoiceId: string,
): PlannedInvoice => ({
  invoiceType: 'subscription',
  invoiceId,
  customer: due.customer,
  billingEntity: due.billingEntities.find(({ id }) => id === group.billingEntityId)!,
  taxed: taxedParties(due.customer),
  timeZone,
  currency: group.currency,
  billingInstant: startOfLocalDay(parseLocalDate(billingDay), timeZone),
  recurring: true,
  lines: periods.map(({ subscription, plan }) => ({
    subscription,
    plan,
    invoicingReason: 'subscription_periodic' as const,
  })),
  day: localDate(due.now, due.timeZone),
  finalizedOn: null,
  isMadeAgain: false,
  awaitedTaxes: false,
});

/** Finished invoices of one day and group at most: a subscription may fall due for a day whose invoice is out. */
const OCCURRENCES = 20;

const occurrencesOf = (due: DueCustomer, { billingDay, group }: DueGroup): readonly string[] =>
  Array.from({ length: OCCURRENCES }, (_, occurrence) =>
    periodicInvoiceId(due.customer.id, billingDay, group.key, occurrence),
  );

export async function invoiceIdFor(em: EntityManager, due: DueCustomer, group: DueGroup): Promise<string> {
  const chosen = await freeInvoiceId(em, occurrencesOf(due, group));
  if (chosen === undefined) throw new Error(`more than ${OCCURRENCES} invoices of ${group.billingDay}`);
  return chosen;
}

export const placeOf = (due: DueCustomer, { group }: DueGroup) => ({
  customer: due.customer,
  billingEntity: due.billingEntities.find(({ id }) => id === group.billingEntityId)!,
  purchaseOrderNumber: group.purchaseOrderNumber,
  now: due.now,
  hasTestClock: due.hasTestClock,
});

/**
 * Notes how far the subscriptions of groups are billed, in their rows and in what was read of them.
 *
 * @returns of each group the periods that nothing comes after yet: one that had stayed behind has had its successor
 * since.
 */
export async function noteBilled(
  em: EntityManager,
  groups: readonly Pick<GroupToBill, 'group'>[],
): Promise<readonly (readonly DuePeriod[])[]> {
  const continued = groups.map(({ group: { periods } }) =>
    periods.filter(
      ({ subscription: { lastBillingDay }, billingDay }) => lastBillingDay == null || lastBillingDay < billingDay,
    ),
  );
  for (const { subscription, billingDay } of continued.flat()) subscription.lastBillingDay = billingDay;
  const periods = groups.flatMap(({ group }) => group.periods);
  await noteBilledDays(
    em,
    periods.map(({ subscription }) => ({ subscriptionId: subscription.id, day: subscription.lastBillingDay ?? null })),
  );
  return continued;
}

/** The acts of the next periods of subscriptions that are noted as billed (`noteBilled`). */
export const successorsOf = (
  due: DueCustomer,
  periods: readonly DuePeriod[],
  timing: ActivityDependencies['timing'],
): WantedAct[] =>
  periods
    .map(({ subscription, plan, chain }) =>
      nextPeriodAct(
        { ...due, subscription, plan, chain },
        timing,
        periods.map(({ actId }) => actId),
      ),
    )
    .filter((act) => act !== null);
