import type { EntityManager } from '@mikro-orm/postgresql';
import type { LastWindows } from '../../../billing/calendar/last-windows.ts';
import type { InvoicedWindow } from '../../../billing/calendar/time-zone-change.ts';
import { instantOf, sql } from '../../sql.ts';

/** Which invoices are looked at. */
export interface LastWindowsScope {
  readonly organizationId: string;
  readonly subscriptionIds: readonly string[];
  /** Windows that ended before this instant. */
  readonly before: Date;
}

/** What `lastWindowColumns` selects. */
export type LastWindowsRow = Record<'chargesTo' | 'chargesZone' | 'fixedChargesTo' | 'fixedChargesZone', string | null>;

/** Names of rows and values in a statement that looks for the last windows of `asked.subscription_id`. */
interface LastWindowsNames {
  readonly organizationId: string;
  readonly before: string;
  readonly besidesInvoiceId: string;
}

/** Each look takes one row of the subscription's own. */
const lastOf = (column: string, name: string, { organizationId, before, besidesInvoiceId }: LastWindowsNames) => `
  left join lateral (
    select row.${column} as "to", invoices.timezone as "timeZone"
    from invoice_subscriptions row
    join invoices on invoices.organization_id = row.organization_id and invoices.id = row.invoice_id
    where row.organization_id = ${organizationId} and row.subscription_id = asked.subscription_id
      and row.${column} < ${before}
      and row.invoice_id is distinct from ${besidesInvoiceId}
      and row.invoicing_reason not in ('progressive_billing', 'in_advance_charge', 'in_advance_charge_periodic')
      and invoices.status <> 'deleted'
    order by row.${column} desc limit 1) ${name} on true`;

/**
 * The newest invoiced windows that ended before an instant (spec, subscriptions-and-invoices 3.2.5). Not those of a
 * progressive invoice or of a charge in advance, whose window is that of the period still running, nor of a draft that
 * was deleted.
 */
export const lastWindowJoins = (names: LastWindowsNames): string =>
  lastOf('charges_to_datetime', 'charges', names) + lastOf('fixed_charges_to_datetime', 'fixed_charges', names);

/** The columns of these joins. */
export const lastWindowColumns = `charges.to as "chargesTo", charges."timeZone" as "chargesZone",
  fixed_charges.to as "fixedChargesTo", fixed_charges."timeZone" as "fixedChargesZone"`;

/** Reads what `lastWindowColumns` has selected. */
export const lastWindowsOf = (row: LastWindowsRow): LastWindows => ({
  charges: windowOf(row.chargesTo, row.chargesZone),
  fixedCharges: windowOf(row.fixedChargesTo, row.fixedChargesZone),
});

const windowOf = (to: string | null, timeZone: string | null): InvoicedWindow | null =>
  to === null || timeZone === null ? null : { to: instantOf(to), timeZone };

/**
 * The last windows of each of these subscriptions.
 *
 * @returns by subscription id, an entry for each.
 */
export async function lastInvoicedWindows(
  em: EntityManager,
  { organizationId, subscriptionIds, before }: LastWindowsScope,
): Promise<ReadonlyMap<string, LastWindows>> {
  if (subscriptionIds.length === 0) return new Map();
  const windows = await lastWindowsAt(
    em,
    organizationId,
    subscriptionIds.map((subscriptionId) => ({ subscriptionId, before })),
  );
  return new Map(subscriptionIds.map((id, index) => [id, windows[index]!]));
}

/** Whose windows are looked for, and before which instant they ended. */
export interface WindowsMoment {
  readonly subscriptionId: string;
  readonly before: Date;
}

/** The last windows at each of these moments, in their order, in one statement. */
export async function lastWindowsAt(
  em: EntityManager,
  organizationId: string,
  moments: readonly WindowsMoment[],
): Promise<readonly LastWindows[]> {
  const names = { organizationId: '$1', before: 'asked.before', besidesInvoiceId: 'null' };
  const rows = await sql<LastWindowsRow>(
    em,
    `select ${lastWindowColumns}
     from unnest($2::uuid[], $3::timestamptz[]) with ordinality as asked (subscription_id, before, place)
     ${lastWindowJoins(names)}
     order by asked.place`,
    [
      organizationId,
      moments.map(({ subscriptionId }) => subscriptionId),
      moments.map(({ before }) => before.toISOString()),
    ],
  );
  return rows.map(lastWindowsOf);
}
