import { list, type Conditions, type NoFilter } from './list.ts';

/** Plans of the catalogue, newest first: neither deleted ones nor those of one subscription. */
export const planList = list({
  table: 'plans',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (_filter: NoFilter, { eb }: Conditions<'plans'>) => [
    eb('plans.parentId', 'is', null),
    eb('plans.deletedAt', 'is', null),
  ],
});
