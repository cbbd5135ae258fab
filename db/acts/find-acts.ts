import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';
import { IS_OPEN } from './transitions.ts';

/** Whether an act was done at this moment of real time or later. */
export async function isDoneSince(
  em: EntityManager,
  organizationId: string,
  id: string,
  since: Date,
): Promise<boolean> {
  const rows = await sql(
    em,
    `select 1 from acts where id = $1 and organization_id = $2 and state = 'done' and changed_at >= $3::timestamptz`,
    [id, organizationId, since.toISOString()],
  );
  return rows.length > 0;
}

/** Whether something started on the organization's behalf still works, or waits to be started. */
export async function isBusy(em: EntityManager, organizationId: string): Promise<boolean> {
  const [row] = await sql<{ busy: boolean }>(
    em,
    `select exists (
       select 1 from acts where organization_id = $1 and state in ('wanted', 'working') and not aside) as busy`,
    [organizationId],
  );
  return row?.busy === true;
}

/** An act as the record of its failure needs it. */
export interface FoundAct {
  readonly kind: string;
  readonly customerId: string | null;
  readonly invoiceId: string | null;
  readonly argument: Readonly<Record<string, unknown>>;
}

export async function findAct(
  em: EntityManager,
  { actId, organizationId }: { readonly actId: string; readonly organizationId: string },
): Promise<FoundAct | undefined> {
  const [act] = await sql<FoundAct>(
    em,
    `select kind, customer_id as "customerId", invoice_id as "invoiceId", argument from acts
     where id = $1 and organization_id = $2`,
    [actId, organizationId],
  );
  return act;
}

/**
 * The periods of a customer that failed on a day: their invoices are made whole, never with a part of their
 * subscriptions.
 */
export async function failedPeriodsOf(
  em: EntityManager,
  { organizationId, customerId }: { readonly organizationId: string; readonly customerId: string },
  billingDay: string,
): Promise<string[]> {
  const failed = await sql<{ id: string }>(
    em,
    `select id from acts
     where organization_id = $1 and customer_id = $2 and kind = 'period' and state = 'failed'
       and argument->>'billingDay' = $3`,
    [organizationId, customerId, billingDay],
  );
  return failed.map(({ id }) => id);
}

/**
 * The open acts of a customer's periods whose billing day has come, and of a subscription's last invoice, the
 * subscription's own first.
 *
 * @param today `YYYY-MM-DD` in the customer's calendar.
 */
export function billableActs(
  em: EntityManager,
  subscription: { readonly id: string; readonly organizationId: string; readonly customerId: string },
  today: string,
  limit: number,
): Promise<{ readonly id: string; readonly own: boolean }[]> {
  const { id, organizationId, customerId } = subscription;
  return sql<{ id: string; own: boolean }>(
    em,
    `select id, subscription_id = $3 as own from acts
     where organization_id = $1 and customer_id = $2 and ${IS_OPEN}
       and (kind = 'period' and argument->>'billingDay' <= $4 or kind = 'end' and subscription_id = $3)
     order by own desc, due_at, id limit $5`,
    [organizationId, customerId, id, today, limit],
  );
}
