import { activateSubscription, type ActivateOutcome } from './subscriptions/activate-subscription.ts';
import { advanceClock } from './test-clock/advance-clock.ts';
import { billBoundary, type BillBoundaryOutcome } from './subscriptions/bill-boundary.ts';
import { billPeriod, type BillPeriodOutcome } from './subscriptions/bill-period.ts';
import { deleteOldActs } from './acts/delete-old-acts.ts';
import { settingsPage } from './invoices/change-invoice-settings.ts';
import { deleteOldAnswers } from './idempotency/delete-old-answers.ts';
import { deleteCustomer, type DeletionOutcome } from './customers/delete-customer.ts';
import { deletePlan } from './plans/delete-plan.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { FinalizeArgument } from './invoices/finalize-act.ts';
import type { FlagDraftsArgument } from './invoices/flag-drafts-act.ts';
import type { RefreshArgument } from './invoices/refresh-act.ts';
import type { ApplyInvoiceSettingsArgument } from './invoices/apply-invoice-settings-act.ts';
import { definite } from './failures.ts';
import { finalizeInvoice, type FinalizeOutcome } from './invoices/finalize-invoice.ts';
import { flagDraftsPage } from './invoices/flag-drafts.ts';
import { healOverdueActs } from './acts/heal-overdue-acts.ts';
import { rebuildMetricRollups } from './usage/rebuild-metric-rollups.ts';
import { recordBillingFailure, type FailedAct } from './subscriptions/record-billing-failure.ts';
import { refreshInvoice, type RefreshOutcome } from './invoices/refresh-invoice.ts';
import { reschedulePage } from './subscriptions/reschedule-periods.ts';
import { deleteOldWebhooks } from './webhooks/delete-old-webhooks.ts';
import { sendWebhooks, type LaneOutcome, type WebhookSending } from './webhooks/send-webhooks.ts';
import type { ActivateArgument } from './subscriptions/activate-act.ts';
import type { BoundaryArgument } from './subscriptions/boundary-argument.ts';
import type { MoveTestClockArgument } from './test-clock/move-test-clock-act.ts';
import type { DeleteCustomerArgument } from './customers/delete-customer-act.ts';
import type { DeletePlanArgument } from './plans/delete-plan-act.ts';
import type { PeriodArgument } from './subscriptions/period-act.ts';
import type { MoveDueDatesArgument } from './subscriptions/move-due-dates-act.ts';
import type { RebuildRollupsArgument } from './usage/rebuild-rollups-act.ts';
import type { WebhooksArgument } from './webhooks/webhooks-act.ts';

export interface Activities {
  readonly billPeriod: (argument: PeriodArgument) => Promise<BillPeriodOutcome>;
  readonly billBoundary: (argument: BoundaryArgument) => Promise<BillBoundaryOutcome>;
  readonly activateSubscription: (argument: ActivateArgument) => Promise<ActivateOutcome>;
  readonly finalizeInvoice: (argument: FinalizeArgument) => Promise<FinalizeOutcome>;
  readonly refreshInvoice: (argument: RefreshArgument) => Promise<RefreshOutcome>;
  readonly settingsPage: (argument: ApplyInvoiceSettingsArgument, after: string) => Promise<string | null>;
  readonly flagDraftsPage: (argument: FlagDraftsArgument, after: string) => Promise<string | null>;
  readonly recordBillingFailure: (act: FailedAct, message: string) => Promise<'recorded' | 'busy'>;
  readonly advanceClock: (argument: MoveTestClockArgument) => Promise<'more' | 'finished'>;
  readonly reschedulePage: (argument: MoveDueDatesArgument, after: string) => Promise<string | null>;
  readonly deleteCustomer: (argument: DeleteCustomerArgument) => Promise<DeletionOutcome>;
  readonly deletePlan: (argument: DeletePlanArgument) => Promise<DeletionOutcome>;
  readonly rebuildMetricRollups: (argument: RebuildRollupsArgument) => Promise<void>;
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
