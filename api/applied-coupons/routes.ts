import { applyCoupon } from '../../activities/coupons/apply-coupon.ts';
import { removeAppliedCoupon } from '../../activities/coupons/remove-applied-coupon.ts';
import { notFound } from '../../billing/refusal.ts';
import { appliedCouponList, type AppliedCouponFilter } from '../../db/lists/applied-coupons.ts';
import { findCustomer } from '../../db/queries/customers/find-customer.ts';
import { listedAppliedCoupons, shownAppliedCoupon } from '../../shapes/coupons/load-applied-coupons.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import {
  appliedCouponAnswer,
  appliedCouponListAnswer,
  appliedCouponsQuery,
  applyCouponSchema,
  customerCouponsQuery,
  type CustomerCouponsQuery,
} from './schema.ts';
import { toApplyCoupon } from './to-command.ts';

const permission = 'applied_coupon';

const apply = route({
  method: 'post',
  path: '/applied_coupons',
  permission,
  summary: 'Give a customer a coupon',
  root: 'applied_coupon',
  body: applyCouponSchema,
  answer: appliedCouponAnswer,
  handle: async (context, { body }) => {
    const applied = await context.em.transactional((em) => applyCoupon(em, scopeOf(context), toApplyCoupon(body)));
    return { applied_coupon: await shownAppliedCoupon(context.em, applied) };
  },
});

const list = route({
  method: 'get',
  path: '/applied_coupons',
  permission,
  summary: "Customers' coupons with what they took off invoices, newest first",
  query: appliedCouponsQuery,
  answer: appliedCouponListAnswer,
  handle: (context, { query }) => pageOfCoupons(context, query, { externalCustomerId: query.external_customer_id }),
});

const listOfCustomer = route({
  method: 'get',
  path: '/customers/:external_id/applied_coupons',
  permission,
  summary: "A customer's coupons with what they took off invoices, newest first",
  query: customerCouponsQuery,
  answer: appliedCouponListAnswer,
  handle: async (context, { params, query }) => {
    const customer = await findCustomer(context.em, params['external_id'] ?? '');
    if (!customer) throw notFound('customer');
    return pageOfCoupons(context, query, { customerId: customer.id });
  },
});

async function pageOfCoupons(
  { em, organization }: RequestContext,
  query: CustomerCouponsQuery,
  whose: Pick<AppliedCouponFilter, 'customerId' | 'externalCustomerId'>,
) {
  const page = pageOf(query);
  const filter = { ...whose, status: query.status, couponCodes: query.coupon_code };
  const { rows, total } = await appliedCouponList.page(em, filter, page);
  return { applied_coupons: await listedAppliedCoupons(em, organization.id, rows), meta: metaOf(page, total) };
}

const remove = route({
  method: 'delete',
  path: '/customers/:external_id/applied_coupons/:applied_coupon_id',
  permission,
  summary: 'Take a coupon away from a customer; what it took off invoices stays',
  answer: appliedCouponAnswer,
  handle: async (context, { params }) => {
    const applied = await context.em.transactional((em) =>
      removeAppliedCoupon(em, scopeOf(context), params['external_id'] ?? '', params['applied_coupon_id'] ?? ''),
    );
    return { applied_coupon: await shownAppliedCoupon(context.em, applied) };
  },
});

export const routes: readonly Route[] = [apply, list, listOfCustomer, remove];
