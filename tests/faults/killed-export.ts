import { createHash } from 'node:crypto';
import { Client } from 'pg';
import type { FaultName } from '../../activities/fault-point.ts';
import type { OrganizationClient } from '../support/organization-client.ts';
import type { RunningDurabill } from '../support/processes/running-durabill.ts';
import { until } from '../support/until.ts';

/** One after the other: while it begins, twice with a file that nobody has recorded, between files, and at its end. */
export const EXPORT_PLACES: readonly FaultName[] = [
  'export:before-commit',
  'export:after-commit',
  'export:part-stored',
  'export:before-commit',
  'export:part-stored',
  'export:after-commit',
  'export:assembled',
  'export:before-commit',
  'export:assembled',
  'export:after-commit',
];

/** The worker is dead for a part of it, and what it was at is only given to another after ten seconds. */
const COMPLETED_WITHIN_MS = 360_000;

export interface MadeExport {
  readonly id: string;
  readonly status: string;
  readonly rows: number;
  /** Of the file's bytes. */
  readonly digest: string;
  /** Which objects each part has, its rows and bytes. */
  readonly parts: readonly unknown[];
}

/** Exports all invoices, and tells what came of it. */
export async function exportAll(
  durabill: RunningDurabill,
  organization: OrganizationClient,
  notify_email: string,
): Promise<MadeExport> {
  const { data_export: made } = await organization.ok('POST', '/data_exports', {
    data_export: { resource_type: 'invoices', notify_email },
  });
  const shown = async () => (await organization.ok('GET', `/data_exports/${made.lago_id}`)).data_export;
  const hasEnded = async (): Promise<boolean> => ['completed', 'failed'].includes((await shown()).status);
  await until(hasEnded, 'the export ends', COMPLETED_WITHIN_MS);
  const { status, rows_count, file_url } = await shown();
  const link = new URL(file_url);
  const file = await fetch(durabill.url + link.pathname + link.search);
  const digest = createHash('sha256').update(Buffer.from(await file.arrayBuffer()));
  const id = made.lago_id;
  return { id, status, rows: rows_count, digest: digest.digest('hex'), parts: await partsOf(durabill, id) };
}

async function partsOf({ databaseUrl }: RunningDurabill, exportId: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select index, object_ids, rows_count, bytes_count from data_export_parts where data_export_id = $1
       order by index`,
      [exportId],
    );
    return rows as unknown[];
  } finally {
    await client.end();
  }
}
