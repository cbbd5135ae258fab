// Exports over HTTP (docs/spec/api.md 5; S068 to S072): made, filtered like their list, downloaded, canceled, expired.
import type { Writable } from 'node:stream';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { v7 } from 'uuid';
import { fileStoreProblem, noteFileStore } from '../../../activities/files/shared-store.ts';
import { folderStore } from '../../../activities/files/folder-store.ts';
import { StorageUnavailable, type FileStore } from '../../../activities/files/file-store.ts';
import { activityDependencies } from '../../support/activity-dependencies.ts';
import { runFolder } from '../../support/processes/run-folder.ts';
import { listeningApp, notFound, asPlain, validationErrors, type ListeningApp } from '../api/listening-app.ts';
import { exportingAs, exportingOrganization, NOW, type ExportingOrganization } from './exporting-organization.ts';

const INVOICES = 47;

const GOLD = { lago_id: v7(), key: 'tier', value: 'gold', created_at: '2024-02-01T00:00:00Z' };

let app: ListeningApp;
let organization: ExportingOrganization;

beforeAll(async () => {
  app = await listeningApp();
  organization = await exportingOrganization(app);
  await fill(organization);
});
afterAll(() => app.close());

/** Invoices of every kind that a filter tells apart, some of which were made in the same moment. */
async function fill(caller: ExportingOrganization): Promise<void> {
  const { organizationId } = caller;
  await caller.ok('POST', '/billing_entities', { billing_entity: { name: 'Second', code: 'second' } });
  for (const external_id of ['acme', 'bolt']) {
    await caller.ok('POST', '/customers', {
      customer: { external_id, name: `Customer ${external_id}`, currency: 'EUR' },
    });
  }
  await app.rows(
    `insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status,
       number, sequential_id, issuing_date, payment_due_date, expected_finalization_date, net_payment_term, currency,
       timezone, timezone_data_version, total_amount_cents, total_paid_amount_cents, payment_overdue, self_billed,
       payment_dispute_lost_at, purchase_order_number, metadata, created_at, updated_at)
     select gen_random_uuid(), $1, customer.id, entity.id,
       (array['subscription', 'one_off', 'progressive_billing'])[1 + i % 3],
       (array['draft', 'finalized', 'finalized', 'voided', 'generating'])[1 + i % 5],
       (array['pending', 'succeeded', 'failed'])[1 + i / 3 % 3], 'GOLD-' || i, i, date '2024-01-01' + i % 40,
       '2024-04-01', '2024-04-01', 0, (array['EUR', 'USD'])[1 + i / 5 % 2], 'UTC', 'x', i * 100, i % 4 * 100,
       i % 7 = 0, i % 6 = 0, case when i % 9 = 0 then timestamptz '2024-02-01' end,
       case when i % 8 = 0 then 'Po-8' end,
       case when i % 10 = 0 then $3::jsonb else '[]' end,
       timestamptz '2024-02-01' + make_interval(mins => i % 4), now()
     from generate_series(1, $2::int) i
       join customers customer on customer.organization_id = $1
         and customer.external_id = (array['acme', 'bolt'])[1 + i % 2]
       join billing_entities entity on entity.organization_id = $1 and entity.is_default = (i % 3 > 0)`,
    [organizationId, INVOICES, JSON.stringify([GOLD])],
  );
}

const idsIn = (text: string): string[] =>
  parse<{ lago_id: string }>(text, { columns: true }).map(({ lago_id }) => lago_id);

/** Each with the query of the list that says the same. */
const FILTERS: readonly (readonly [filters: Readonly<Record<string, unknown>>, query: string])[] = [
  [{}, ''],
  [{ status: ['draft', 'voided'] }, 'status[]=draft&status[]=voided'],
  [{ statuses: ['finalized'] }, 'statuses[]=finalized'],
  [{ 'status[]': 'finalized' }, 'status=finalized'],
  [{ payment_status: ['failed'] }, 'payment_status[]=failed'],
  [{ payment_statuses: ['pending', 'succeeded'] }, 'payment_statuses[]=pending&payment_statuses[]=succeeded'],
  [{ invoice_type: ['one_off', 'subscription'] }, 'invoice_type[]=one_off&invoice_type[]=subscription'],
  [{ invoice_type: 'one_off' }, 'invoice_type=one_off'],
  [{ currency: 'USD' }, 'currency=USD'],
  [
    { issuing_date_from: '2024-01-10', issuing_date_to: '2024-01-20' },
    'issuing_date_from=2024-01-10&issuing_date_to=2024-01-20',
  ],
  [{ amount_from: 500, amount_to: '2000' }, 'amount_from=500&amount_to=2000'],
  [{ payment_overdue: true }, 'payment_overdue=true'],
  [{ partially_paid: 'true' }, 'partially_paid=true'],
  [{ payment_dispute_lost: false }, 'payment_dispute_lost=false'],
  [{ self_billed: true }, 'self_billed=true'],
  [{ settlements: ['payment'] }, 'settlements[]=payment'],
  [{ purchase_order_number: 'PO-8' }, 'purchase_order_number=PO-8'],
  [{ metadata: { tier: 'gold' } }, 'metadata[tier]=gold'],
  [{ metadata: { tier: '' } }, 'metadata[tier]='],
  [{ billing_entity_codes: ['second'] }, 'billing_entity_codes[]=second'],
  [{ external_customer_id: 'bolt' }, 'external_customer_id=bolt'],
  [{ customer_external_id: 'acme' }, 'customer_external_id=acme'],
  [{ search_term: 'GOLD-1' }, 'search_term=GOLD-1'],
  [{ currency: null, search_term: 'nobody' }, 'search_term=nobody'],
];

describe('a filter', () => {
  test.each(FILTERS)('%j selects and orders what the list does', async (filters, query) => {
    const listed = (await organization.ok('GET', `/invoices?per_page=1000&${query}`)) as any;
    const ids = listed.invoices.map((invoice: any) => invoice.lago_id);
    const id = await organization.exported({ resource_type: 'invoices', filters });
    expect(idsIn(await organization.downloaded(id))).toEqual(ids);
    const shown = await organization.shown(id);
    expect([shown.filters, shown.rows_count]).toEqual([filters, ids.length]);
  });

  test.each([
    [{ status: ['generating'] }, 'status'],
    [{ currency: 'XXZ' }, 'currency'],
    [{ payment_overdue: 'perhaps' }, 'payment_overdue'],
    [{ amount_from: 1.5 }, 'amount_from'],
    [{ status: [{ nested: true }] }, 'status'],
    // One that is not known would widen the file to everything.
    [{ statuss: ['draft'] }, 'statuss'],
    [{ page: 2 }, 'page'],
  ])('%j is refused on its name', async (filters, name) => {
    const answer = await organization.send('POST', '/data_exports', {
      data_export: { resource_type: 'invoices', filters },
    });
    expect(asPlain(answer)).toEqual(validationErrors({ [`filters.${name}`]: ['value_is_invalid'] }));
  });

  test('of an unknown billing entity is not found', async () => {
    const filters = { billing_entity_codes: ['third'] };
    const data_export = { resource_type: 'invoices', filters };
    expect(asPlain(await organization.send('POST', '/data_exports', { data_export }))).toEqual(
      notFound('billing_entity'),
    );
  });
});

describe('an export', () => {
  test('has its objects in parts of 20, in the order of the list, whatever happens to the list meanwhile', async () => {
    const id = await organization.exported({ resource_type: 'invoices' });
    const shown = await organization.shown(id);
    expect(shown).toMatchObject({
      status: 'completed',
      parts_count: 2,
      parts_done: 2,
      error: null,
      filename: '20240305100000_invoices.csv',
      started_at: '2024-03-05T10:00:00Z',
      completed_at: '2024-03-05T10:00:00Z',
      expires_at: '2024-03-12T10:00:00Z',
    });
    const text = await organization.downloaded(id);
    expect(shown.bytes_count).toBe(Buffer.byteLength(text));
    const parts = await app.rows<{ ids: string[]; rows_count: number }>(
      'select object_ids as ids, rows_count from data_export_parts where data_export_id = $1 order by index',
      [id],
    );
    expect(parts.map(({ ids }) => ids.length)).toEqual(parts.map(({ rows_count }) => rows_count));
    expect(parts[0]!.ids).toHaveLength(20);
    expect(parts.flatMap(({ ids }) => ids)).toEqual(idsIn(text));
  });

  test('of any other size of its parts has the same bytes', async () => {
    const { exporting } = activityDependencies(app.orm, () => new Date(NOW));
    const texts: string[] = [];
    for (const partSize of [1, 2, 20, 1000]) {
      const again = exportingAs(app, organization, { exporting: { ...exporting, partSize } });
      texts.push(await again.downloaded(await again.exported({ resource_type: 'invoices' })));
    }
    expect(new Set(texts).size).toBe(1);
  });

  test('is listed newest first, by its type and its status', async () => {
    const lister = await exportingOrganization(app);
    const fees = await lister.exported({ resource_type: 'invoice_fees' });
    const invoices = await lister.exported({ resource_type: 'invoices' });
    await lister.ok('POST', '/data_exports', { data_export: { resource_type: 'invoices' } });
    const ids = async (query: string): Promise<string[]> =>
      ((await lister.ok('GET', `/data_exports?${query}`)) as any).data_exports.map((shown: any) => shown.lago_id);
    expect(await ids('')).toHaveLength(3);
    expect(await ids('resource_type=invoice_fees')).toEqual([fees]);
    expect(await ids('status=completed&resource_type=invoices')).toEqual([invoices]);
    expect(await ids('status=failed')).toEqual([]);
  });

  test.each([
    [{ resource_type: 'planets' }, { resource_type: ['value_is_invalid'] }],
    [{ resource_type: 'invoices', format: 'xlsx' }, { format: ['value_is_invalid'] }],
    [{ resource_type: 'invoices', notify_email: 'nobody' }, { notify_email: ['invalid_email_format'] }],
  ])('%j is refused', async (data_export, details) => {
    expect(asPlain(await organization.send('POST', '/data_exports', { data_export }))).toEqual(
      validationErrors(details),
    );
  });

  test('that is not there is not found', async () => {
    for (const id of ['nonsense', v7()]) {
      expect(asPlain(await organization.download(id))).toEqual(notFound('data_export'));
      expect(asPlain(await organization.send('POST', `/data_exports/${id}/cancel`))).toEqual(notFound('data_export'));
    }
  });
});

describe('a download', () => {
  test('gives ranges of the bytes, and the whole for what it does not understand', async () => {
    const id = await organization.exported({ resource_type: 'invoices' });
    const whole = await organization.download(id);
    const text = String(whole.body);
    const etag = whole.headers.get('ETag')!;
    expect(
      Object.fromEntries(
        ['Content-Type', 'Accept-Ranges', 'Content-Length', 'Content-Disposition'].map((name) => [
          name,
          whole.headers.get(name),
        ]),
      ),
    ).toEqual({
      'Content-Type': 'text/csv; charset=utf-8',
      'Accept-Ranges': 'bytes',
      'Content-Length': String(text.length),
      'Content-Disposition': 'attachment; filename="20240305100000_invoices.csv"',
    });
    const range = async (Range: string, more: Record<string, string> = {}) => {
      const { status, headers, body } = await organization.download(id, { Range, ...more });
      return [status, headers.get('Content-Range'), body];
    };
    expect(await range('bytes=0-9')).toEqual([206, `bytes 0-9/${text.length}`, text.slice(0, 10)]);
    expect(await range('bytes=-5')).toEqual([
      206,
      `bytes ${text.length - 5}-${text.length - 1}/${text.length}`,
      text.slice(-5),
    ]);
    expect(await range('bytes=100-', { 'If-Range': etag })).toEqual([
      206,
      `bytes 100-${text.length - 1}/${text.length}`,
      text.slice(100),
    ]);
    expect(await range('bytes=100-', { 'If-Range': '"another"' })).toEqual([200, null, text]);
    expect(await range('bytes=0-1,5-6')).toEqual([200, null, text]);
    expect(await range('lines=0-1')).toEqual([200, null, text]);
    expect((await range(`bytes=${text.length}-`)).slice(0, 2)).toEqual([416, `bytes */${text.length}`]);
  });

  test('of a file that cannot be read is answered without the headers of one', async () => {
    const id = await organization.exported({ resource_type: 'invoices' });
    rmSync(join(runFolder(), 'files', 'data_exports', `${id}.csv`));
    for (const headers of [{}, { Range: 'bytes=0-9' }]) {
      const answer = await organization.download(id, headers);
      expect(answer).toMatchObject({ status: 503, body: { code: 'files_unavailable' } });
      expect(answer.headers.get('Content-Type')).toMatch(/^application\/json/);
      for (const name of ['ETag', 'Accept-Ranges', 'Content-Disposition', 'Content-Range']) {
        expect([name, answer.headers.get(name)]).toEqual([name, null]);
      }
    }
  });

  test('by its link needs no key, and no other signature opens it', async () => {
    const id = await organization.exported({ resource_type: 'invoices' });
    const other = await organization.exported({ resource_type: 'invoices' });
    const link = new URL((await organization.shown(id)).file_url);
    const get = (path: string): Promise<Response> => fetch(app.url + path);
    const answer = await get(link.pathname + link.search);
    expect([answer.status, await answer.text()]).toEqual([200, await organization.downloaded(id)]);
    for (const path of [
      link.pathname,
      `${link.pathname}?signature=`,
      link.pathname + link.search.slice(0, -3),
      link.pathname.replace(id, other) + link.search,
      link.pathname.replace(id, v7()) + link.search,
      link.pathname.replace(id, 'nonsense') + link.search,
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });

  test('is refused before the end and after the expiry, when the file is gone', async () => {
    const short = await exportingOrganization(app);
    const pending = (await short.ok('POST', '/data_exports', { data_export: { resource_type: 'invoices' } })) as any;
    const id = pending.data_export.lago_id;
    expect((await short.download(id)).body).toMatchObject({ status: 405, code: 'data_export_not_completed' });
    await short.acts.run(NOW);
    const link = new URL((await short.shown(id)).file_url);
    expect(filesOf(id)).toEqual([`${id}.csv`]);
    await short.acts.advance('2024-03-12T10:00:00.000Z');
    expect(await short.shown(id)).toMatchObject({ status: 'completed', file_url: null });
    expect((await short.download(id)).body).toMatchObject({ status: 405, code: 'data_export_expired' });
    expect((await fetch(app.url + link.pathname + link.search)).status).toBe(405);
    expect(filesOf(id)).toEqual([]);
    expect(await app.rows('select 1 from data_export_parts where data_export_id = $1', [id])).toEqual([]);
    expect(await stateOf(id)).toBe('done');
  });
});

describe('canceling', () => {
  test('ends an export that has not begun, and leaves nothing behind', async () => {
    const { data_export: made } = (await organization.ok('POST', '/data_exports', {
      data_export: { resource_type: 'invoices' },
    })) as any;
    const canceled = (await organization.ok('POST', `/data_exports/${made.lago_id}/cancel`)) as any;
    expect(canceled.data_export.status).toBe('canceled');
    await organization.acts.run(NOW);
    expect(await organization.shown(made.lago_id)).toMatchObject({ status: 'canceled', parts_count: null });
    expect(await stateOf(made.lago_id)).toBe('done');
    expect(filesOf(made.lago_id)).toEqual([]);
    const again = await organization.send('POST', `/data_exports/${made.lago_id}/cancel`);
    expect(again.body).toMatchObject({ status: 405, code: 'data_export_processed' });
  });

  test('in the midst of the parts ends it there, and its files go', async () => {
    const files: FileStore = folderStore(join(runFolder(), 'files'));
    let id = '';
    const canceling = await exportingOrganization(
      app,
      {},
      {
        files: {
          ...files,
          write: async (key, produce) => {
            await files.write(key, produce);
            await canceling.ok('POST', `/data_exports/${id}/cancel`);
          },
        },
      },
    );
    await fill(canceling);
    ({
      data_export: { lago_id: id },
    } = (await canceling.ok('POST', '/data_exports', { data_export: { resource_type: 'invoices' } })) as any);
    await canceling.acts.run(NOW);
    expect(await canceling.shown(id)).toMatchObject({ status: 'canceled', parts_done: 0, file_url: null });
    expect(filesOf(id)).toEqual([]);
    expect(await stateOf(id)).toBe('done');
  });
});

describe('a store of files that does not work', () => {
  const working = folderStore(join(runFolder(), 'files'));
  const full: FileStore = {
    ...working,
    write: (key) => Promise.reject(new StorageUnavailable(key, new Error('ENOSPC: no space left'))),
  };

  test('is said by the export, which waits for it', async () => {
    const { exporting } = activityDependencies(app.orm, () => new Date(NOW));
    const waiting = await exportingOrganization(app, {}, { files: full, exporting });
    await fill(waiting);
    await expect(waiting.exported({ resource_type: 'invoices' })).rejects.toThrow('no space left');
    const [shown] = ((await waiting.ok('GET', '/data_exports')) as any).data_exports;
    expect(shown).toMatchObject({
      status: 'processing',
      error: expect.stringContaining('no space left'),
      file_url: null,
    });
    // It comes back: what it waited for is forgotten.
    const again = exportingAs(app, waiting, {});
    await again.acts.run(NOW);
    expect(await again.shown(shown.lago_id)).toMatchObject({ status: 'completed', error: null });
  });

  test('for too long ends the export, also where it is merely away', async () => {
    const { exporting } = activityDependencies(app.orm, () => new Date(NOW));
    const away: FileStore = {
      ...working,
      write: (key) =>
        Promise.reject(new StorageUnavailable(key, Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))),
    };
    const impatient = { files: away, exporting: { ...exporting, storagePatienceMs: 0 } };
    const waiting = await exportingOrganization(app, {}, impatient);
    await fill(waiting);
    await expect(waiting.exported({ resource_type: 'invoices' })).rejects.toMatchObject({ nonRetryable: true });
  });

  test('stores a file whole or not at all', async () => {
    const folder = join(runFolder(), 'half');
    mkdirSync(folder, { recursive: true });
    const store = folderStore(folder);
    const half = store.write('data_exports/a.csv', (sink: Writable) => {
      sink.write('half of it');
      return Promise.reject(new Error('the database went away'));
    });
    await expect(half).rejects.toThrow('the database went away');
    expect(readdirSync(join(folder, 'data_exports'))).toEqual([]);
    await expect(store.read('data_exports/a.csv')).rejects.toThrow(StorageUnavailable);
  });
});

describe('the store of the workers', () => {
  const storeIn = (folder: string): FileStore => folderStore(join(runFolder(), folder));
  const problemOf = (files: FileStore) => fileStoreProblem(app.orm.em.fork(), files);

  test('is the one of the API, or the API says so', async () => {
    const files = storeIn('shared');
    expect(await problemOf(files)).toBeNull();
    await noteFileStore(app.orm.em.fork(), files);
    // The second worker finds what the first has left there.
    await noteFileStore(app.orm.em.fork(), storeIn('shared'));
    expect(await problemOf(files)).toBeNull();
    expect(await problemOf(storeIn('of-another-machine'))).toContain('DURABILL_FILES');
    await noteFileStore(app.orm.em.fork(), storeIn('of-a-third-machine'));
    expect(await problemOf(files)).toContain('DURABILL_FILES');
  });
});

/** The folder is there once something has been stored. */
function filesOf(id: string): string[] {
  const folder = join(runFolder(), 'files', 'data_exports');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(id)) : [];
}

async function stateOf(id: string): Promise<string | undefined> {
  const [act] = await app.rows<{ state: string }>('select state from acts where id = $1', [`export/${id}`]);
  return act?.state;
}
