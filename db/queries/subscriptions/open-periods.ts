import type { EntityManager } from '@mikro-orm/postgresql';
import { BillingEntity } from '../../entities/organizations/billing-entity.ts';
import { Customer } from '../../entities/customers/customer.ts';
import { Plan } from '../../entities/plans/plan.ts';
import { Subscription } from '../../entities/subscriptions/subscription.ts';
import { instantOf, sql } from '../../sql.ts';
import { joinedRows, type JoinedRows } from '../joined-rows.ts';
import { chainColumns, chainOf, type ChainRow } from './subscription-chain.ts';
import type { SubscriptionChain } from '../../../billing/subscriptions/subscription-chain.ts';

/** Whose open periods are asked for. */
export interface OpenPeriodsOf {
  readonly organizationId: string;
  readonly customerIds: readonly string[];
  /** Real time, for live organizations. */
  readonly realNow: Date;
  /** The act that asks; `''`: none. When it has failed before, it counts with all that failed on its day. */
  readonly ownActId: string;
  /** The id of a plan's deletion is this and the plan's. */
  readonly planDeletionPrefix: string;
  /** Periods that one look takes of a customer; the rest is found by their own workflows. */
  readonly limit: number;
}

/** A period's act with what it bills. The rows are for reading: a change of one is not saved. */
export interface OpenPeriodRow {
  readonly actId: string;
  readonly dueAt: Date;
  readonly periodKey: string;
  readonly billingDay: string;
  /** null: as in histories of a release that did not say, the customer's of now. */
  readonly timeZone: string | null;
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly chain: SubscriptionChain;
  /** When its plan was deleted; null: it is there. */
  readonly planDeletedAt: Date | null;
}

export interface OpenPeriods<Start> {
  readonly customer: Customer;
  /** The customer's own. */
  readonly billingEntity: BillingEntity;
  /** The test clock of the organization; null: it has none. */
  readonly clockNow: Date | null;
  readonly periods: readonly OpenPeriodRow[];
  /** Arguments of the open acts of first invoices. */
  readonly openStarts: readonly Start[];
}

interface DueRow extends ChainRow {
  readonly [column: string]: unknown;
  readonly clockNow: string | null;
  readonly actId: string | null;
  readonly dueAt: string;
  readonly periodKey: string;
  readonly billingDay: string;
  readonly plannedZone: string | null;
  readonly planDeletedAt: string | null;
  readonly openStarts: readonly never[] | null;
}

/** First invoices that one look takes of a customer. */
const STARTS = 20;

/** SQL: arguments of the open acts of a customer's first invoices. */
const OPEN_STARTS = `
  select json_agg(start.argument) from (
    select argument from acts
    where acts.customer_id = customer.id and (acts.kind = 'start') is true
      and acts.state in ('wanted', 'waiting', 'working')
    order by acts.created_at, acts.id limit ${STARTS}) start`;

const IS_DUE = 'due_at <= coalesce(organizations.clock_now, $3::timestamptz)';

/**
 * SQL: the due acts of a customer's periods; with the act that asks, when it has failed before, all that failed on its
 * day. Acts are looked up by their customer and nothing else: that is never more than this customer's, whatever is
 * known of the table.
 */
const DUE_ACTS = `
  select * from (
    select * from acts
    where acts.customer_id = customer.id and (acts.kind = 'period') is true
      and acts.state in ('wanted', 'waiting', 'working')
      and acts.${IS_DUE}
    union all
    select failed.* from acts own
      join acts failed on failed.organization_id = own.organization_id and failed.customer_id = own.customer_id
        and failed.kind = 'period' and failed.state = 'failed'
        and failed.argument->>'billingDay' = own.argument->>'billingDay'
    where own.id = $5 and own.state = 'failed' and own.customer_id = customer.id
      and failed.${IS_DUE}) found
  order by found.due_at, found.id limit $4`;

/** SQL: when the plan of a subscription was deleted. */
const PLAN_DELETED_AT = `
  case when plan.pending_deletion then (
    select deletion.argument->>'at' from acts deletion
    where deletion.id = $6 || coalesce(plan.parent_id, plan.id)) end`;

/**
 * The periods of customers whose acts are due, with all that decides what is due of them, in one statement; by their
 * ids, without those who are gone.
 */
export async function openPeriods<Start>(
  em: EntityManager,
  { organizationId, customerIds, realNow, ownActId, planDeletionPrefix, limit }: OpenPeriodsOf,
): Promise<ReadonlyMap<string, OpenPeriods<Start>>> {
  const joined = joinedRows(em);
  const rows = await sql<DueRow>(
    em,
    `select ${joined.columns(Customer, 'customer')}, ${joined.columns(Subscription, 'subscription')},
            ${joined.columns(Plan, 'plan')}, ${joined.columns(BillingEntity, 'own')},
            organizations.clock_now as "clockNow", act.id as "actId", act.due_at as "dueAt",
            act.argument->>'periodKey' as "periodKey", act.argument->>'billingDay' as "billingDay",
            act.argument->>'timeZone' as "plannedZone", ${chainColumns('subscription', 'plan.trial_period > 0')},
            ${PLAN_DELETED_AT} as "planDeletedAt", (${OPEN_STARTS}) as "openStarts"
     from customers customer
       join organizations on organizations.id = customer.organization_id
       join billing_entities own on own.id = customer.billing_entity_id
       left join lateral (${DUE_ACTS}) act on true
       left join subscriptions subscription
         on subscription.id = act.subscription_id and subscription.status in ('active', 'terminated')
       left join plans plan on plan.id = subscription.plan_id
     where customer.organization_id = $1 and customer.id = any($2::uuid[])
     order by act.due_at, act.id`,
    [organizationId, customerIds, realNow.toISOString(), limit, ownActId, planDeletionPrefix],
  );
  const byCustomer = Map.groupBy(rows, (row) => row['customer.id'] as string);
  return new Map([...byCustomer].map(([id, own]) => [id, openPeriodsOf<Start>(joined, own)]));
}

function openPeriodsOf<Start>(joined: JoinedRows, rows: readonly DueRow[]): OpenPeriods<Start> {
  const first = rows[0]!;
  const customer = joined.take(Customer, 'customer', first)!;
  const billingEntity = joined.take(BillingEntity, 'own', first)!;
  const periods = rows.flatMap((row): OpenPeriodRow[] => {
    const subscription = joined.take(Subscription, 'subscription', row);
    const plan = joined.take(Plan, 'plan', row);
    const { actId, periodKey, billingDay, plannedZone: timeZone, planDeletedAt } = row;
    if (actId === null || !subscription || !plan) return [];
    const planned = { actId, dueAt: instantOf(row.dueAt), periodKey, billingDay, timeZone };
    const chain = chainOf(row, plan);
    return [
      { ...planned, subscription, plan, chain, planDeletedAt: planDeletedAt === null ? null : new Date(planDeletedAt) },
    ];
  });
  const clockNow = instantOf(first.clockNow);
  return { customer, billingEntity, clockNow, periods, openStarts: first.openStarts ?? [] };
}
