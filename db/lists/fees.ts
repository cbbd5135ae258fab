import type { FeeKind } from '../../billing/fees/fee.ts';
import type { FeePaymentStatus } from '../../billing/fees/fee-payment.ts';
import { customersKnownAs, given } from './conditions.ts';
import { list, type Condition, type Conditions } from './list.ts';

/** A stretch of time, both ends inclusive; what is left out is open. */
export interface InstantRange {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Moments of a fee that lists ask for. */
export const FEE_MOMENTS = ['createdAt', 'succeededAt', 'failedAt', 'refundedAt'] as const;

/** What a list of fees asks for; what it leaves out is open (spec, api 2.5). */
export interface FeeFilter {
  readonly feeType?: FeeKind | undefined;
  readonly paymentStatus?: FeePaymentStatus | undefined;
  readonly externalSubscriptionId?: string | undefined;
  readonly externalCustomerId?: string | undefined;
  readonly billableMetricCode?: string | undefined;
  readonly currency?: string | undefined;
  readonly eventTransactionId?: string | undefined;
  readonly moments?: Readonly<Partial<Record<(typeof FEE_MOMENTS)[number], InstantRange>>> | undefined;
}

type On = Conditions<'fees'>;

/** Fees, the oldest first, on invoices and without (S091 to S093). */
export const feeList = list({
  table: 'fees',
  order: [
    ['createdAt', 'asc'],
    ['id', 'asc'],
  ],
  conditions: (filter: FeeFilter, on: On) => {
    const { eb, selectFrom } = on;
    return [
      eb('fees.deletedAt', 'is', null),
      given(filter.feeType, (type) => eb('fees.feeType', '=', type)),
      given(filter.paymentStatus, (status) => eb('fees.paymentStatus', '=', status)),
      given(filter.currency, (currency) => eb('fees.amountCurrency', '=', currency)),
      given(filter.eventTransactionId, (id) => eb('fees.eventTransactionId', '=', id)),
      given(filter.externalCustomerId, (id) => eb('fees.customerId', 'in', customersKnownAs(selectFrom, id))),
      given(filter.externalSubscriptionId, (id) =>
        eb(
          'fees.subscriptionId',
          'in',
          selectFrom('subscriptions').select('subscriptions.id').where('subscriptions.externalId', '=', id),
        ),
      ),
      given(filter.billableMetricCode, (code) =>
        eb(
          'fees.chargeId',
          'in',
          selectFrom('charges')
            .select('charges.id')
            .where(
              'charges.billableMetricId',
              'in',
              selectFrom('billable_metrics').select('billable_metrics.id').where('billable_metrics.code', '=', code),
            ),
        ),
      ),
      ...momentConditions(filter, on),
    ];
  },
});

const momentConditions = ({ moments = {} }: FeeFilter, { eb }: On): (Condition | undefined)[] =>
  FEE_MOMENTS.flatMap((moment) => [
    given(moments[moment]?.from, (from) => eb(`fees.${moment}`, '>=', from)),
    given(moments[moment]?.to, (to) => eb(`fees.${moment}`, '<=', to)),
  ]);
