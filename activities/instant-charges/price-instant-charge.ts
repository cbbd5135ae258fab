import type { EntityManager } from '@mikro-orm/postgresql';
import { priceEvents, type PricedEventFee, type PricedEvents } from '../../billing/instant-charges/price-events.ts';
import type { CountedItem } from '../../billing/instant-charges/running-usage.ts';
import { carriesOver } from '../../billing/usage/aggregate.ts';
import { succeedActs } from '../../db/acts/succeed-acts.ts';
import { unpricedEvents, type UnpricedEvent } from '../../db/acts/unpriced-events.ts';
import { writeItems } from '../../db/queries/instant-charges/counted-items.ts';
import { addToLaterUsages, writeRunningUsages } from '../../db/queries/instant-charges/running-usages.ts';
import { done, doLocked, type Busy, type Done, type Ended } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { isTransient } from '../failures.ts';
import { saveInvoices } from '../invoices/save-invoices.ts';
import { instantChargeKind, type InstantChargeArgument } from './instant-charge-act.ts';
import { calculateInstantInvoices, isInvoiced } from './instant-invoices.ts';
import { loadInstantCharge, moneyOf, placeEvents, type InstantChargeContext } from './load-instant-charge.ts';
import { loadInstantSources, type InstantSources } from './load-instant-sources.ts';
import { loadRunningUsages, type LoadedRunningUsages } from './load-running-usages.ts';
import { standaloneFee, writeStandaloneFees, type StandaloneFee } from './standalone-fees.ts';

export type InstantChargeOutcome =
  /** Its event is priced, or costs nothing any more. */
  | { readonly outcome: 'priced' }
  /** Others before it are: once more. */
  | { readonly outcome: 'more' }
  | { readonly outcome: 'already_done' };

/** Which events a transaction prices: those that are open, a page of them, or the act's own alone. */
type Which = 'page' | 'own';

/** Events that one transaction prices, each with an invoice where the charge has one. */
const PAGE = 100;

/**
 * Prices events of one subscription and one charge in advance: all that are not priced yet, in the order in which they
 * were taken in, page by page (spec, usage 6.2). Of many such acts the first to have the customer's lock does the work
 * of all. Fees, invoices, and where usage stands after them are of one transaction (S010, S012). May run any number of
 * times, side by side too.
 *
 * Where a page cannot be priced, each act prices its own event alone: one of an amount that no fee can hold fails by
 * itself, and is no longer open for the others once its act has failed.
 */
export async function priceInstantCharge(
  dependencies: ActivityDependencies,
  argument: InstantChargeArgument,
): Promise<InstantChargeOutcome | Busy> {
  const price = (which: Which) =>
    doLocked<InstantChargeOutcome>(dependencies, 'instantCharge', { outcome: 'already_done' }, argument, (em) =>
      pricePage(em, argument, dependencies.realTime(), which),
    );
  try {
    return await price('page');
  } catch (error) {
    if (isTransient(error)) throw error;
    return price('own');
  }
}

async function pricePage(
  em: EntityManager,
  argument: InstantChargeArgument,
  realNow: Date,
  which: Which,
): Promise<Done<InstantChargeOutcome> | Ended<InstantChargeOutcome>> {
  const { organizationId, actId } = argument;
  const context = await loadInstantCharge(em, organizationId, argument);
  if (context === null) {
    await succeedActs(em, [{ id: actId, invoiceId: null }], [], { by: actId, now: realNow });
    return done({ outcome: 'priced' });
  }
  const now = context.clockNow ?? realNow;
  const sources = await loadInstantSources(em, organizationId, context, now);
  const unpriced = await unpricedEvents(em, {
    organizationId,
    customerId: context.customer.id,
    subscriptionId: context.subscription.id,
    chargeId: context.charged.charge.id,
    kind: instantChargeKind.name,
    fieldName: context.charged.billableMetric.fieldName ?? null,
    keys: context.keys,
    actId: which === 'own' ? actId : null,
    // Each invoice takes what the one before it has left of a coupon.
    limit: sources.takesCredits && isInvoiced(context) ? 1 : PAGE,
  });
  const events = await placeEvents(em, organizationId, context, unpriced);
  const loaded = await loadRunningUsages(em, organizationId, context, events);
  const priced = priceEvents(events, loaded.before, moneyOf(context), loaded.present);
  await save(em, { organizationId, actId, now, context, sources, unpriced, priced, loaded });
  return done({ outcome: unpriced.some((event) => event.actId === actId) ? 'priced' : 'more' });
}

interface Page {
  readonly organizationId: string;
  readonly actId: string;
  readonly now: Date;
  readonly context: InstantChargeContext;
  readonly sources: InstantSources;
  readonly unpriced: readonly UnpricedEvent[];
  readonly priced: PricedEvents;
  readonly loaded: LoadedRunningUsages;
}

/** The numbers of invoices come last. */
async function save(em: EntityManager, page: Page): Promise<void> {
  const { organizationId, actId, now, context, sources, unpriced, priced } = page;
  const invoices = isInvoiced(context) ? calculateInstantInvoices(context, sources, priced.fees, now) : [];
  const invoiceOf = new Map(invoices.map(({ event, place }) => [event.actId, place.invoiceId]));
  await succeedActs(
    em,
    unpriced.map(({ actId: id }) => ({ id, invoiceId: invoiceOf.get(id) ?? null })),
    [],
    { by: actId, now },
  );
  await writeRunningUsages(em, runningRows(page));
  await writeItems(em, organizationId, itemsAfter(page));
  if (carriesOver(context.charged.billableMetric)) await carryOn(em, page);
  if (!isInvoiced(context)) await writeStandaloneFees(em, { organizationId, now }, standaloneOf(page));
  else await saveInvoices(em, organizationId, invoices);
}

const standaloneOf = ({ context, sources, priced }: Page): readonly StandaloneFee[] =>
  priced.fees.map((one) => ({
    fee: standaloneFee(context, sources, one),
    customerId: context.customer.id,
    billingEntityId: context.billingEntity.id,
    currency: context.plan.amountCurrency,
  }));

function runningRows({ organizationId, now, context, priced, loaded }: Page) {
  const feesOf = Map.groupBy(priced.fees, ({ event }) => event.runningId);
  return [...priced.running].map(([id, usage]) => {
    const fees: readonly PricedEventFee[] = feesOf.get(id)!;
    const { event } = fees[0]!;
    const row = loaded.rows.get(id);
    const { paid } = usage;
    return {
      id,
      organizationId,
      subscriptionId: context.subscription.id,
      chargeId: context.charged.charge.id,
      chargeFilterId: event.bucket.chargeFilterId,
      groupedBy: event.groupedBy,
      periodFrom: event.period.from,
      currentUnits: paid!.current,
      highestUnits: paid!.highest,
      highestProratedUnits: paid!.highestProrated,
      units: usage.units,
      eventsCount: usage.eventsCount,
      eventAmountCents: usage.eventAmountCents,
      usedAllowance: usage.usedAllowance && {
        ...usage.usedAllowance,
        total: usage.usedAllowance.total.toFixed(),
        left: usage.usedAllowance.left.toFixed(),
      },
      feesAmountCents: fees.reduce((sum, { fee }) => sum + fee.amountCents, row?.feesAmountCents ?? 0n),
      feesCount: BigInt(fees.length) + (row?.feesCount ?? 0n),
      updatedAt: now,
    };
  });
}

/** Of unique counts: what was there before the charge was, and what the events have changed since. */
const itemsAfter = ({ loaded, priced }: Page): readonly CountedItem[] => [
  ...new Map(
    [...loaded.found, ...priced.items].map((item) => [JSON.stringify([item.ownerId, item.value]), item]),
  ).values(),
];

/** Units that a late event has brought to its own period are there in the later ones, too. */
async function carryOn(em: EntityManager, { context, priced, loaded }: Page): Promise<void> {
  const firstOf = new Map(priced.fees.toReversed().map(({ event }) => [event.runningId, event]));
  const carried = [...priced.running].map(([id, after]) => {
    const before = loaded.before.get(id)!;
    const { bucket, groupedBy, period } = firstOf.get(id)!;
    return {
      chargeFilterId: bucket.chargeFilterId,
      groupedBy,
      periodFrom: period.from,
      units: after.units.minus(before.units),
      eventsCount: after.eventsCount - before.eventsCount,
      eventAmountCents: after.eventAmountCents.minus(before.eventAmountCents),
    };
  });
  await addToLaterUsages(em, context.subscription, context.charged.charge.id, carried);
}
