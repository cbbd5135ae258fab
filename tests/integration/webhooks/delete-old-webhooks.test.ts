import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { v7 } from 'uuid';
import { deleteOldWebhooks } from '../../../activities/webhooks/delete-old-webhooks.ts';
import { fixtureDatabase } from '../../support/billing-fixture.ts';
import { answering, webhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.ts';
import { laneFixture, laneKeys } from './lane-fixture.ts';

const DAY_MS = 86_400_000;

let database: Awaited<ReturnType<typeof fixtureDatabase>>;
let receiver: WebhookReceiver;

beforeAll(async () => {
  database = await fixtureDatabase();
  receiver = await webhookReceiver();
});
afterAll(async () => {
  await receiver.close();
  await database.close();
});

test('finished deliveries are kept for 90 days of real time, unfinished ones until they are finished', async () => {
  const lane = await laneFixture(database.orm, laneKeys(database.orm));
  const endpoint = await lane.endpoint(receiver.url);
  await lane.emit(v7());
  await lane.send(endpoint);
  receiver.answer = answering(500);
  await lane.emit(v7());
  await lane.send(endpoint);
  const cleanUp = () =>
    new MockActivityEnvironment().run(() => deleteOldWebhooks({ ...lane.billing.dependencies, realTime: lane.now }));
  const statuses = async () => (await lane.webhooks(endpoint)).map(({ status }) => status);
  lane.passes(89.9 * DAY_MS);
  expect(await cleanUp()).toBe(0);
  lane.passes(0.2 * DAY_MS);
  expect(await cleanUp()).toBe(1);
  expect(await statuses()).toEqual(['retrying']);
  await lane.send(endpoint);
  expect(await statuses()).toEqual(['failed']);
  expect(await cleanUp()).toBe(1);
});
