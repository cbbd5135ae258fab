import type { z } from 'zod';
import { advance, endMove, jump, runDue } from '../../activities/test-clock/move-clock.ts';
import { forbidden } from '../../billing/refusal.ts';
import { isBusy } from '../../db/acts/find-acts.ts';
import { findOpenMove } from '../../db/acts/open-move.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { testClockJson } from '../../shapes/test-clock/test-clock.ts';
import { scopeOf } from '../http/command-scope.ts';
import type { RequestContext } from '../http/request-context.ts';
import { route, type Route } from '../http/route.ts';
import { testClockAnswer, testClockInput } from './schema.ts';

/** @throws Refusal 403 `test_mode_required` for a live organization. */
async function answerOf({ em, organization }: RequestContext): Promise<z.infer<typeof testClockAnswer>> {
  const { clockNow } = await em.findOneOrFail(Organization, { id: organization.id }, { refresh: true });
  if (!clockNow) throw forbidden('test_mode_required');
  const move = await findOpenMove(em, organization.id);
  return { test_clock: testClockJson(clockNow, move, await isBusy(em, organization.id)) };
}

/** Ours: an organization in test mode has a clock that is moved over HTTP. */
export const routes: readonly Route[] = [
  route({
    method: 'get',
    path: '/test_clock',
    permission: 'organization',
    summary: 'Read the test clock',
    answer: testClockAnswer,
    handle: (context) => answerOf(context),
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
      const scope = scopeOf(context);
      if (mode === 'jump') await context.em.transactional((em) => jump(em, scope, to));
      else context.startAfterAnswer([await context.em.transactional((em) => advance(em, scope, to))]);
      return answerOf(context);
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
      const move = await context.em.transactional((em) => endMove(em, scopeOf(context)));
      if (move) context.nameWorkflow(move.id);
      return answerOf(context);
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
      context.startAfterAnswer([await context.em.transactional((em) => runDue(em, scopeOf(context)))]);
      return answerOf(context);
    },
  }),
];
