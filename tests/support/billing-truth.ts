import { Client } from 'pg';

/** What must hold of an organization's billing, counted in the database itself. */
export interface BillingTruth {
  readonly finalized: number;
  /** Subscription and window pairs that are on more than one invoice. */
  readonly doubled: number;
  /** Invoices that are neither finalized nor closed. */
  readonly unfinished: number;
  /** Numbers that a customer's sequence skips. */
  readonly holes: number;
  readonly failedActs: number;
  /** Active subscriptions without exactly one open period. */
  readonly withoutOpenPeriod: number;
  readonly totalAmountCents: number;
}

export async function billingTruth(databaseUrl: string, organizationId: string): Promise<BillingTruth> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select
         (select count(*) from invoices where organization_id = $1 and status = 'finalized')::int as finalized,
         (select count(*) from (select 1 from invoice_subscriptions where organization_id = $1
            group by subscription_id, charges_from_datetime having count(*) > 1) double)::int as doubled,
         (select count(*) from invoices where organization_id = $1 and status not in ('finalized', 'closed'))::int
           as unfinished,
         (select count(*) from (select max(sequential_id) - count(*) as missing from invoices
            where organization_id = $1 and status = 'finalized' group by customer_id) numbers where missing <> 0)::int
           as holes,
         (select count(*) from acts where organization_id = $1 and state = 'failed')::int as "failedActs",
         (select count(*) from subscriptions where organization_id = $1 and status = 'active'
            and (select count(*) from acts where acts.subscription_id = subscriptions.id and acts.kind = 'period'
                   and acts.state in ('wanted', 'waiting')) <> 1)::int as "withoutOpenPeriod",
         (select coalesce(sum(total_amount_cents), 0) from invoices where organization_id = $1)::int
           as "totalAmountCents"`,
      [organizationId],
    );
    return rows[0] as BillingTruth;
  } finally {
    await client.end();
  }
}
