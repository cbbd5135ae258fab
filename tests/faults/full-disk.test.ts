/**
 * A data folder on a disk that gets full, and is emptied again: answers in JSON, nothing ends for good, and it goes on
 * by itself.
 *
 * @inOrder One installation's life.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { billingTruth } from '../support/billing-truth.ts';
import { createOrganization, subscribeCustomers, type OrganizationClient } from '../support/organization-client.ts';
import { runFolder } from '../support/processes/run-folder.ts';
import { supervisedDurabill, type SupervisedDurabill } from '../support/processes/supervised-durabill.ts';
import { until } from '../support/until.ts';

/** Enough for a new cluster, Temporal's store and some write-ahead log. */
const DISK = '256m';
const SUBSCRIPTIONS = 5;

const disk = mkdtempSync(join(runFolder(), 'disk-'));
/** Only root may mount; for others tests/unit/supervisor/full-disk.test.ts tries the parts. */
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=755`, 'tmpfs', disk]).status === 0;

const ballast = join(disk, 'ballast');
const freeIt = (): void => rmSync(ballast, { force: true });

function fillIt(): void {
  const file = openSync(ballast, 'a');
  try {
    for (let bytes = 1_048_576; bytes >= 1;) {
      try {
        writeSync(file, Buffer.alloc(bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}

(isMounted ? describe : describe.skip)('on a disk of its own', () => {
  let durabill: SupervisedDurabill;
  let organization: OrganizationClient;

  /** A write of its own size; undefined when nobody answers. */
  const write = async (id: number): Promise<{ status: number; type: string | null; body: unknown } | undefined> => {
    const customer = { external_id: `f${id}`, name: 'x'.repeat(200) };
    const answer = await organization.request('POST', '/customers', { customer }).catch(() => undefined);
    return answer && { status: answer.status, type: answer.headers.get('content-type'), body: answer.body };
  };

  beforeAll(async () => {
    chmodSync(disk, 0o755);
    durabill = await supervisedDurabill({}, disk);
    await durabill.start();
    organization = await createOrganization(durabill);
    await organization.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-01-01T00:00:00Z', mode: 'jump' } });
    await subscribeCustomers(organization, SUBSCRIPTIONS);
    await organization.settled();
  });
  afterAll(async () => {
    freeIt();
    await durabill.stop();
    spawnSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  test('full: writes are answered with 503 in JSON, also while PostgreSQL cannot be started, and the terminal says why', async () => {
    fillIt();
    await until(() => durabill.output().includes(`The disk that holds ${join(disk, 'data')} is full`), 'it is told');
    // The next file of the write-ahead log cannot be made: PostgreSQL ends itself.
    const client = new Client({ connectionString: durabill.databaseUrl() });
    client.on('error', () => undefined);
    await client.connect();
    for (const statement of ['select pg_switch_wal()', `select pg_logical_emit_message(true, 'full', 'disk')`]) {
      await client.query(statement).catch(() => undefined);
    }
    await client.end().catch(() => undefined);
    let id = 0;
    const answers: NonNullable<Awaited<ReturnType<typeof write>>>[] = [];
    await until(async () => {
      const answer = await write(id++);
      if (answer) answers.push(answer);
      return durabill.output().includes('PostgreSQL cannot be started again yet: ') && answer?.status === 503;
    }, 'writes are refused while PostgreSQL is down');
    const others = answers.filter(({ status, type }) => ![200, 503].includes(status) || !/json/.test(type ?? ''));
    expect(others).toEqual([]);
    expect(answers.find(({ status }) => status === 503)?.body).toEqual({
      status: 503,
      error: 'Service Unavailable',
      code: 'database_unavailable',
    });
    expect(durabill.output()).toMatch(/PostgreSQL cannot be started again yet: .*No space left on device/);
  });

  test('emptied: it goes on without a hand, and bills each period once', async () => {
    freeIt();
    await until(async () => (await write(1_000_000))?.status === 200, 'a write is answered', 60_000);
    await until(() => durabill.output().includes('There is room again on the disk that holds '), 'it is told');
    await organization.ok('PUT', '/test_clock', {
      test_clock: { frozen_time: '2023-02-01T12:00:00Z', mode: 'advance' },
    });
    await organization.settled(120_000);
    expect(await billingTruth(durabill.databaseUrl(), organization.organizationId)).toMatchObject({
      finalized: SUBSCRIPTIONS,
      doubled: 0,
      unfinished: 0,
      failedActs: 0,
    });
    expect(durabill.output()).toContain('PostgreSQL runs again');
  });

  test('a start on a full disk gets a sentence', async () => {
    await durabill.stop();
    fillIt();
    await expect(durabill.start()).rejects.toThrow(
      `The disk that holds ${join(disk, 'data')} is full: make room there, or choose another folder with DURABILL_DATA_DIR.`,
    );
    freeIt();
    await durabill.start();
    expect((await write(2_000_000))?.status).toBe(200);
  });
});
