import { activateSubscription, type ActivateOutcome } from './activate-subscription.ts';
import { advanceClock } from './advance-clock.ts';
import { billBoundary, type BillBoundaryOutcome } from './bill-boundary.ts';
import { billPeriod, type BillPeriodOutcome } from './bill-period.ts';
import { deleteOldActs } from './delete-old-acts.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { definite } from './failures.ts';
import { healOverdueActs } from './heal-overdue-acts.ts';
import { rebuildMetricRollups } from './rebuild-metric-rollups.ts';
import { recordBillingFailure, type FailedAct } from './record-billing-failure.ts';
import { reschedulePage } from './reschedule-periods.ts';
import { deleteOldWebhooks } from './delete-old-webhooks.ts';
import { sendWebhooks, type LaneOutcome, type WebhookSending } from './send-webhooks.ts';
import type {
  ActivateArgument,
  BoundaryArgument,
  ClockArgument,
  PeriodArgument,
  RescheduleArgument,
  RollupsArgument,
  WebhooksArgument,
} from './wanted-acts.ts';

export interface Activities {
  readonly billPeriod: (argument: PeriodArgument) => Promise<BillPeriodOutcome>;
  readonly billBoundary: (argument: BoundaryArgument) => Promise<BillBoundaryOutcome>;
  readonly activateSubscription: (argument: ActivateArgument) => Promise<ActivateOutcome>;
  readonly recordBillingFailure: (act: FailedAct, message: string) => Promise<'recorded' | 'busy'>;
  readonly advanceClock: (argument: ClockArgument) => Promise<'more' | 'finished'>;
  readonly reschedulePage: (argument: RescheduleArgument, after: string) => Promise<string | null>;
  readonly rebuildMetricRollups: (argument: RollupsArgument) => Promise<void>;
  readonly healOverdueActs: () => Promise<number>;
  readonly deleteOldActs: () => Promise<number>;
  readonly sendWebhooks: (argument: WebhooksArgument) => Promise<LaneOutcome>;
  readonly deleteOldWebhooks: () => Promise<number>;
}

/** Everything that workflows may do to the world. */
export function makeActivities(dependencies: ActivityDependencies, sending: WebhookSending): Activities {
  return {
    billPeriod: definite((argument) => billPeriod(dependencies, argument)),
    billBoundary: definite((argument) => billBoundary(dependencies, argument)),
    activateSubscription: definite((argument) => activateSubscription(dependencies, argument)),
    recordBillingFailure: definite((act, message) => recordBillingFailure(dependencies, act, message)),
    advanceClock: definite((argument) => advanceClock(dependencies, argument)),
    reschedulePage: definite((argument, after) => reschedulePage(dependencies, argument, after)),
    rebuildMetricRollups: definite((argument) => rebuildMetricRollups(dependencies, argument)),
    healOverdueActs: definite(() => healOverdueActs(dependencies)),
    deleteOldActs: definite(() => deleteOldActs(dependencies)),
    // A lane has no other branch to go when it fails: whatever happens, it is tried again.
    sendWebhooks: (argument) => sendWebhooks(dependencies, sending, argument),
    deleteOldWebhooks: definite(() => deleteOldWebhooks(dependencies)),
  };
}
