/**
 * Names, ids, queues and policies of every workflow, in one page. Plain data: the API and activities import it without
 * Temporal's worker.
 */

export const queues = ['urgent', 'billing', 'bulk', 'webhooks'] as const;

export type Queue = (typeof queues)[number];

/** What a closed workflow of the same id means for a new start. A failed act can be started again, a completed one never. */
export type ReusePolicy = 'ALLOW_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY';

/** What a running workflow of the same id means for a new start: that it was started already, or that it is to look again. */
export type ConflictPolicy = 'FAIL' | 'USE_EXISTING';

export interface WorkflowKind {
  /** The workflow function's name in `workflows/index.ts`. */
  readonly workflow: string;
  readonly queue: Queue;
  readonly reuse: ReusePolicy;
  /** FAIL unless said. */
  readonly conflict?: ConflictPolicy;
  /** 1 (what a person waits for) to 5; orders a backlog, nothing else. */
  readonly priority: 1 | 2 | 3 | 4 | 5;
  /** Its place among acts that fall due at one moment (spec, subscriptions-and-invoices 4.5). */
  readonly rank: number;
}

export const kinds = {
  /** One move of a test clock. */
  clock: { workflow: 'clock', queue: 'urgent', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 1, rank: 0 },
  /** The start of a subscription that was made for a later day. */
  activate: { workflow: 'activate', queue: 'billing', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 2, rank: 15 },
  /** The first invoice of a plan paid in advance. */
  start: { workflow: 'start', queue: 'billing', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 2, rank: 25 },
  /** The last invoice of a subscription that has ended. */
  end: { workflow: 'end', queue: 'billing', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 2, rank: 25 },
  /** A subscription's billing period: lives as long as the period, ends when it is billed. */
  period: { workflow: 'period', queue: 'billing', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 3, rank: 30 },
  /** Moves the due moments of running periods after a time-zone change of a billing entity. */
  reschedule: { workflow: 'reschedule', queue: 'urgent', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 2, rank: 10 },
  /** Makes a draft anew, after something that it was made from has changed. */
  refresh: {
    workflow: 'refresh',
    queue: 'billing',
    reuse: 'ALLOW_DUPLICATE',
    conflict: 'USE_EXISTING',
    priority: 2,
    rank: 60,
  },
  /** The end of a draft's grace period. After everything else of its moment: it then sees what that has changed. */
  finalize: { workflow: 'finalize', queue: 'billing', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 3, rank: 70 },
  /** Moves many drafts to where a changed grace period, payment term or issuing date of their issuer or customer puts them. */
  settings: { workflow: 'settings', queue: 'urgent', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 2, rank: 10 },
  /** Flags the many drafts of a changed plan or metric, each of which wants its own refresh. */
  flagDrafts: { workflow: 'flagDrafts', queue: 'urgent', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 2, rank: 10 },
  /** Ends what a deleted customer still has. */
  deleteCustomer: {
    workflow: 'deleteCustomer',
    queue: 'billing',
    reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
    priority: 2,
    rank: 10,
  },
  /** Ends the subscriptions of a deleted plan. */
  deletePlan: { workflow: 'deletePlan', queue: 'bulk', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 4, rank: 10 },
  /** Rebuilds the rollups of a metric from the events that are older than its definition. */
  rollups: { workflow: 'rollups', queue: 'bulk', reuse: 'ALLOW_DUPLICATE_FAILED_ONLY', priority: 4, rank: 10 },
  /** The lane of a webhook endpoint: lives while it has deliveries. */
  webhooks: {
    workflow: 'webhooks',
    queue: 'webhooks',
    reuse: 'ALLOW_DUPLICATE',
    conflict: 'USE_EXISTING',
    priority: 3,
    rank: 90,
  },
} as const satisfies Record<string, WorkflowKind>;

export type Kind = keyof typeof kinds;

export const isKind = (name: string): name is Kind => Object.hasOwn(kinds, name);

/** The place of a period's act among acts of one moment follows from the duty it waits for (spec, subscriptions-and-invoices 4.5). */
export const dutyRanks = { ending: 20, bill_period: 30, rotate: 30, trial_end: 40, termination_alert: 50 } as const;

export const activateId = (subscriptionId: string): string => `activate/${subscriptionId}`;

export const startId = (subscriptionId: string): string => `start/${subscriptionId}`;

export const endId = (subscriptionId: string): string => `end/${subscriptionId}`;

/** The `move`th move of an organization's clock. */
export const clockId = (organizationId: string, move: number): string => `clock/${organizationId}/${move}`;

/** @param name the day on which the period begins in the customer's calendar, `YYYY-MM-DD` (`activities/subscriptions/next-period.ts`). */
export const periodId = (subscriptionId: string, name: string): string => `period/${subscriptionId}/${name}`;

/** @param version the moment of the change, so that each change has a run of its own. */
export const rescheduleId = (billingEntityId: string, version: string): string =>
  `reschedule/${billingEntityId}/${version}`;

export const finalizeId = (invoiceId: string): string => `finalize/${invoiceId}`;

export const refreshId = (invoiceId: string): string => `refresh/${invoiceId}`;

/** @param version tells the changes of a billing entity's, or a customer's, invoice settings apart. */
export const settingsId = (ownerId: string, version: string): string => `settings/${ownerId}/${version}`;

/** @param version the moment of the change, so that each change has a run of its own. */
export const flagDraftsId = (changedId: string, version: string): string => `flag-drafts/${changedId}/${version}`;
export const deleteCustomerId = (customerId: string): string => `delete-customer/${customerId}`;

export const deletePlanId = (planId: string): string => `delete-plan/${planId}`;

export const rollupsId = (billableMetricId: string, version: string): string =>
  `rollups/${billableMetricId}/${version}`;

export const webhooksId = (webhookEndpointId: string): string => `webhooks/${webhookEndpointId}`;

/** Tells a sleeping workflow to look again: its clock has come, or its due moment has moved. */
export const WAKE_SIGNAL = 'wake';

/** Schedules, one run at a time each. */
export const schedules = {
  watchdog: {
    workflow: 'watchdog',
    everySeconds: 60,
    note: 'Heals acts that are overdue; finds nothing in a healthy system',
  },
  cleanup: {
    workflow: 'cleanup',
    everySeconds: 24 * 3600,
    note: 'Deletes acts that were done and answers that were kept 30 days ago, and webhooks after 90 days',
  },
} as const;
