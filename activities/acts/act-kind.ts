import type { StartableAct, WantedAct } from '../../db/acts/act.ts';

export const queues = ['urgent', 'billing', 'exports', 'bulk', 'webhooks'] as const;

export type Queue = (typeof queues)[number];

/**
 * What a closed workflow of the same id means for a new start. A failed act can be started again, a completed one
 * never.
 */
export type ReusePolicy = 'ALLOW_DUPLICATE' | 'ALLOW_DUPLICATE_FAILED_ONLY';

/**
 * What a running workflow of the same id means for a new start: that it was started already, or that it is to look
 * again.
 */
export type ConflictPolicy = 'FAIL' | 'USE_EXISTING';

/**
 * What is recorded beside the failed act when its second try has failed too (`record-billing-failure.ts`): a period's
 * invoice without fees, and the next periods go on; a first or last invoice without fees; why the draft stays as it is;
 * or nothing.
 */
export type WhenFailed = 'periodic invoice' | 'own invoice' | 'draft' | 'nothing';

/** A kind of durable work. Plain data: the API imports it without Temporal's worker. */
export interface ActKind {
  /** As rows of `acts` store it: it never changes. */
  readonly name: string;
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
  readonly whenFailed: WhenFailed;
  /**
   * What its workflow waits for first, if its act has a moment: it then has no task before (`start-delay.ts`). Absent:
   * it looks at once.
   */
  readonly waitsFor?: (act: Pick<StartableAct, 'rank'>) => string;
  /** What its workflow is told beside the argument, as the act's row says when it is started. */
  readonly tells?: (act: Pick<StartableAct, 'rank'>) => Readonly<Record<string, unknown>>;
}

/**
 * What every workflow is told of its act. The moment is not part of what is stored, since it may move: it is sent as
 * the row says (`start-acts.ts`).
 */
export interface ActArgument {
  readonly actId: string;
  readonly organizationId: string;
}

/** What a workflow that waits for a moment is told besides. */
export interface WaitingActArgument extends ActArgument {
  /**
   * Whether its organization has a test clock, whose moves wake it; else it sleeps in real time. Stored acts and the
   * workflows of every release know this name.
   */
  readonly frozen: boolean;
}

/** What an act has unless it says otherwise: it is done at once, for nobody in particular. */
type Usual = 'rank' | 'dueAt' | 'customerId' | 'subscriptionId';

/** An act of a kind, which decides on its queue and, unless said otherwise, its rank. */
export const actOf = (
  { name, queue, rank }: ActKind,
  { argument, ...act }: Omit<WantedAct, 'kind' | 'queue' | Usual> & Partial<Pick<WantedAct, Usual>>,
): WantedAct => ({
  rank,
  dueAt: null,
  customerId: null,
  subscriptionId: null,
  ...act,
  argument: { actId: act.id, organizationId: act.organizationId, ...argument },
  kind: name,
  queue,
});
