import type { EntityManager } from '@mikro-orm/postgresql';
import type { InvoicedWindow } from '../../billing/calendar/time-zone-change.ts';
import { instantOf, sql } from '../sql.ts';

/**
 * The newest window of usage charges that was invoiced for each of these subscriptions and ended before an instant; those without one
 * are left out. Not a progressive invoice's, whose window is that of the period still running.
 */
export async function lastChargesWindows(
  em: EntityManager,
  organizationId: string,
  subscriptionIds: readonly string[],
  before: Date,
): Promise<ReadonlyMap<string, InvoicedWindow>> {
  if (subscriptionIds.length === 0) return new Map();
  const windows = await sql<{ id: string; to: string; timeZone: string }>(
    em,
    `select asked.id, last.to, last."timeZone"
     from unnest($2::uuid[]) as asked (id) cross join lateral (
       select invoiced.charges_to_datetime as "to", invoices.timezone as "timeZone"
       from invoice_subscriptions invoiced
       join invoices on invoices.organization_id = invoiced.organization_id and invoices.id = invoiced.invoice_id
       where invoiced.organization_id = $1 and invoiced.subscription_id = asked.id and invoiced.charges_to_datetime < $3
         and invoiced.invoicing_reason <> 'progressive_billing' and invoices.status <> 'deleted'
       order by invoiced.charges_to_datetime desc limit 1) last`,
    [organizationId, subscriptionIds, before.toISOString()],
  );
  return new Map(windows.map(({ id, to, timeZone }) => [id, { to: instantOf(to), timeZone }]));
}

/** The same for one subscription; null: none. */
export const lastChargesWindow = async (
  em: EntityManager,
  organizationId: string,
  subscriptionId: string,
  before: Date,
): Promise<InvoicedWindow | null> =>
  (await lastChargesWindows(em, organizationId, [subscriptionId], before)).get(subscriptionId) ?? null;
