import { list, type Conditions } from './list.ts';

/** Whose periods. */
export interface UsagePeriodFilter {
  readonly customerId: string;
  /** Of one subscription after the other, where several have had it. */
  readonly externalSubscriptionId: string;
}

/** What invoices have billed of usage: a period of a subscription each, the newest first (spec, usage 7.4). */
export const usagePeriodList = list({
  table: 'invoice_subscriptions',
  order: [
    ['chargesFromDatetime', 'desc'],
    ['timestamp', 'desc'],
    ['id', 'desc'],
  ],
  conditions: (
    { customerId, externalSubscriptionId }: UsagePeriodFilter,
    { eb, selectFrom }: Conditions<'invoice_subscriptions'>,
  ) => [
    eb(
      'invoice_subscriptions.subscriptionId',
      'in',
      selectFrom('subscriptions')
        .select('subscriptions.id')
        .where('subscriptions.customerId', '=', customerId)
        .where('subscriptions.externalId', '=', externalSubscriptionId),
    ),
    eb('invoice_subscriptions.chargesFromDatetime', 'is not', null),
    eb('invoice_subscriptions.chargesToDatetime', 'is not', null),
  ],
});
