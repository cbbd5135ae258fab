import { forbidden, notFound } from '../../billing/refusal.ts';
import { Event } from '../../db/entities/usage/event.ts';
import { BATCH_BODY_LIMIT_BYTES } from '../http/body.ts';
import { route, type Route } from '../http/route.ts';
import { eventJson } from '../../shapes/usage/event.ts';
import { estimate, estimateInstantly } from './estimate-fees.ts';
import { batchEstimateInput, estimateInput, estimatesAnswer, instantEstimatesAnswer } from './estimate-schema.ts';
import { listEvents } from './list-events.ts';
import { receiveBatch, receiveEvent } from './receive-events.ts';
import { batchInput, eventAnswer, eventInput, eventListAnswer, eventListQuery, eventsAnswer } from './schema.ts';

export const routes: readonly Route[] = [
  route({
    method: 'post',
    path: '/events',
    permission: 'event',
    summary: 'Send an event',
    root: 'event',
    body: eventInput,
    answer: eventAnswer,
    handle: async (context, { body }) => ({ event: await receiveEvent(context, body) }),
  }),
  route({
    method: 'post',
    path: '/events/batch',
    permission: 'event',
    summary: 'Send up to 100 events, all or nothing',
    body: batchInput,
    bodyLimitBytes: BATCH_BODY_LIMIT_BYTES,
    answer: eventsAnswer,
    handle: async (context, { body }) => ({ events: await receiveBatch(context, body) }),
  }),
  route({
    method: 'post',
    path: '/events/estimate_fees',
    permission: 'event',
    summary: 'What charges in advance would ask for an event that came now; nothing is stored',
    root: 'event',
    body: estimateInput,
    answer: estimatesAnswer,
    handle: (context, { body }) => estimate(context, body),
  }),
  route({
    method: 'post',
    path: '/events/estimate_instant_fees',
    permission: 'event',
    summary: 'What an event would cost by itself, whatever was used before',
    root: 'event',
    body: estimateInput,
    answer: instantEstimatesAnswer,
    handle: (context, { body }) => estimateInstantly(context, [body], { isBatch: false }),
  }),
  route({
    method: 'post',
    path: '/events/batch_estimate_instant_fees',
    permission: 'event',
    summary: 'The same for up to 100 events',
    body: batchEstimateInput,
    answer: instantEstimatesAnswer,
    handle: (context, { body }) => estimateInstantly(context, body.events, { isBatch: true }),
  }),
  route({
    method: 'get',
    path: '/events',
    permission: 'event',
    summary: 'List events, the latest first',
    query: eventListQuery,
    answer: eventListAnswer,
    handle: (context, { query }) => listEvents(context, query),
  }),
  route({
    method: 'get',
    path: '/events_enriched',
    permission: 'event',
    summary: 'Only for organizations on a columnar event store, which there is none of',
    answer: eventListAnswer,
    handle: () => Promise.reject(forbidden('endpoint_not_available')),
  }),
  route({
    method: 'get',
    path: '/events/:transaction_id',
    permission: 'event',
    summary: 'One event; where several subscriptions have the transaction id, any of them',
    answer: eventAnswer,
    handle: async ({ em }, { params }) => {
      const event = await em.findOne(Event, { transactionId: params['transaction_id'] ?? '' });
      if (!event) throw notFound('event');
      return { event: eventJson(event) };
    },
  }),
];
