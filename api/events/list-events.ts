import { eventList, type EventFilter } from '../../db/lists/events.ts';
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
  // Event times are cut to the milliseconds that answers show, so that a shown time works as a bound.
  const filter: EventFilter = {
    code: query.code,
    externalSubscriptionId: query.external_subscription_id,
    from: from === undefined ? undefined : microseconds(from),
    before: to === undefined ? undefined : microseconds(to + 1),
  };
  const page = pageOf(query);
  const { rows, total } = await eventList.page(em, filter, page);
  return { events: rows.map(eventJson), meta: metaOf(page, total) };
}
