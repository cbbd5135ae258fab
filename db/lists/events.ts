import { given } from './conditions.ts';
import { list, type Conditions } from './list.ts';

/** What a list of events asks for; what it leaves out is open (spec, usage 2.6). */
export interface EventFilter {
  readonly code?: string | undefined;
  readonly externalSubscriptionId?: string | undefined;
  /** Microseconds since 1970, inclusive. */
  readonly from?: bigint | undefined;
  /** Microseconds since 1970, exclusive. */
  readonly before?: bigint | undefined;
}

/** Counting millions of events would take longer than reading any page of them (`decisions.md`, S082). */
const COUNT_MAX = 10_000;

/** Events, the latest first. */
export const eventList = list({
  table: 'events',
  countMax: COUNT_MAX,
  order: [
    ['timestamp', 'desc'],
    ['transactionId', 'asc'],
    ['id', 'asc'],
  ],
  conditions: (filter: EventFilter, { eb }: Conditions<'events'>) => [
    given(filter.code, (code) => eb('events.code', '=', code)),
    given(filter.externalSubscriptionId, (id) => eb('events.externalSubscriptionId', '=', id)),
    given(filter.from, (from) => eb('events.timestamp', '>=', from)),
    given(filter.before, (before) => eb('events.timestamp', '<', before)),
  ],
});
