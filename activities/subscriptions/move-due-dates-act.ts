import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** Moves the due moments of running periods after a time-zone change of a billing entity. */
export const moveDueDatesKind = {
  name: 'reschedule',
  workflow: 'moveDueDates',
  queue: 'urgent',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 2,
  rank: 10,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export interface MoveDueDatesArgument extends ActArgument {
  readonly billingEntityId: string;
}

/**
 * Moves the due moments of a billing entity's running periods after its time zone has changed; each change has a run of
 * its own.
 */
export function moveDueDatesAct(input: {
  readonly organizationId: string;
  readonly billingEntityId: string;
  readonly now: Date;
}): WantedAct {
  const { organizationId, billingEntityId, now } = input;
  return actOf(moveDueDatesKind, {
    id: `reschedule/${billingEntityId}/${now.toISOString()}`,
    organizationId,
    argument: { billingEntityId },
    summary: `Move running periods of billing entity ${billingEntityId} to its new time zone`,
  });
}
