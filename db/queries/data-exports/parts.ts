import type { EntityManager } from '@mikro-orm/postgresql';
import { escapeLiteral } from 'pg';
import type { ResourceType } from '../../../billing/data-exports/data-export.ts';
import { copyRows } from '../../copy-rows.ts';
import { HAS_MANY_FORMS } from '../../prepared-statements.ts';
import { sql } from '../../sql.ts';
import { EXPORTED_RESOURCES } from './exported-resources.ts';

/** An export as its parts know it. */
export interface PartsOwner {
  readonly id: string;
  readonly organizationId: string;
  readonly resourceType: ResourceType;
}

/**
 * Fixes which objects an export has, and cuts them into parts in the order of their list (S068). One statement, so it
 * sees one moment.
 *
 * @returns how many parts.
 */
export async function freezeParts(
  em: EntityManager,
  { id, organizationId, resourceType }: PartsOwner,
  filter: Readonly<Record<string, unknown>>,
  partSize: number,
): Promise<number> {
  const ids = EXPORTED_RESOURCES[resourceType].ids(em, filter).compile();
  const own = ids.parameters.length;
  const parts = await sql(
    em,
    `insert into data_export_parts (data_export_id, organization_id, index, object_ids)
     select $${own + 1}::uuid, $${own + 2}::uuid, (place - 1) / $${own + 3}::int, array_agg(id order by place)
     from unnest(array(${ids.sql})) with ordinality as listed (id, place)
     group by (place - 1) / $${own + 3}::int returning index ${HAS_MANY_FORMS}`,
    [...ids.parameters, id, organizationId, partSize],
  );
  return parts.length;
}

/** Neighbouring parts, both ends inclusive. */
export interface PartRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The first parts of a range that are still to be done, `limit` at most, up to the next that is completed.
 *
 * @returns null: all are completed.
 */
export async function openParts(
  em: EntityManager,
  exportId: string,
  { first, last }: PartRange,
  limit: number,
): Promise<PartRange | null> {
  const [open] = await sql<PartRange>(
    em,
    `with open as (
       select min(index) as first from data_export_parts
       where data_export_id = $1 and index between $2 and $3 and completed_at is null)
     select open.first, least(open.first + $4 - 1, $3, (
         select min(index) - 1 from data_export_parts
         where data_export_id = $1 and index between open.first and $3 and completed_at is not null))::int as last
     from open where open.first is not null`,
    [exportId, first, last, limit],
  );
  return open ?? null;
}

/**
 * The lines of some parts, in order, as PostgreSQL writes them: one statement however many objects there are, and no
 * row passes through an entity.
 *
 * @param take is given each line with the part that it is of; while what it returns is pending, no line is read.
 */
export function copyParts(
  em: EntityManager,
  owner: PartsOwner,
  columns: readonly string[],
  range: PartRange,
  take: (part: number, line: Buffer) => Promise<void> | undefined,
): Promise<void> {
  return copyRows(em, copyStatement(owner, columns, range), (row) => {
    const comma = row.indexOf(',');
    return take(Number(row.toString('latin1', 0, comma)), row.subarray(comma + 1));
  });
}

function copyStatement(
  { id, organizationId, resourceType }: PartsOwner,
  names: readonly string[],
  { first, last }: PartRange,
): string {
  const { columns, source, lineOrder } = EXPORTED_RESOURCES[resourceType];
  const cells = names.map((name) => {
    const column = columns.find((known) => known.name === name);
    if (!column) throw new Error(`${resourceType} have no column ${name}`);
    return column.cell;
  });
  const order = ['part.index', 'listed.place', ...(lineOrder === '' ? [] : [lineOrder])];
  return `copy (
    select part.index, ${cells.join(', ')}
    from data_export_parts part
    cross join lateral unnest(part.object_ids) with ordinality as listed (id, place) ${source}
    where part.data_export_id = ${escapeLiteral(id)} and part.organization_id = ${escapeLiteral(organizationId)}
      and part.index between ${first} and ${last}
    order by ${order.join(', ')}) to stdout with (format csv)`;
}

/** A part that is done. */
export interface DonePart {
  readonly index: number;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Completes parts with the file that holds their lines.
 *
 * @param at the organization's clock.
 * @returns whether it was they who completed them; otherwise the file is of no use.
 */
export async function completeParts(
  em: EntityManager,
  exportId: string,
  file: string,
  parts: readonly DonePart[],
  at: Date,
): Promise<boolean> {
  const completed = await sql(
    em,
    `update data_export_parts part
     set file = $2, rows_count = done.rows, bytes_count = done.bytes, completed_at = $6::timestamptz
     from unnest($3::int[], $4::int[], $5::bigint[]) as done (index, rows, bytes)
     where part.data_export_id = $1 and part.index = done.index and part.completed_at is null returning part.index`,
    [
      exportId,
      file,
      parts.map(({ index }) => index),
      parts.map(({ rows }) => rows),
      parts.map(({ bytes }) => bytes),
      at.toISOString(),
    ],
  );
  return completed.length > 0;
}

/**
 * The files of the parts, in the order of the parts.
 *
 * @throws Error when a part is not completed.
 */
export async function partFiles(em: EntityManager, exportId: string): Promise<readonly string[]> {
  const files = await sql<{ file: string | null }>(
    em,
    'select file from data_export_parts where data_export_id = $1 group by file order by min(index)',
    [exportId],
  );
  return files.map(({ file }) => {
    if (file === null) throw new Error(`export ${exportId} has parts that are not completed`);
    return file;
  });
}

/** Has parts be done anew, should anybody ask: their files go. */
export async function reopenParts(em: EntityManager, exportId: string): Promise<void> {
  await sql(
    em,
    `update data_export_parts set file = null, rows_count = null, bytes_count = null, completed_at = null
     where data_export_id = $1`,
    [exportId],
  );
}

/** Deletes what says which objects an export had. */
export async function deleteParts(em: EntityManager, exportId: string): Promise<void> {
  await sql(em, 'delete from data_export_parts where data_export_id = $1', [exportId]);
}
