import { feeList } from '../../db/lists/fees.ts';
import { detailedFees } from '../../shapes/invoices/detailed-fees.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { FeeListQuery } from './schema.ts';

/** A page of fees, the oldest first (spec, api 2.5). */
export async function listFees({ em, now }: RequestContext, query: FeeListQuery) {
  const page = pageOf(query);
  const { rows, total } = await feeList.page(
    em,
    {
      feeType: query.fee_type,
      paymentStatus: query.payment_status,
      externalSubscriptionId: query.external_subscription_id,
      externalCustomerId: query.external_customer_id,
      billableMetricCode: query.billable_metric_code,
      currency: query.currency,
      eventTransactionId: query.event_transaction_id,
      moments: {
        createdAt: { from: query.created_at_from?.at, to: query.created_at_to?.at },
        succeededAt: { from: query.succeeded_at_from?.at, to: query.succeeded_at_to?.at },
        failedAt: { from: query.failed_at_from?.at, to: query.failed_at_to?.at },
        refundedAt: { from: query.refunded_at_from?.at, to: query.refunded_at_to?.at },
      },
    },
    page,
  );
  return { fees: await detailedFees(em, rows, now), meta: metaOf(page, total) };
}
