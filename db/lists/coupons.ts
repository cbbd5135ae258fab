import { list, type Conditions, type NoFilter } from './list.ts';

/** Coupons that are not deleted, newest first. */
export const couponList = list({
  table: 'coupons',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (_filter: NoFilter, { eb }: Conditions<'coupons'>) => [eb('coupons.deletedAt', 'is', null)],
});
