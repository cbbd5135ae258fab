import { expect } from '@jest/globals';
import { billingTruth } from '../support/billing-truth.ts';
import { subscribeCustomers } from '../support/organization-client.ts';
import { SETTLED_WITHIN_MS, type WorkerStory } from './worker-story.ts';

const SUBSCRIPTIONS = 30;

export const billingRun: WorkerStory = {
  when: 'at each place of a billing run',
  places: [
    'period:before-claim',
    'period:after-claim',
    'period:before-commit',
    'period:after-commit',
    'clock:after-turn',
  ],
  tell: async (_durabill, organization) => {
    await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
    await subscribeCustomers(organization, SUBSCRIPTIONS, ['UTC', 'Asia/Tokyo']);
    await organization.settled(SETTLED_WITHIN_MS);
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2023-03-01T12:00:00Z', mode: 'advance' },
    });
    await organization.settled(SETTLED_WITHIN_MS);
  },
  outcome: ({ databaseUrl }, { organizationId }) => billingTruth(databaseUrl, organizationId),
  // Two whole months of 31.00 for each subscription, each billed once.
  isRight: (truth) =>
    expect(truth).toEqual({
      finalized: 2 * SUBSCRIPTIONS,
      doubled: 0,
      unfinished: 0,
      holes: 0,
      failedActs: 0,
      withoutOpenPeriod: 0,
      totalAmountCents: 2 * SUBSCRIPTIONS * 3100,
    }),
};
