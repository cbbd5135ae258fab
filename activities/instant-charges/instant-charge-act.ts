import type { WantedAct } from '../../db/acts/act.ts';
import type { InstantOccasion } from '../../db/queries/instant-charges/instant-occasions.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** One event that a charge in advance asks money for at once (spec, usage 6). */
export const instantChargeKind = {
  name: 'instantCharge',
  workflow: 'instantCharge',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 2,
  rank: 20,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export const instantChargeId = (eventId: string, chargeId: string): string => `instant/${eventId}/${chargeId}`;

export interface InstantChargeArgument extends ActArgument {
  readonly eventId: string;
  readonly chargeId: string;
  readonly subscriptionId: string;
}

/** The act that prices an event; of all that are open the first prices all. */
export function instantChargeAct(
  organizationId: string,
  { eventId, chargeId, subscriptionId, customerId }: InstantOccasion,
): WantedAct {
  return actOf(instantChargeKind, {
    id: instantChargeId(eventId, chargeId),
    organizationId,
    customerId,
    subscriptionId,
    argument: { eventId, chargeId, subscriptionId },
    summary: `Charge event ${eventId} by charge ${chargeId}`,
  });
}
