import type { WantedAct } from '../../db/acts/act.ts';
import { AWAITED } from '../../workflows/awaited.ts';
import { actOf, type WaitingActArgument, type ActKind } from '../acts/act-kind.ts';

/** The start of a subscription that was made for a later day. */
export const activateKind = {
  name: 'activate',
  workflow: 'activate',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 2,
  rank: 15,
  whenFailed: 'nothing',
  waitsFor: () => AWAITED.firstDay,
} as const satisfies ActKind;

export const activateId = (subscriptionId: string): string => `activate/${subscriptionId}`;

export interface ActivateArgument extends WaitingActArgument {
  readonly subscriptionId: string;
  readonly dueAt: string;
}

/** The act that starts a subscription on a later day. */
export function activateAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly hasTestClock: boolean;
  readonly dueAt: Date;
}): WantedAct {
  const { organizationId, customerId, subscriptionId, hasTestClock, dueAt } = input;
  return actOf(activateKind, {
    id: activateId(subscriptionId),
    organizationId,
    customerId,
    subscriptionId,
    argument: { subscriptionId, frozen: hasTestClock },
    dueAt,
    summary: `Start subscription ${subscriptionId}`,
  });
}
