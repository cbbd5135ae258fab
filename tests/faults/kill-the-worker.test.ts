import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { FaultName } from '../../activities/fault-point.ts';
import { billingTruth } from '../support/billing-truth.ts';
import { createOrganization, subscribeCustomers } from '../support/organization-client.ts';
import { runFolder } from '../support/run-folder.ts';
import { runningDurabill } from '../support/running-durabill.ts';
import { until } from '../support/until.ts';

const SUBSCRIPTIONS = 30;

const places: FaultName[] = [
  'bill:before-claim',
  'bill:after-claim',
  'bill:before-commit',
  'bill:after-commit',
  'clock:after-turn',
];

test('kill -9 of the worker at each place of a billing run leaves each period billed once', async () => {
  const memory = mkdtempSync(join(runFolder(), 'faults-'));
  const durabill = await runningDurabill({ environment: { DURABILL_FAULTS: `${places.join(',')}@${memory}` } });
  try {
    const organization = await createOrganization(durabill);
    await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
    await subscribeCustomers(organization, SUBSCRIPTIONS, ['UTC', 'Asia/Tokyo']);
    await organization.settled();
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2023-03-01T12:00:00Z', mode: 'advance' },
    });
    for (let killed = 1; killed <= places.length; killed++) {
      await until(() => readdirSync(memory).length === killed, `the worker is killed for the ${killed}th time`);
      await durabill.kill('worker');
      await durabill.restart('worker');
    }
    await organization.settled();
    // Two whole months of 31.00 for each subscription.
    expect(await billingTruth(durabill.databaseUrl, organization.organizationId)).toEqual({
      finalized: 2 * SUBSCRIPTIONS,
      doubled: 0,
      unfinished: 0,
      holes: 0,
      failedActs: 0,
      withoutOpenPeriod: 0,
      totalAmountCents: 2 * SUBSCRIPTIONS * 3100,
    });
  } finally {
    await durabill.stop();
  }
}, 240_000);
