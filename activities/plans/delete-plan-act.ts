import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** Ends the subscriptions of a deleted plan. */
export const deletePlanKind = {
  name: 'deletePlan',
  workflow: 'deletePlan',
  queue: 'bulk',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 4,
  rank: 10,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export const deletePlanId = (planId: string): string => `delete-plan/${planId}`;

export interface DeletePlanArgument extends ActArgument {
  readonly planId: string;
  /** When it was deleted: service by it ends then. */
  readonly at: string;
}

export function deletePlanAct(input: {
  readonly organizationId: string;
  readonly planId: string;
  readonly at: Date;
}): WantedAct {
  const { organizationId, planId, at } = input;
  return actOf(deletePlanKind, {
    id: deletePlanId(planId),
    organizationId,
    argument: { planId, at: at.toISOString() },
    summary: `End the subscriptions of the deleted plan ${planId}`,
  });
}
