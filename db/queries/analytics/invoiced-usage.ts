import type { EntityManager } from '@mikro-orm/postgresql';
import { organizationOf } from '../../orm.ts';
import { sql } from '../../sql.ts';

/** Which invoiced usage; null: all of it. */
export interface InvoicedUsageFilter {
  readonly currency: string | null;
  readonly billingEntityId: string | null;
  /** The first instant of the first month. */
  readonly from: Date | null;
}

/** What a metric brought in a month. */
export interface InvoicedUsageRow {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly code: string;
  readonly currency: string;
  /** After coupons. */
  readonly amountCents: bigint;
}

const INVOICED_USAGE = `
  select to_char(fee.created_at at time zone 'UTC', 'YYYY-MM') as month, metric.code,
         fee.amount_currency as currency,
         round(sum(fee.amount_cents - fee.precise_coupons_amount_cents))::text as "amountCents"
  from fees fee
  join invoices invoice on invoice.organization_id = fee.organization_id and invoice.id = fee.invoice_id
  join charges charge on charge.organization_id = fee.organization_id and charge.id = fee.charge_id
  join billable_metrics metric
    on metric.organization_id = fee.organization_id and metric.id = charge.billable_metric_id
  where fee.organization_id = $1 and fee.fee_type = 'charge' and fee.deleted_at is null
    and fee.created_at >= coalesce($2::timestamptz, '-infinity')
    and ($3::text is null or fee.amount_currency = $3)
    and ($4::uuid is null or fee.billing_entity_id = $4)
    and not invoice.self_billed and invoice.payment_dispute_lost_at is null
  group by 1, 2, 3
  order by 1 desc, 2, 3`;

/** The usage on invoices of any status, by month of its fees, metric and currency, the newest month first. */
export async function invoicedUsage(
  em: EntityManager,
  { currency, billingEntityId, from }: InvoicedUsageFilter,
): Promise<readonly InvoicedUsageRow[]> {
  const parameters = [organizationOf(em), from?.toISOString() ?? null, currency, billingEntityId];
  const rows = await sql<Omit<InvoicedUsageRow, 'amountCents'> & { readonly amountCents: string }>(
    em,
    INVOICED_USAGE,
    parameters,
  );
  return rows.map((row) => ({ ...row, amountCents: BigInt(row.amountCents) }));
}
