import { advance, endMove, jump, runDue } from '../../activities/test-clock/move-clock.ts';
import { forbidden } from '../../billing/refusal.ts';
import { isBusy } from '../../db/acts/find-acts.ts';
import { findOpenMove } from '../../db/acts/open-move.ts';
import { Organization } from '../../db/entities/organization.ts';
import { datetime } from '../../shapes/formats.ts';
import { realTime } from '../http/clock.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import { testClockAnswer, testClockInput } from './schema.ts';

async function clockJson({ em, organization }: RequestContext) {
  const { clockNow } = await em.findOneOrFail(Organization, { id: organization.id }, { refresh: true });
  if (!clockNow) throw forbidden('test_mode_required');
  const move = await findOpenMove(em, organization.id);
  const busy = await isBusy(em, organization.id);
  return {
    test_clock: {
      frozen_time: datetime(clockNow),
      status: busy ? ('advancing' as const) : ('ready' as const),
      move: move && {
        mode: move.mode,
        target: datetime(move.target),
        moment: move.moment && datetime(move.moment),
      },
    },
  };
}

/** Ours: an organization in test mode has a clock that is moved over HTTP. */
export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/test_clock',
    permission: 'organization',
    summary: 'Read the test clock',
    answer: testClockAnswer,
    handle: (context) => clockJson(context),
  }),
  route({
    method: 'put',
    path: '/test_clock',
    permission: 'organization',
    summary: 'Move the test clock',
    root: 'test_clock',
    body: testClockInput,
    answer: testClockAnswer,
    status: 202,
    handle: async (context, { body: { frozen_time: to, mode } }) => {
      const { em, organization } = context;
      if (mode === 'jump') await em.transactional((inner) => jump(inner, organization.id, to, realTime()));
      else context.startAfterAnswer([await em.transactional((inner) => advance(inner, organization.id, to))]);
      return clockJson(context);
    },
  }),
  route({
    method: 'delete',
    path: '/test_clock/advance',
    permission: 'organization',
    summary: 'End the move that is under way after the moment at work; the clock stays there',
    answer: testClockAnswer,
    status: 202,
    handle: async (context) => {
      const move = await context.em.transactional((inner) => endMove(inner, context.organization.id));
      if (move) context.nameWorkflow(move.id);
      return clockJson(context);
    },
  }),
  route({
    method: 'post',
    path: '/test_clock/run',
    permission: 'organization',
    summary: 'Do everything that is due at the present frozen time',
    answer: testClockAnswer,
    status: 202,
    handle: async (context) => {
      context.startAfterAnswer([await context.em.transactional((inner) => runDue(inner, context.organization.id))]);
      return clockJson(context);
    },
  }),
];
