import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChargeKind } from '../../../billing/calendar/charge-window.ts';
import type { InvoicedWindow } from '../../../billing/calendar/time-zone-change.ts';
import { instantOf, sql } from '../../sql.ts';

/** The newest window of each kind of charges that was invoiced for a subscription; null: none was. */
export type LastWindows = Readonly<Record<ChargeKind, InvoicedWindow | null>>;

export const NO_WINDOWS: LastWindows = { charges: null, fixedCharges: null };

/** Which invoices are looked at. */
export interface LastWindowsScope {
  readonly organizationId: string;
  readonly subscriptionIds: readonly string[];
  /** Windows that ended before this instant. */
  readonly before: Date;
  /** The invoice that is being made, perhaps anew; absent: none. */
  readonly besidesInvoiceId?: string;
}

/** Each look takes one row of the subscription's own. */
const lastOf = (column: string, name: string): string => `
  left join lateral (
    select row.${column} as "to", invoices.timezone as "timeZone"
    from invoice_subscriptions row
    join invoices on invoices.organization_id = row.organization_id and invoices.id = row.invoice_id
    where row.organization_id = $1 and row.subscription_id = asked.id and row.${column} < $3
      and row.invoice_id is distinct from $4
      and row.invoicing_reason <> 'progressive_billing' and invoices.status <> 'deleted'
    order by row.${column} desc limit 1) ${name} on true`;

/**
 * The newest invoiced windows of each of these subscriptions that ended before an instant (spec, subscriptions-and-invoices 3.2.5).
 * Not those of a progressive invoice, whose window is that of the period still running, nor of a draft that was deleted.
 *
 * @returns by subscription id, an entry for each.
 */
export async function lastInvoicedWindows(
  em: EntityManager,
  { organizationId, subscriptionIds, before, besidesInvoiceId }: LastWindowsScope,
): Promise<ReadonlyMap<string, LastWindows>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await sql<Record<'id', string> & Record<Column, string | null>>(
    em,
    `select asked.id, charges.to as "chargesTo", charges."timeZone" as "chargesZone",
       fixed_charges.to as "fixedChargesTo", fixed_charges."timeZone" as "fixedChargesZone"
     from unnest($2::uuid[]) as asked (id)
     ${lastOf('charges_to_datetime', 'charges')}
     ${lastOf('fixed_charges_to_datetime', 'fixed_charges')}`,
    [organizationId, subscriptionIds, before.toISOString(), besidesInvoiceId ?? null],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        charges: windowOf(row.chargesTo, row.chargesZone),
        fixedCharges: windowOf(row.fixedChargesTo, row.fixedChargesZone),
      },
    ]),
  );
}

type Column = 'chargesTo' | 'chargesZone' | 'fixedChargesTo' | 'fixedChargesZone';

const windowOf = (to: string | null, timeZone: string | null): InvoicedWindow | null =>
  to === null || timeZone === null ? null : { to: instantOf(to), timeZone };
