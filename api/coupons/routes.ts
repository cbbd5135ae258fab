import { createCoupon } from '../../activities/coupons/create-coupon.ts';
import { deleteCoupon } from '../../activities/coupons/delete-coupon.ts';
import { updateCoupon } from '../../activities/coupons/update-coupon.ts';
import type { SavedCoupon } from '../../activities/coupons/saved-coupon.ts';
import { notFound } from '../../billing/refusal.ts';
import { Coupon } from '../../db/entities/coupons/coupon.ts';
import { couponList } from '../../db/lists/coupons.ts';
import { shownCoupon, shownCoupons } from '../../shapes/coupons/load-coupons.ts';
import { scopeOf } from '../http/command-scope.ts';
import { metaOf, pageOf } from '../http/pagination.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { couponAnswer, couponCreateSchema, couponListAnswer, couponListQuery, couponUpdateSchema } from './schema.ts';
import { toCreateCoupon, toUpdateCoupon } from './to-command.ts';

const CONSTRAINTS = { coupons_code: 'code' };

const permission = 'coupon';

async function answerTo(context: RequestContext, { coupon, acts }: SavedCoupon) {
  context.startAfterAnswer(acts);
  return { coupon: await shownCoupon(context.em, coupon) };
}

const create = route({
  method: 'post',
  path: '/coupons',
  permission,
  summary: 'Create a coupon',
  root: 'coupon',
  body: couponCreateSchema,
  answer: couponAnswer,
  handle: async (context, { body }) =>
    answerTo(
      context,
      await refusingDuplicates(CONSTRAINTS, () =>
        context.em.transactional((em) => createCoupon(em, scopeOf(context), toCreateCoupon(body))),
      ),
    ),
});

const update = route({
  method: 'put',
  path: '/coupons/:code',
  permission,
  summary: 'Change a coupon: once any customer has had it, only name, description and expiration change',
  root: 'coupon',
  body: couponUpdateSchema,
  answer: couponAnswer,
  handle: async (context, { params, body }) =>
    answerTo(
      context,
      await refusingDuplicates(CONSTRAINTS, () =>
        context.em.transactional((em) =>
          updateCoupon(em, scopeOf(context), params['code'] ?? '', toUpdateCoupon(body)),
        ),
      ),
    ),
});

const read = route({
  method: 'get',
  path: '/coupons/:code',
  permission,
  summary: 'One coupon',
  answer: couponAnswer,
  handle: async ({ em }, { params }) => {
    const coupon = await em.findOne(Coupon, { code: params['code'] ?? '', deletedAt: null });
    if (!coupon) throw notFound('coupon');
    return { coupon: await shownCoupon(em, coupon) };
  },
});

const list = route({
  method: 'get',
  path: '/coupons',
  permission,
  summary: 'Coupons, newest first',
  query: couponListQuery,
  answer: couponListAnswer,
  handle: async ({ em, organization }, { query }) => {
    const page = pageOf(query);
    const { rows, total } = await couponList.page(em, {}, page);
    return { coupons: await shownCoupons(em, organization.id, rows), meta: metaOf(page, total) };
  },
});

const remove = route({
  method: 'delete',
  path: '/coupons/:code',
  permission,
  summary: 'Delete a coupon: every customer who has it loses it, what it took off invoices stays',
  answer: couponAnswer,
  handle: async (context, { params }) =>
    answerTo(context, await context.em.transactional((em) => deleteCoupon(em, scopeOf(context), params['code'] ?? ''))),
});

export const routes: readonly Route[] = [create, update, read, list, remove];
