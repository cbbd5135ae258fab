import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type WaitingActArgument, type ActKind } from '../acts/act-kind.ts';

/** Asks VIES about a customer's VAT number until it answers, and taxes the customer accordingly (spec, money 1.7). */
export const viesKind = {
  name: 'vies',
  workflow: 'vies',
  // Where others' servers are waited for: a slow VIES holds up no clock and no change of settings.
  queue: 'webhooks',
  reuse: 'ALLOW_DUPLICATE',
  conflict: 'USE_EXISTING',
  priority: 2,
  rank: 5,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export const viesId = (customerId: string): string => `vies/${customerId}`;

export interface ViesArgument extends WaitingActArgument {
  readonly customerId: string;
}

export function viesAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly hasTestClock: boolean;
}): WantedAct {
  const { organizationId, customerId, hasTestClock } = input;
  return actOf(viesKind, {
    id: viesId(customerId),
    organizationId,
    customerId,
    argument: { customerId, frozen: hasTestClock },
    summary: `Check the VAT number of customer ${customerId}`,
  });
}
