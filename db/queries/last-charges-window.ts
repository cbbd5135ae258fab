import type { EntityManager } from '@mikro-orm/postgresql';
import type { InvoicedWindow } from '../../billing/calendar/time-zone-change.ts';
import { instantOf, sql } from '../sql.ts';

/**
 * The newest window of usage charges that was invoiced for a subscription and ended before an instant; null: none. Not a
 * progressive invoice's, whose window is that of the period still running.
 */
export async function lastChargesWindow(
  em: EntityManager,
  organizationId: string,
  subscriptionId: string,
  before: Date,
): Promise<InvoicedWindow | null> {
  const [window] = await sql<{ to: string; timeZone: string }>(
    em,
    `select invoiced.charges_to_datetime as "to", invoices.timezone as "timeZone"
     from invoice_subscriptions invoiced
     join invoices on invoices.organization_id = invoiced.organization_id and invoices.id = invoiced.invoice_id
     where invoiced.organization_id = $1 and invoiced.subscription_id = $2 and invoiced.charges_to_datetime < $3
       and invoiced.invoicing_reason <> 'progressive_billing' and invoices.status <> 'deleted'
     order by invoiced.charges_to_datetime desc limit 1`,
    [organizationId, subscriptionId, before.toISOString()],
  );
  return window ? { ...window, to: instantOf(window.to) } : null;
}
