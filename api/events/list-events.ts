import type { FilterQuery } from '@mikro-orm/postgresql';
import { Event } from '../../db/entities/event.ts';
import { startOfSubscription } from '../../db/queries/subscriptions/subscription-start.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import { eventJson } from '../../shapes/usage/event.ts';
import type { EventListQuery } from './schema.ts';
import { timeRangeOf } from './time-range.ts';

const microseconds = (milliseconds: number): bigint => BigInt(milliseconds) * 1000n;

/** A page of events, the latest first (spec, usage 2.6). */
export async function listEvents({ em, organization }: RequestContext, query: EventListQuery) {
  const { to, ...range } = timeRangeOf(query);
  const from = range.fromStartOf ? await startOfSubscription(em, organization.id, range.fromStartOf) : range.from;
  const where: FilterQuery<Event> = {
    ...(query.code && { code: query.code }),
    ...(query.external_subscription_id && { externalSubscriptionId: query.external_subscription_id }),
    // Event times are cut to the milliseconds that answers show, so that a shown time works as a bound.
    timestamp: {
      ...(from !== undefined && { $gte: microseconds(from) }),
      ...(to !== undefined && { $lt: microseconds(to + 1) }),
    },
  };
  const page = pageOf(query);
  const [events, count] = await Promise.all([
    em.find(Event, where, {
      orderBy: { timestamp: 'desc', transactionId: 'asc', id: 'asc' },
      limit: page.limit,
      offset: page.offset,
    }),
    em.count(Event, where),
  ]);
  return { events: events.map(eventJson), meta: metaOf(page, count) };
}
