import type { EntityManager, EntityName } from '@mikro-orm/postgresql';
import { Decimal } from '../../billing/money/decimal.ts';

/**
 * For hot paths, which write sets of rows of several tables in one statement: rows as one JSON parameter, and the SQL
 * that reads it. The statement's text does not depend on how many rows there are, so it is prepared once.
 */
export interface RowsAsJson {
  /** The columns of an entity's table that are written, for an insert: `"id", "amount_cents"`. */
  readonly columns: string;
  /** A table expression: the rows of a parameter. @param parameter `$1`. */
  readonly from: (parameter: string) => string;
  /** Assignments for an update from an alias. @param kept properties that an update leaves as they are. */
  readonly assignments: (alias: string, kept: readonly string[]) => string;
  /** The parameter. */
  readonly parameter: (rows: readonly object[]) => string;
}

const known = new WeakMap<object, RowsAsJson>();

export function rowsAsJson<Row extends object>(em: EntityManager, entity: EntityName<Row>): RowsAsJson {
  const made = known.get(entity as object);
  if (made) return made;
  const { tableName, comparableProps } = em.getMetadata(entity);
  const columns = comparableProps.map(({ name, fieldNames }) => [name, fieldNames[0]!] as const);
  const list = columns.map(([, column]) => `"${column}"`).join(', ');
  const rows: RowsAsJson = {
    columns: list,
    from: (parameter) => `(select ${list} from json_populate_recordset(null::${tableName}, ${parameter}::json))`,
    assignments: (alias, kept) =>
      columns
        .filter(([name]) => !kept.includes(name))
        .map(([, column]) => `"${column}" = ${alias}."${column}"`)
        .join(', '),
    parameter: (objects) =>
      JSON.stringify(
        objects.map((row) =>
          Object.fromEntries(columns.map(([name, column]) => [column, asJson(row[name as keyof typeof row])])),
        ),
      ),
  };
  known.set(entity as object, rows);
  return rows;
}

/** As PostgreSQL reads it: big and exact numbers as texts. */
function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Decimal ? value.toFixed() : value;
}
