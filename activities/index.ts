import { activateSubscription } from './subscriptions/activate-subscription.ts';
import { advanceClock } from './test-clock/advance-clock.ts';
import { billOwnInvoice } from './subscriptions/bill-own-invoice.ts';
import { billPeriod } from './subscriptions/bill-period.ts';
import { deleteOldActs } from './acts/delete-old-acts.ts';
import { assembleExport } from './data-exports/assemble-export.ts';
import { beginExport } from './data-exports/begin-export.ts';
import { clearExport } from './data-exports/clear-export.ts';
import { exportParts } from './data-exports/export-parts.ts';
import { failExport } from './data-exports/fail-export.ts';
import { settingsPage } from './invoices/change-invoice-settings.ts';
import { deleteOldAnswers } from './idempotency/delete-old-answers.ts';
import { expireCoupon } from './coupons/expire-coupon.ts';
import { deleteCustomer } from './customers/delete-customer.ts';
import { deletePlan } from './plans/delete-plan.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { failFastUnlessTransient } from './failures.ts';
import { finalizeInvoice } from './invoices/finalize-invoice.ts';
import { flagDraftsPage } from './invoices/flag-drafts.ts';
import { healOverdueActs } from './acts/heal-overdue-acts.ts';
import { advanceViesCheck } from './taxes/advance-vies-check.ts';
import { askTaxProvider } from './taxes/ask-tax-provider.ts';
import { askAboutCheck } from './taxes/ask-about-check.ts';
import { taxInvoice } from './taxes/tax-invoice.ts';
import { priceInstantCharge } from './instant-charges/price-instant-charge.ts';
import { rebuildMetricRollups } from './usage/rebuild-metric-rollups.ts';
import { sendMail } from './mail/send-mail.ts';
import { recordBillingFailure } from './subscriptions/record-billing-failure.ts';
import { refreshInvoice } from './invoices/refresh-invoice.ts';
import { reschedulePage } from './subscriptions/reschedule-periods.ts';
import { deleteOldWebhooks } from './webhooks/delete-old-webhooks.ts';
import { sendWebhooks, type WebhookSending } from './webhooks/send-webhooks.ts';
import type { WebhooksArgument } from './webhooks/webhooks-act.ts';

/** Everything that workflows may do to the world. */
export function makeActivities(dependencies: ActivityDependencies, sending: WebhookSending) {
  /**
   * An activity as a workflow calls it: without what it needs of the world, and failing at once if trying again is in
   * vain.
   */
  const offered = <Rest extends unknown[], Result>(
    activity: (dependencies: ActivityDependencies, ...rest: Rest) => Promise<Result>,
  ) => failFastUnlessTransient((...rest: Rest) => activity(dependencies, ...rest));
  return {
    billPeriod: offered(billPeriod),
    /** The name is in histories that are replayed. */
    billBoundary: offered(billOwnInvoice),
    activateSubscription: offered(activateSubscription),
    finalizeInvoice: offered(finalizeInvoice),
    refreshInvoice: offered(refreshInvoice),
    settingsPage: offered(settingsPage),
    flagDraftsPage: offered(flagDraftsPage),
    recordBillingFailure: offered(recordBillingFailure),
    advanceClock: offered(advanceClock),
    reschedulePage: offered(reschedulePage),
    deleteCustomer: offered(deleteCustomer),
    deletePlan: offered(deletePlan),
    expireCoupon: offered(expireCoupon),
    rebuildMetricRollups: offered(rebuildMetricRollups),
    healOverdueActs: offered(healOverdueActs),
    /** Deletes kept answers too: the name is in histories that are replayed. @returns how many rows. */
    deleteOldActs: failFastUnlessTransient(
      async () => (await deleteOldActs(dependencies)) + (await deleteOldAnswers(dependencies)),
    ),
    // A lane has no other branch to go when it fails: whatever happens, it is tried again.
    sendWebhooks: (argument: WebhooksArgument) => sendWebhooks(dependencies, sending, argument),
    advanceViesCheck: offered(advanceViesCheck),
    askAboutCheck: offered(askAboutCheck),
    taxWaitingInvoice: offered(taxInvoice),
    askTaxProvider: offered(askTaxProvider),
    beginExport: offered(beginExport),
    exportParts: offered(exportParts),
    assembleExport: offered(assembleExport),
    failExport: offered(failExport),
    clearExport: offered(clearExport),
    priceInstantCharge: offered(priceInstantCharge),
    sendMail: offered(sendMail),
    deleteOldWebhooks: offered(deleteOldWebhooks),
  };
}

export type Activities = ReturnType<typeof makeActivities>;
