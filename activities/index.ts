import { advanceClock } from './advance-clock.ts';
import { billPeriod, type BillPeriodOutcome } from './bill-period.ts';
import { deleteOldActs } from './delete-old-acts.ts';
import { deleteOldAnswers } from './delete-old-answers.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { definite } from './failures.ts';
import { healOverdueActs } from './heal-overdue-acts.ts';
import { rebuildMetricRollups } from './rebuild-metric-rollups.ts';
import { recordBillingFailure } from './record-billing-failure.ts';
import { reschedulePage } from './reschedule-periods.ts';
import type { ClockArgument, PeriodArgument, RescheduleArgument, RollupsArgument } from './wanted-acts.ts';

export interface Activities {
  readonly billPeriod: (argument: PeriodArgument) => Promise<BillPeriodOutcome>;
  readonly recordBillingFailure: (argument: PeriodArgument, message: string) => Promise<'recorded' | 'busy'>;
  readonly advanceClock: (argument: ClockArgument) => Promise<'more' | 'finished'>;
  readonly reschedulePage: (argument: RescheduleArgument, after: string) => Promise<string | null>;
  readonly rebuildMetricRollups: (argument: RollupsArgument) => Promise<void>;
  readonly healOverdueActs: () => Promise<number>;
  /** Deletes kept answers too: the name is in histories that are replayed. @returns how many rows. */
  readonly deleteOldActs: () => Promise<number>;
}

/** Everything that workflows may do to the world. */
export function makeActivities(dependencies: ActivityDependencies): Activities {
  return {
    billPeriod: definite((argument) => billPeriod(dependencies, argument)),
    recordBillingFailure: definite((argument, message) => recordBillingFailure(dependencies, argument, message)),
    advanceClock: definite((argument) => advanceClock(dependencies, argument)),
    reschedulePage: definite((argument, after) => reschedulePage(dependencies, argument, after)),
    rebuildMetricRollups: definite((argument) => rebuildMetricRollups(dependencies, argument)),
    healOverdueActs: definite(() => healOverdueActs(dependencies)),
    deleteOldActs: definite(async () => (await deleteOldActs(dependencies)) + (await deleteOldAnswers(dependencies))),
  };
}
