import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../../billing/calendar/applicable-time-zone.ts';
import type { SubscriptionChain } from '../../../billing/subscriptions/subscription-chain.ts';
import { BillingEntity } from '../../entities/organizations/billing-entity.ts';
import { Customer } from '../../entities/customers/customer.ts';
import { Plan } from '../../entities/plans/plan.ts';
import { Subscription } from '../../entities/subscriptions/subscription.ts';
import { instantOf, sql } from '../../sql.ts';
import { joinedRows } from '../joined-rows.ts';
import { chainColumns, chainOf, type ChainRow } from './subscription-chain.ts';

/** A subscription with everything around it that decides how it is billed. */
export interface SubscriptionContext {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly customer: Customer;
  /** The issuer of its invoices: its own, else the customer's. */
  readonly billingEntity: BillingEntity;
  /** The customer's. */
  readonly timeZone: string;
  /** The organization's test clock; null: it lives in real time. */
  readonly clockNow: Date | null;
  readonly chain: SubscriptionChain;
}

/** One subscription, or all of some customers that run or are to start. */
export type SubscriptionSelection = { readonly subscriptionId: string } | { readonly customerIds: readonly string[] };

interface ContextRow extends ChainRow {
  readonly [column: string]: unknown;
  readonly clockNow: string | null;
}

/**
 * Subscriptions with their surroundings, in one statement. What the entity manager has changed before is saved first.
 *
 * @param use `read`: a change of a row is not saved; `change`: the rows are watched for changes, as those of `em.find`
 * are.
 */
export async function subscriptionContexts(
  em: EntityManager,
  organizationId: string,
  selection: SubscriptionSelection,
  use: 'read' | 'change',
): Promise<SubscriptionContext[]> {
  await em.flush();
  const joined = use === 'change' ? joinedRows(em, em) : joinedRows(em);
  const [condition, parameter] =
    'subscriptionId' in selection
      ? ['subscription.id = $2', selection.subscriptionId]
      : [
          `subscription.customer_id = any($2::uuid[]) and subscription.status in ('active', 'pending')`,
          selection.customerIds,
        ];
  const rows = await sql<ContextRow>(
    em,
    `select ${joined.columns(Subscription, 'subscription')}, ${joined.columns(Plan, 'plan')},
            ${joined.columns(Customer, 'customer')}, ${joined.columns(BillingEntity, 'own')},
            ${joined.columns(BillingEntity, 'issuer')},
            organizations.clock_now as "clockNow", ${chainColumns('subscription', 'plan.trial_period > 0')}
     from subscriptions subscription
       join organizations on organizations.id = subscription.organization_id
       join plans plan on plan.id = subscription.plan_id
       join customers customer on customer.id = subscription.customer_id
       join billing_entities own on own.id = customer.billing_entity_id
       left join billing_entities issuer on issuer.id = subscription.billing_entity_id
     where subscription.organization_id = $1 and ${condition}
     order by subscription.id`,
    [organizationId, parameter],
  );
  return rows.map((row) => {
    const plan = joined.take(Plan, 'plan', row)!;
    const customer = joined.take(Customer, 'customer', row)!;
    const own = joined.take(BillingEntity, 'own', row)!;
    return {
      subscription: joined.take(Subscription, 'subscription', row)!,
      plan,
      customer,
      billingEntity: joined.take(BillingEntity, 'issuer', row) ?? own,
      timeZone: applicableTimeZone(customer, own),
      clockNow: instantOf(row.clockNow),
      chain: chainOf(row, plan),
    };
  });
}

/** @throws Error when the subscription is gone. */
export async function subscriptionContext(
  em: EntityManager,
  organizationId: string,
  subscriptionId: string,
  use: 'read' | 'change',
): Promise<SubscriptionContext> {
  const [context] = await subscriptionContexts(em, organizationId, { subscriptionId }, use);
  if (!context) throw new Error(`subscription ${subscriptionId} is gone`);
  return context;
}
