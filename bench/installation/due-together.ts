import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { periodAct } from '../../activities/subscriptions/period-act.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { sql } from '../../db/sql.ts';

export interface DueTogether {
  readonly organizationId: string;
  readonly subscriptionIds: readonly string[];
  /** When all of them are billed. */
  readonly dueAt: Date;
}

export interface DueTogetherOptions {
  readonly count: number;
  readonly dueAt: Date;
  /** An endpoint that wants every webhook. */
  readonly webhookUrl?: string | undefined;
  /** Percent, of a tax of the billing entity; absent: none. */
  readonly taxRate?: string | undefined;
  /** Cents of a coupon that each customer has forever, and of an open credit note; absent: nobody has any. */
  readonly couponCents?: string | undefined;
  /** Whether each has used something; by default so. */
  readonly hasUsage?: boolean;
}

const PAGE = 500;

/** The first day of the month that is `months` away from now, UTC. */
function firstOfMonth(now: Date, months: number): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}

/**
 * A live organization whose subscriptions, one a customer, are all due at one moment: a base fee and a charge on calls,
 * 20 events each. Their month has ended long ago; only their acts wait until then, so that no midnight has to come.
 */
export async function setUpDueTogether(
  orm: MikroORM,
  { count, dueAt, webhookUrl, taxRate, couponCents, hasUsage = true }: DueTogetherOptions,
): Promise<DueTogether> {
  const now = new Date();
  const [periodKey, billingDay] = [firstOfMonth(now, -1), firstOfMonth(now, 0)];
  const at = `${firstOfMonth(now, -2)}T00:00:00Z`;
  const [organizationId, entityId, planId, metricId] = [v7(), v7(), v7(), v7()];
  const subscriptionIds = Array.from({ length: count }, () => v7());
  const customerIds = subscriptionIds.map(() => v7());
  await orm.em.fork().transactional(async (em) => {
    const run = (text: string, parameters: readonly unknown[]) => sql(em, text, parameters);
    await run(
      `insert into organizations (id, name, created_at, updated_at, customer_sequence)
       values ($1, 'Bench', $2, $2, $3)`,
      [organizationId, at, count],
    );
    await run(
      `insert into billing_entities (id, organization_id, code, name, is_default, default_currency,
       document_number_prefix, created_at, updated_at)
       values ($1, $2, 'default', 'Bench', true, 'EUR', 'BEN-0001', $3, $3)`,
      [entityId, organizationId, at],
    );
    if (taxRate !== undefined) {
      const taxId = v7();
      await run(
        `insert into taxes (id, organization_id, code, name, rate, created_at, updated_at)
         values ($1, $2, 'vat', 'VAT', $3, $4, $4)`,
        [taxId, organizationId, taxRate, at],
      );
      await run(
        `insert into tax_attachments (owner_id, tax_id, organization_id, billing_entity_id, created_at)
         values ($3, $1, $2, $3, $4)`,
        [taxId, organizationId, entityId, at],
      );
    }
    await run(
      `insert into billable_metrics (id, organization_id, name, code, aggregation_type, created_at, updated_at)
       values ($1, $2, 'Calls', 'calls', 'count_agg', $3, $3)`,
      [metricId, organizationId, at],
    );
    await run(
      `insert into plans (id, organization_id, name, code, interval, amount_cents, amount_currency, pay_in_advance,
       created_at, updated_at)
       values ($1, $2, 'Plan', 'plan', 'monthly', 3100, 'EUR', false, $3, $3)`,
      [planId, organizationId, at],
    );
    await run(
      `insert into charges (id, organization_id, plan_id, billable_metric_id, code, charge_model, properties, position,
       created_at, updated_at)
       values ($1, $2, $3, $4, 'calls', 'standard', '{"amount": "0.25"}', 0, $5, $5)`,
      [v7(), organizationId, planId, metricId, at],
    );
    await run(
      `insert into customers (id, organization_id, billing_entity_id, external_id, sequential_id, slug, currency,
       created_at, updated_at)
       select id, $2, $3, 'c' || place, place, 'BEN-0001-' || place, 'EUR', $4, $4
       from unnest($1::uuid[]) with ordinality as customer (id, place)`,
      [customerIds, organizationId, entityId, at],
    );
    await run(
      `insert into subscriptions (id, organization_id, customer_id, plan_id, external_id, status, billing_time,
       subscription_at,
                                  started_at, activated_at, last_billing_day, created_at, updated_at)
       select id, $3, customer, $4, 's' || place, 'active', 'calendar', $5, $5, $5, $6, $5, $5
       from unnest($1::uuid[], $2::uuid[]) with ordinality as subscription (id, customer, place)`,
      [subscriptionIds, customerIds, organizationId, planId, at, periodKey],
    );
    const used = hasUsage ? count : 0;
    await run(
      `insert into usage_rollups (organization_id, external_subscription_id, code, hour, keys, events_count,
       numeric_events_count, sum)
       select $1, 's' || place, 'calls', $2::timestamptz + interval '1 hour' * hour, '{}', 1, 0, 0
       from generate_series(1, $3::int) place, generate_series(10, 29) hour`,
      [organizationId, `${periodKey}T00:00:00Z`, used],
    );
    if (couponCents !== undefined) await giveCredits(em, { organizationId, entityId, customerIds, at, couponCents });
    if (webhookUrl !== undefined) {
      await run(
        `insert into webhook_endpoints (id, organization_id, webhook_url, created_at, updated_at)
         values ($1, $2, $3, $4, $4)`,
        [v7(), organizationId, webhookUrl, at],
      );
    }
    const acts = subscriptionIds.map((subscriptionId, index) =>
      periodAct({
        organizationId,
        customerId: customerIds[index]!,
        subscriptionId,
        periodKey,
        billingDay,
        timeZone: 'UTC',
        hasTestClock: false,
        dueAt,
        duty: 'bill_period',
      }),
    );
    for (let from = 0; from < acts.length; from += PAGE) {
      await wantActs(em, acts.slice(from, from + PAGE), now, { startedBy: 'dispatcher' });
    }
  });
  return { organizationId, subscriptionIds, dueAt };
}

interface Credits {
  readonly organizationId: string;
  readonly entityId: string;
  readonly customerIds: readonly string[];
  readonly at: string;
  readonly couponCents: string;
}

/** A coupon forever and an open credit note on each customer. The notes credit one invoice, which stands for many. */
async function giveCredits(
  em: EntityManager,
  { organizationId, entityId, customerIds, at, couponCents }: Credits,
): Promise<void> {
  const [couponId, invoiceId] = [v7(), v7()];
  await sql(
    em,
    `insert into coupons (id, organization_id, name, code, coupon_type, amount_cents, amount_currency, frequency,
       expiration, reusable, created_at, updated_at)
     values ($1, $2, 'Coupon', 'coupon', 'fixed_amount', $3, 'EUR', 'forever', 'no_expiration', true, $4, $4)`,
    [couponId, organizationId, couponCents, at],
  );
  await sql(
    em,
    `insert into applied_coupons (id, organization_id, coupon_id, customer_id, amount_cents, amount_currency, frequency,
       status, created_at, updated_at)
     select gen_random_uuid(), $1, $2, customer, $4::bigint, 'EUR', 'forever', 'active', $5::timestamptz, $5
     from unnest($3::uuid[]) customer`,
    [organizationId, couponId, customerIds, couponCents, at],
  );
  await sql(
    em,
    `insert into invoices (id, organization_id, billing_entity_id, customer_id, invoice_type, status, payment_status,
       number, currency, issuing_date, payment_due_date, expected_finalization_date, net_payment_term, timezone,
       timezone_data_version, created_at, updated_at)
     values ($1, $2, $3, $4, 'one_off', 'finalized', 'succeeded', 'BEN-CREDITED', 'EUR', $5::timestamptz::date,
       $5::timestamptz::date, $5::timestamptz::date, 0, 'UTC', '', $5, $5)`,
    [invoiceId, organizationId, entityId, customerIds[0], at],
  );
  await sql(
    em,
    `insert into credit_notes (id, organization_id, customer_id, invoice_id, sequential_id, number, status,
       credit_status, reason, currency, issuing_date, credit_amount_cents, refund_amount_cents, offset_amount_cents,
       total_amount_cents, balance_amount_cents, sub_total_excluding_taxes_amount_cents,
       coupons_adjustment_amount_cents, precise_coupons_adjustment_amount_cents, taxes_amount_cents,
       precise_taxes_amount_cents, taxes_rate, created_at, updated_at)
     select gen_random_uuid(), $1, customer, $2, place, 'BEN-CREDITED-CN' || place, 'finalized', 'available', 'other',
       'EUR', $5::timestamptz::date, $4::bigint, 0, 0, $4, $4, $4, 0, 0, 0, 0, 0, $5::timestamptz, $5
     from unnest($3::uuid[]) with ordinality as credited (customer, place)`,
    [organizationId, invoiceId, customerIds, couponCents, at],
  );
}
