import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** What a list of invoices asks for; null or absent: anything (spec, api 2.6.1). */
export interface InvoiceFilter {
  readonly statuses: readonly string[];
  readonly customerId?: string | null;
  readonly externalCustomerId?: string | null;
  /** Part of the number, the customer's names, external id or e-mail address; or the whole id of the invoice. */
  readonly searchTerm?: string | null;
  readonly paymentStatuses?: readonly string[] | null;
  readonly invoiceType?: string | null;
  readonly currency?: string | null;
  /** Dates, inclusive. */
  readonly issuedFrom?: string | null;
  readonly issuedTo?: string | null;
  /** Cents of the total, inclusive. */
  readonly amountFrom?: number | null;
  readonly amountTo?: number | null;
  readonly paymentOverdue?: boolean | null;
  /** Something is paid, but not all. */
  readonly partiallyPaid?: boolean | null;
  readonly paymentDisputeLost?: boolean | null;
  readonly selfBilled?: boolean | null;
  /** Settled by any of `payment`, `credit_note`. */
  readonly settlements?: readonly string[] | null;
  /** Without regard to case. */
  readonly purchaseOrderNumber?: string | null;
  /** Key to value; an empty value: the invoice does not have the key. */
  readonly metadata?: Readonly<Record<string, string>> | null;
  readonly billingEntityIds?: readonly string[] | null;
}

const FROM = `
  invoices join customers on customers.organization_id = invoices.organization_id and customers.id = invoices.customer_id`;

// No credit note settles an invoice yet.
const CONDITIONS = `
  invoices.organization_id = $1
  and invoices.status = any($2::text[])
  and ($3::uuid is null or invoices.customer_id = $3)
  and ($4::text is null or customers.external_id = $4)
  and ($5::text is null or invoices.id::text = lower($5) or invoices.number ilike $6 or customers.name ilike $6
    or customers.firstname ilike $6 or customers.lastname ilike $6 or customers.external_id ilike $6
    or customers.email ilike $6)
  and ($7::text[] is null or invoices.payment_status = any($7))
  and ($8::text is null or invoices.invoice_type = $8)
  and ($9::text is null or invoices.currency = $9)
  and ($10::date is null or invoices.issuing_date >= $10)
  and ($11::date is null or invoices.issuing_date <= $11)
  and ($12::bigint is null or invoices.total_amount_cents >= $12)
  and ($13::bigint is null or invoices.total_amount_cents <= $13)
  and ($14::boolean is null or invoices.payment_overdue = $14)
  and ($15::boolean is null
    or (invoices.total_paid_amount_cents > 0 and invoices.total_paid_amount_cents < invoices.total_amount_cents) = $15)
  and ($16::boolean is null or (invoices.payment_dispute_lost_at is not null) = $16)
  and ($17::boolean is null or invoices.self_billed = $17)
  and ($18::text[] is null or ('payment' = any($18) and invoices.total_paid_amount_cents > 0))
  and ($19::text is null or lower(invoices.purchase_order_number) = lower($19))
  and ($20::uuid[] is null or invoices.billing_entity_id = any($20))
  and not exists (
    select from unnest($21::text[], $22::text[]) as wanted (key, value)
    where case when wanted.value = '' then invoices.metadata @> jsonb_build_array(jsonb_build_object('key', wanted.key))
               else not invoices.metadata @> jsonb_build_array(jsonb_build_object('key', wanted.key, 'value', wanted.value)) end)`;

const likePart = (text: string): string => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

const parametersOf = (organizationId: string, filter: InvoiceFilter): readonly unknown[] => [
  organizationId,
  filter.statuses,
  filter.customerId ?? null,
  filter.externalCustomerId ?? null,
  filter.searchTerm ?? null,
  likePart(filter.searchTerm ?? ''),
  filter.paymentStatuses ?? null,
  filter.invoiceType ?? null,
  filter.currency ?? null,
  filter.issuedFrom ?? null,
  filter.issuedTo ?? null,
  filter.amountFrom ?? null,
  filter.amountTo ?? null,
  filter.paymentOverdue ?? null,
  filter.partiallyPaid ?? null,
  filter.paymentDisputeLost ?? null,
  filter.selfBilled ?? null,
  filter.settlements ?? null,
  filter.purchaseOrderNumber ?? null,
  filter.billingEntityIds ?? null,
  Object.keys(filter.metadata ?? {}),
  Object.values(filter.metadata ?? {}),
];

/** The ids of a page of invoices, issued last first, and how many there are in all (spec, subscriptions-and-invoices 6.4). */
export async function invoicePage(
  em: EntityManager,
  organizationId: string,
  filter: InvoiceFilter,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<{ readonly ids: readonly string[]; readonly total: number }> {
  const parameters = parametersOf(organizationId, filter);
  const [count] = await sql<{ total: string }>(
    em,
    `select count(*) as total from ${FROM} where ${CONDITIONS}`,
    parameters,
  );
  const rows = await sql<{ id: string }>(
    em,
    `select invoices.id from ${FROM} where ${CONDITIONS}
     order by invoices.issuing_date desc, invoices.created_at desc, invoices.id
     limit $23 offset $24`,
    [...parameters, limit, offset],
  );
  return { ids: rows.map(({ id }) => id), total: Number(count?.total) };
}
