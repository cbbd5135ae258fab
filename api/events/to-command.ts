import { v7 } from 'uuid';
import type { NewEvent } from '../../db/queries/usage/store-events.ts';
import { microsecondsOf } from '../../db/types/microseconds.ts';
import type { EventInput } from './schema.ts';

/** @param now the organization's clock: the time of an event that names none. */
export const toNewEvent = (input: EventInput, now: Date): NewEvent => ({
  id: v7(),
  transactionId: input.transaction_id,
  externalSubscriptionId: input.external_subscription_id ?? null,
  code: input.code,
  timestamp: input.timestamp ?? microsecondsOf(now),
  properties: input.properties,
  preciseTotalAmountCents: input.precise_total_amount_cents,
});
