import type { EntityManager } from '@mikro-orm/postgresql';
import { NO_COUPONS, type InvoiceCouponFacts } from '../../../billing/coupons/applied-coupon.ts';
import { takesCoupons, type PlannedInvoice } from '../../../billing/invoices/planned-invoice.ts';
import { couponsForBilling } from '../../../db/queries/coupons/coupons-for-billing.ts';
import type { ChargeWithMetric } from '../../../db/queries/plans/charges-of-plans.ts';

/**
 * The coupons of planned invoices, in the order of the invoices: one statement for all of them, and none where no
 * customer has any. Plan one invoice of a customer at a time: the next one finds what this one has left.
 *
 * @param couponed customers who have coupons to use.
 */
export async function loadCouponFacts(
  em: EntityManager,
  organizationId: string,
  planned: readonly PlannedInvoice[],
  charges: readonly ChargeWithMetric[],
  couponed: ReadonlySet<string>,
): Promise<readonly InvoiceCouponFacts[]> {
  const users = planned.map((invoice) => {
    const { customerId } = invoice.taxed;
    return customerId !== null && couponed.has(customerId) && takesCoupons(invoice) ? customerId : null;
  });
  const customerIds = [...new Set(users.filter((id) => id !== null))];
  if (customerIds.length === 0) return planned.map(() => NO_COUPONS);
  const coupons = await couponsForBilling(em, organizationId, customerIds);
  const metricsOfCharges = new Map(charges.map(({ charge, billableMetric }) => [charge.id, billableMetric.id]));
  return planned.map(({ lines }, index) => ({
    applied: coupons.get(users[index] ?? '') ?? [],
    plansOfSubscriptions: new Map(
      lines.map(({ subscription, plan }) => [
        subscription.id,
        plan.parentId == null ? [plan.id] : [plan.id, plan.parentId],
      ]),
    ),
    metricsOfCharges,
  }));
}
