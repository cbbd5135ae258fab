import type { EntityManager } from '@mikro-orm/postgresql';
import type { ActVerb } from '../entities/acts/act.ts';
import { instantOf, sql } from '../sql.ts';

/** An act as its cause writes it (docs/architecture/acts.md). */
export interface WantedAct {
  /** The workflow's id, made by the builder of its kind (`activities/acts/kinds.ts`). */
  readonly id: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly queue: string;
  readonly rank: number;
  readonly argument: Readonly<Record<string, unknown>>;
  /** The moment of the organization's clock at which it works; null: at once. */
  readonly dueAt: Date | null;
  readonly customerId: string | null;
  readonly subscriptionId: string | null;
  readonly invoiceId?: string | null;
  /** Test clocks ignore it. Absent: it runs by the organization's clock. */
  readonly runsInRealTime?: boolean;
  /** One line for the Temporal UI: ids and dates, never names. */
  readonly summary: string;
}

/** What is needed to start an act's workflow. */
export interface StartableAct {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: string;
  readonly verb: ActVerb;
  readonly queue: string;
  readonly argument: Record<string, unknown>;
  readonly dueAt: Date | null;
  readonly rank: number;
  readonly customerId: string | null;
  readonly subscriptionId: string | null;
  readonly invoiceId: string | null;
  readonly summary: string;
  /** The trace of its cause; absent or null: it begins one of its own. */
  readonly traceparent?: string | null;
  /** The end of the lease under which it is started; absent or null: that which its writer took with it. */
  readonly leasedUntil?: string | null;
}

/** What is to be started once its transaction has committed. */
export type ActToStart = WantedAct | StartableAct;

const startableColumns = `acts.id, acts.organization_id as "organizationId", acts.kind, acts.verb, acts.queue,
  acts.argument, acts.due_at as "dueAt", acts.rank, acts.customer_id as "customerId",
  acts.subscription_id as "subscriptionId", acts.invoice_id as "invoiceId", acts.summary, acts.traceparent,
  acts.leased_until::text as "leasedUntil"`;

/**
 * Runs a statement on `acts` that answers startable acts.
 *
 * @param text makes the statement from the list of columns, for its `select` or `returning`.
 */
export async function startableActs(
  em: EntityManager,
  text: (columns: string) => string,
  parameters: readonly unknown[],
): Promise<StartableAct[]> {
  const rows = await sql<Omit<StartableAct, 'dueAt'> & { readonly dueAt: string | null }>(
    em,
    text(startableColumns),
    parameters,
  );
  return rows.map((row) => ({ ...row, dueAt: instantOf(row.dueAt) }));
}
