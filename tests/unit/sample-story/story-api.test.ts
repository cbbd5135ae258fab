import { describe, expect, test } from '@jest/globals';
import { sendFlights } from '../../../scripts/sample-story/send-flights.ts';
import { makeStoryApi, type StoryApi } from '../../../scripts/sample-story/story-api.ts';

type Reply = { readonly status: number; readonly body: unknown } | Error;

/** An API whose server gives these answers one after the other. */
function apiWith(replies: readonly Reply[]): { readonly api: StoryApi; readonly asked: string[] } {
  const asked: string[] = [];
  const open = replies.values();
  const answer = (url: unknown, init?: RequestInit): Promise<Response> => {
    asked.push(`${init?.method} ${String(url)}`);
    const { value: reply } = open.next();
    if (reply === undefined) throw new Error('asked once too often');
    if (reply instanceof Error) return Promise.reject(reply);
    return Promise.resolve(Response.json(reply.body, { status: reply.status }));
  };
  return { asked, api: makeStoryApi({ baseUrl: 'http://api', key: 'key', fetch: answer, signal: undefined }) };
}

const refusal = (details: unknown): Reply => ({
  status: 422,
  body: { status: 422, error: 'Unprocessable Entity', code: 'validation_errors', error_details: details },
});

describe('a request', () => {
  test('is sent again while the server is away or busy', async () => {
    const { api, asked } = apiWith([
      new TypeError('fetch failed'),
      { status: 503, body: { status: 503, error: 'Service Unavailable' } },
      { status: 422, body: { status: 422, error: 'Unprocessable Entity', code: 'lock_acquisition_failed' } },
      { status: 200, body: { plan: 1 } },
    ]);
    expect(await api.get('/plans/airport')).toEqual({ plan: 1 });
    expect(asked).toEqual(Array.from({ length: 4 }, () => 'GET http://api/plans/airport'));
  });

  test('is not sent again when it is refused, and the error says why', async () => {
    const { api, asked } = apiWith([refusal({ name: ['value_is_mandatory'] })]);
    await expect(api.post('/plans', {})).rejects.toThrow(/POST \/plans answered 422: .*value_is_mandatory/);
    expect(asked).toHaveLength(1);
  });
});

describe('flights that are sent again', () => {
  const flight = { number: 7, departedAt: 978_310_020, distance: 1750, delay: 66, origin: 'DTW', destination: 'LAS' };
  const taken = { transaction_id: ['value_already_exist'] };

  test('are fine when the server has all of them', async () => {
    const { api } = apiWith([refusal({ 0: taken, 1: taken })]);
    expect(await sendFlights(api, [flight], () => undefined)).toEqual({ events: 2, requests: 1 });
  });

  test.each([
    ['one is new', { 0: taken }],
    ['one is wrong', { 0: taken, 1: { timestamp: ['invalid_format'] } }],
  ])('are refused when %s', async (_, details) => {
    const { api } = apiWith([refusal(details)]);
    await expect(sendFlights(api, [flight], () => undefined)).rejects.toThrow('answered 422');
  });
});
