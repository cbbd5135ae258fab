import { deleteFee } from '../../activities/fees/delete-fee.ts';
import { findFee } from '../../activities/fees/hold-fee.ts';
import { updateFee } from '../../activities/fees/update-fee.ts';
import type { Fee } from '../../db/entities/invoices/fee.ts';
import { detailedFees } from '../../shapes/invoices/detailed-fees.ts';
import { scopeOf } from '../http/command-scope.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import { listFees } from './list-fees.ts';
import { feeAnswer, feeListAnswer, feeListQuery, feeUpdateInput } from './schema.ts';

const permission = 'fee';

const answerTo = async ({ em, now }: RequestContext, fee: Fee) => ({ fee: (await detailedFees(em, [fee], now))[0]! });

export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/fees',
    permission,
    summary: 'Fees on invoices and without, the oldest first',
    query: feeListQuery,
    answer: feeListAnswer,
    handle: (context, { query }) => listFees(context, query),
  }),
  route({
    method: 'get',
    path: '/fees/:id',
    permission,
    summary: 'One fee',
    answer: feeAnswer,
    handle: async (context, { params }) => answerTo(context, await findFee(context.em, params['id'] ?? '')),
  }),
  route({
    method: 'put',
    path: '/fees/:id',
    permission,
    summary: 'Say what has become of the payment of a fee without invoice',
    root: 'fee',
    body: feeUpdateInput,
    answer: feeAnswer,
    handle: async (context, { params, body }) => {
      const command = { id: params['id'] ?? '', paymentStatus: body.payment_status ?? null };
      return answerTo(context, await context.em.transactional((em) => updateFee(em, scopeOf(context), command)));
    },
  }),
  route({
    method: 'delete',
    path: '/fees/:id',
    permission,
    summary: 'Delete a fee without invoice',
    answer: feeAnswer,
    handle: async (context, { params }) => {
      const id = params['id'] ?? '';
      return answerTo(context, await context.em.transactional((em) => deleteFee(em, scopeOf(context), id)));
    },
  }),
];
