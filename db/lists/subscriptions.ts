import type { Currency } from '../../billing/money/currency.ts';
import type { SubscriptionStatus } from '../../billing/calendar/subscription-terms.ts';
import { anyOf, given } from './conditions.ts';
import { list, type Conditions } from './list.ts';

/** What a list of subscriptions asks for; what it leaves out is open (spec, subscriptions-and-invoices 2.9). */
export interface SubscriptionFilter {
  readonly statuses: readonly SubscriptionStatus[];
  readonly externalCustomerId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly planCode?: string | undefined;
  /** Whether the plan was changed for this subscription alone. */
  readonly overridden?: boolean | undefined;
  /** The plan's. */
  readonly currency?: Currency | undefined;
  /** The subscription's own, or else its customer's. */
  readonly billingEntityIds?: readonly string[] | undefined;
}

/** Subscriptions, the newest `subscription_at` first. */
export const subscriptionList = list({
  table: 'subscriptions',
  order: [
    ['subscriptionAt', 'desc'],
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (filter: SubscriptionFilter, { eb, selectFrom }: Conditions<'subscriptions'>) => {
    const customers = selectFrom('customers').select('customers.id');
    const plans = selectFrom('plans').select('plans.id');
    const ofCustomer = (wanted: typeof customers) => eb('subscriptions.customerId', 'in', wanted);
    const ofPlan = (wanted: typeof plans) => eb('subscriptions.planId', 'in', wanted);
    return [
      eb('subscriptions.status', '=', anyOf(filter.statuses)),
      given(filter.externalCustomerId, (id) => ofCustomer(customers.where('customers.externalId', '=', id))),
      given(filter.externalId, (id) => eb('subscriptions.externalId', '=', id)),
      given(filter.planCode, (code) => ofPlan(plans.where('plans.code', '=', code))),
      given(filter.overridden, (is) => ofPlan(plans.where('plans.parentId', is ? 'is not' : 'is', null))),
      given(filter.currency, (currency) => ofPlan(plans.where('plans.amountCurrency', '=', currency))),
      given(filter.billingEntityIds, (ids) =>
        eb.or([
          eb('subscriptions.billingEntityId', '=', anyOf(ids)),
          eb.and([
            eb('subscriptions.billingEntityId', 'is', null),
            ofCustomer(customers.where('customers.billingEntityId', '=', anyOf(ids))),
          ]),
        ]),
      ),
    ];
  },
});
