import { invalid, type ErrorDetails } from '../../billing/refusal.ts';
import type { EventListQuery } from './schema.ts';

/** Bounds of event times; both inclusive, in milliseconds since 1970. */
export interface TimeRange {
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** The lower bound is the start of this subscription. */
  readonly fromStartOf: string | undefined;
}

/**
 * What a list of events asks for in time (spec, usage 2.6).
 *
 * @throws Refusal 422 on the field.
 */
export function timeRangeOf(query: EventListQuery): TimeRange {
  const fromStart = query.timestamp_from_started_at === true;
  const errors: Record<string, ErrorDetails[string]> = {};
  const from = query.timestamp_from?.at.getTime();
  const to = query.timestamp_to?.at.getTime();
  if (fromStart && query.timestamp_from) errors['timestamp_from'] = ['cannot be used with timestamp_from_started_at'];
  if (fromStart && !query.external_subscription_id) {
    errors['external_subscription_id'] = ['required with timestamp_from_started_at'];
  }
  if (Object.keys(errors).length > 0) throw invalid(errors);
  return { from, to, fromStartOf: fromStart ? query.external_subscription_id : undefined };
}
