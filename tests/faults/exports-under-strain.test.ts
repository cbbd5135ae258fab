/**
 * Exports beside a backlog of low-priority work (S074), and with a store of files that is full, or refuses (S072).
 *
 * @inOrder One installation's life.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { deletePlanAct } from '../../activities/plans/delete-plan-act.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { openOrm } from '../../db/orm.ts';
import { sql } from '../../db/sql.ts';
import { manyInvoices } from '../support/many-invoices.ts';
import { createOrganization, type OrganizationClient } from '../support/organization-client.ts';
import { runFolder } from '../support/processes/run-folder.ts';
import { runningDurabill, type RunningDurabill } from '../support/processes/running-durabill.ts';
import { until } from '../support/until.ts';

const DISK_BYTES = 2 * 1024 * 1024;
const INVOICES = 2000;
/** Some tries of a store that fails. */
const PATIENCE_SECONDS = 15;

const disk = mkdtempSync(join(runFolder(), 'files-'));
const mounted = (...options: readonly string[]): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', disk]).status === 0;
/** Only root may mount. */
const isMounted = mounted('-o', `size=${DISK_BYTES},mode=755`);

let durabill: RunningDurabill;

beforeAll(async () => {
  chmodSync(disk, 0o755);
  durabill = await runningDurabill({
    environment: {
      DURABILL_FILES: pathToFileURL(disk).href,
      DURABILL_EXPORT_PATIENCE_SECONDS: String(PATIENCE_SECONDS),
    },
  });
});
afterAll(async () => {
  await durabill.stop();
  if (isMounted) spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

async function organizationWith(invoices: number): Promise<OrganizationClient> {
  const organization = await createOrganization(durabill);
  await manyInvoices(durabill.databaseUrl, organization, invoices);
  return organization;
}

const wanted = async (organization: OrganizationClient): Promise<string> =>
  (await organization.ok('POST', '/data_exports', { data_export: { resource_type: 'invoices' } })).data_export.lago_id;

const shown = async (organization: OrganizationClient, id: string): Promise<any> =>
  (await organization.ok('GET', `/data_exports/${id}`)).data_export;

const hasStatus = (organization: OrganizationClient, id: string, status: string, limitMs?: number): Promise<void> =>
  until(async () => (await shown(organization, id)).status === status, `the export is ${status}`, limitMs);

async function textOf(organization: OrganizationClient, id: string): Promise<string> {
  const link = new URL((await shown(organization, id)).file_url);
  return (await fetch(durabill.url + link.pathname + link.search)).text();
}

/** What there is beside finished files. */
const leftOver = (): readonly string[] =>
  readdirSync(join(disk, 'data_exports')).filter((name) => !/^[0-9a-f-]{36}\.csv$/.test(name));

(isMounted ? describe : describe.skip)('a store of files', () => {
  const ballast = join(disk, 'ballast');
  let organization: OrganizationClient;
  let peaceful: string;

  beforeAll(async () => {
    organization = await organizationWith(INVOICES);
    const id = await wanted(organization);
    await hasStatus(organization, id, 'completed');
    peaceful = await textOf(organization, id);
  });

  test('that is full is waited for: nothing half-written is served or left, and there is room again', async () => {
    // Room for a part of what is to be written.
    const { blocks } = fillDisk(ballast);
    truncateSync(ballast, blocks - 100 * 1024);
    const id = await wanted(organization);
    await until(async () => (await shown(organization, id)).error !== null, 'the export says what it waits for');
    expect(await shown(organization, id)).toMatchObject({
      status: 'processing',
      error: expect.stringContaining('ENOSPC'),
      file_url: null,
    });
    const download = await organization.request('GET', `/data_exports/${id}/download`);
    expect(download).toMatchObject({ status: 405, body: { code: 'data_export_not_completed' } });
    rmSync(ballast);
    await hasStatus(organization, id, 'completed');
    expect(await shown(organization, id)).toMatchObject({ error: null });
    expect(await textOf(organization, id)).toBe(peaceful);
    await until(() => leftOver().length === 0, 'no other files are left');
  });

  test('that refuses ends the export with the reason; tried again, it has the same objects', async () => {
    expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0);
    const id = await wanted(organization);
    await hasStatus(organization, id, 'failed', 120_000);
    expect(await shown(organization, id)).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/EROFS|ENOENT/),
      file_url: null,
      parts_done: 0,
      rows_count: 0,
      bytes_count: 0,
    });
    const workflow = `/workflows/${encodeURIComponent(`export/${id}`)}`;
    expect((await organization.ok('GET', workflow)).workflow).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/EROFS|ENOENT/),
    });
    // What comes to the list meanwhile is not in it.
    await organization.ok('POST', '/add_ons', {
      add_on: { name: 'Late', code: 'late', amount_cents: 1, amount_currency: 'EUR' },
    });
    await organization.ok('POST', '/invoices', {
      invoice: { external_customer_id: 'acme', currency: 'EUR', fees: [{ add_on_code: 'late' }] },
    });
    expect(spawnSync('mount', ['-o', 'remount,rw', disk]).status).toBe(0);
    await organization.ok('POST', `${workflow}/retry`);
    await hasStatus(organization, id, 'completed');
    expect(await shown(organization, id)).toMatchObject({ error: null, rows_count: INVOICES });
    expect(await textOf(organization, id)).toBe(peaceful);
    await until(() => leftOver().length === 0, 'no other files are left');
  });
});

/** @returns how many bytes were written until there was no room any more. */
function fillDisk(path: string): { readonly blocks: number } {
  let blocks = 0;
  for (let bytes = 256 * 1024; bytes >= 4096;) {
    try {
      writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
      blocks += bytes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      bytes /= 2;
    }
  }
  return { blocks };
}

/** Acts of low priority that wait, most of them still when the export is done. */
const BACKLOG = 10_000;

test('an export of 100 invoices is done within seconds while 10,000 acts of low priority wait', async () => {
  const organization = await organizationWith(100);
  const { organizationId } = organization;
  const orm = await openOrm(durabill.databaseUrl, { poolSize: 1, applicationName: 'durabill test' });
  try {
    const acts = Array.from({ length: BACKLOG }, () => deletePlanAct({ organizationId, planId: v7(), at: new Date() }));
    await orm.em.fork().transactional(async (em) => {
      for (let from = 0; from < BACKLOG; from += 1000) {
        await wantActs(em, acts.slice(from, from + 1000), new Date(), { startedBy: 'dispatcher' });
      }
    });
    const unfinished = async (): Promise<number> => {
      const [row] = await sql<{ count: number }>(
        orm.em.fork(),
        `select count(*)::int as count from acts where organization_id = $1 and kind = 'deletePlan' and state <> 'done'`,
        [organizationId],
      );
      return row!.count;
    };
    await until(async () => (await unfinished()) < BACKLOG, 'the backlog is being worked on');
    const id = await wanted(organization);
    await hasStatus(organization, id, 'completed', 20_000);
    expect(await shown(organization, id)).toMatchObject({ rows_count: 100 });
    expect(await unfinished()).toBeGreaterThan(BACKLOG / 10);
  } finally {
    await orm.close();
  }
});
