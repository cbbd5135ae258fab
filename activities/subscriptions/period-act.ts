import type { WantedAct } from '../../db/acts/act.ts';
import { AWAITED_DUTIES } from '../../workflows/awaited.ts';
import { actOf, type WaitingActArgument, type ActKind } from '../acts/act-kind.ts';

/**
 * The place of a period's act among acts of one moment follows from the duty it waits for (spec,
 * subscriptions-and-invoices 4.5).
 */
export const dutyRanks = { ending: 20, bill_period: 30, rotate: 30, trial_end: 40, termination_alert: 50 } as const;

/** The name of a duty that a period's act may wait for. */
export type AwaitedDuty = keyof typeof dutyRanks;

/** The duty that a period's act waits for, by the rank in its row: 40 is the end of a trial. */
export function dutyOfRank(rank: number): AwaitedDuty {
  const duties = Object.keys(dutyRanks) as AwaitedDuty[];
  return duties.find((duty) => dutyRanks[duty] === rank) ?? 'bill_period';
}

/** A subscription's billing period: lives as long as the period, ends when it is billed. */
export const periodKind = {
  name: 'period',
  workflow: 'period',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 3,
  rank: 30,
  whenFailed: 'periodic invoice',
  waitsFor: ({ rank }) => AWAITED_DUTIES[dutyOfRank(rank)],
  tells: ({ rank }) => ({ duty: dutyOfRank(rank) }),
} as const satisfies ActKind;

/** @param name the day on which the period begins in the customer's calendar, `YYYY-MM-DD` (`next-period.ts`). */
export const periodId = (subscriptionId: string, name: string): string => `period/${subscriptionId}/${name}`;

export interface PeriodArgument extends WaitingActArgument {
  readonly subscriptionId: string;
  readonly periodKey: string;
  /** `YYYY-MM-DD` in the customer's calendar: the day that bills the period. */
  readonly billingDay: string;
  /** The customer's time zone, in which that day begins. */
  readonly timeZone: string;
  readonly dueAt: string;
  /** What it waits for, as the act's row says; absent in releases up to 0.2. */
  readonly duty?: AwaitedDuty;
}

/** The act of a subscription's period: it waits for the next duty within it, at last for billing it. */
export function periodAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  /** Of the act among the subscription's; absent: the period's key. */
  readonly name?: string;
  readonly periodKey: string;
  readonly billingDay: string;
  readonly timeZone: string;
  readonly hasTestClock: boolean;
  /** When the next duty is done. */
  readonly dueAt: Date;
  readonly duty: AwaitedDuty;
}): WantedAct {
  const { organizationId, customerId, subscriptionId, name, periodKey, billingDay, timeZone, hasTestClock, dueAt } =
    input;
  return actOf(periodKind, {
    id: periodId(subscriptionId, name ?? periodKey),
    organizationId,
    customerId,
    subscriptionId,
    argument: { subscriptionId, periodKey, billingDay, timeZone, frozen: hasTestClock },
    dueAt,
    rank: dutyRanks[input.duty],
    summary: `Bill the period from ${periodKey} of subscription ${subscriptionId} on ${billingDay}`,
  });
}
