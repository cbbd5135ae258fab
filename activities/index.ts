import { activateSubscription, type ActivateOutcome } from './activate-subscription.ts';
import { advanceClock } from './advance-clock.ts';
import { billBoundary, type BillBoundaryOutcome } from './bill-boundary.ts';
import { billPeriod, type BillPeriodOutcome } from './bill-period.ts';
import { deleteOldActs } from './delete-old-acts.ts';
import { settingsPage } from './change-invoice-settings.ts';
import { deleteOldAnswers } from './delete-old-answers.ts';
import { deleteCustomer, type DeletionOutcome } from './delete-customer.ts';
import { deletePlan } from './delete-plan.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { FinalizeArgument, FlagDraftsArgument, RefreshArgument, SettingsArgument } from './draft-acts.ts';
import { definite } from './failures.ts';
import { finalizeInvoice, type FinalizeOutcome } from './finalize-invoice.ts';
import { flagDraftsPage } from './flag-drafts.ts';
import { healOverdueActs } from './heal-overdue-acts.ts';
import { rebuildMetricRollups } from './rebuild-metric-rollups.ts';
import { recordBillingFailure, type FailedAct } from './record-billing-failure.ts';
import { refreshInvoice, type RefreshOutcome } from './refresh-invoice.ts';
import { reschedulePage } from './reschedule-periods.ts';
import { deleteOldWebhooks } from './delete-old-webhooks.ts';
import { sendWebhooks, type LaneOutcome, type WebhookSending } from './send-webhooks.ts';
import type {
  ActivateArgument,
  BoundaryArgument,
  ClockArgument,
  DeleteCustomerArgument,
  DeletePlanArgument,
  PeriodArgument,
  RescheduleArgument,
  RollupsArgument,
  WebhooksArgument,
} from './wanted-acts.ts';

export interface Activities {
  readonly billPeriod: (argument: PeriodArgument) => Promise<BillPeriodOutcome>;
  readonly billBoundary: (argument: BoundaryArgument) => Promise<BillBoundaryOutcome>;
  readonly activateSubscription: (argument: ActivateArgument) => Promise<ActivateOutcome>;
  readonly finalizeInvoice: (argument: FinalizeArgument) => Promise<FinalizeOutcome>;
  readonly refreshInvoice: (argument: RefreshArgument) => Promise<RefreshOutcome>;
  readonly settingsPage: (argument: SettingsArgument, after: string) => Promise<string | null>;
  readonly flagDraftsPage: (argument: FlagDraftsArgument, after: string) => Promise<string | null>;
  readonly recordBillingFailure: (act: FailedAct, message: string) => Promise<'recorded' | 'busy'>;
  readonly advanceClock: (argument: ClockArgument) => Promise<'more' | 'finished'>;
  readonly reschedulePage: (argument: RescheduleArgument, after: string) => Promise<string | null>;
  readonly deleteCustomer: (argument: DeleteCustomerArgument) => Promise<DeletionOutcome>;
  readonly deletePlan: (argument: DeletePlanArgument) => Promise<DeletionOutcome>;
  readonly rebuildMetricRollups: (argument: RollupsArgument) => Promise<void>;
  readonly healOverdueActs: () => Promise<number>;
  /** Deletes kept answers too: the name is in histories that are replayed. @returns how many rows. */
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
    finalizeInvoice: definite((argument) => finalizeInvoice(dependencies, argument)),
    refreshInvoice: definite((argument) => refreshInvoice(dependencies, argument)),
    settingsPage: definite((argument, after) => settingsPage(dependencies, argument, after)),
    flagDraftsPage: definite((argument, after) => flagDraftsPage(dependencies, argument, after)),
    recordBillingFailure: definite((act, message) => recordBillingFailure(dependencies, act, message)),
    advanceClock: definite((argument) => advanceClock(dependencies, argument)),
    reschedulePage: definite((argument, after) => reschedulePage(dependencies, argument, after)),
    deleteCustomer: definite((argument) => deleteCustomer(dependencies, argument)),
    deletePlan: definite((argument) => deletePlan(dependencies, argument)),
    rebuildMetricRollups: definite((argument) => rebuildMetricRollups(dependencies, argument)),
    healOverdueActs: definite(() => healOverdueActs(dependencies)),
    deleteOldActs: definite(async () => (await deleteOldActs(dependencies)) + (await deleteOldAnswers(dependencies))),
    // A lane has no other branch to go when it fails: whatever happens, it is tried again.
    sendWebhooks: (argument) => sendWebhooks(dependencies, sending, argument),
    deleteOldWebhooks: definite(() => deleteOldWebhooks(dependencies)),
  };
}
