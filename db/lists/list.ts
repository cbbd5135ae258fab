import type { EntityManager } from '@mikro-orm/postgresql';
import {
  expressionBuilder,
  sql,
  type Expression,
  type ExpressionBuilder,
  type SelectQueryBuilder,
  type SqlBool,
} from 'kysely';
import { rowsOf, type Database, type OrganizationRows, type RowOf, type TenantTable } from '../kysely.ts';
import { HAS_MANY_FORMS } from '../prepared-statements.ts';

/** Rows that a stream takes from PostgreSQL at once: what an export holds in memory. */
const STREAM_CHUNK = 1000;

/** What a list is: its table, its order, and what each part of its filter means. */
export interface ListDeclaration<Table extends TenantTable, Filter> {
  readonly table: Table;
  /** The most significant column first; the last one is unique, so that no row is on two pages. */
  readonly order: readonly (readonly [column: keyof RowOf<Table> & string, direction: 'asc' | 'desc'])[];
  /** The conditions that all have to hold; what the filter leaves open is undefined. */
  readonly conditions: (filter: Filter, on: Conditions<Table>) => readonly (Condition | undefined)[];
  /** Where counting stops, of a list that may have millions of rows; absent: all of them are counted. */
  readonly countMax?: number;
}

/** A list that can only be had whole. */
export type NoFilter = Readonly<Record<string, never>>;

export type Condition = Expression<SqlBool>;

/** What conditions are made with. */
export interface Conditions<Table extends TenantTable> {
  readonly eb: ExpressionBuilder<Database, Table>;
  /** Other tables of the organization, for `in (select …)`. */
  readonly selectFrom: OrganizationRows['selectFrom'];
}

/** From `offset` on, `limit` rows at most. */
export interface PageBounds {
  readonly limit: number;
  readonly offset: number;
}

export interface List<Table extends TenantTable, Filter> {
  /**
   * A page of rows in the order of the list, and how many match in all; where counting stops, at least so many, and
   * always more than the page's where there are more. Two statements.
   */
  readonly page: (
    em: EntityManager,
    filter: Filter,
    bounds: PageBounds,
  ) => Promise<{ readonly rows: readonly RowOf<Table>[]; readonly total: number }>;
  /** Every row that matches, in the same order: one statement, and never more than a thousand rows in memory. */
  readonly stream: (em: EntityManager, filter: Filter) => AsyncIterable<RowOf<Table>>;
  /**
   * The same rows as a statement that selects nothing yet: an export selects its columns, and may copy them
   * (`copyStatement`).
   */
  readonly statement: (em: EntityManager, filter: Filter) => SelectQueryBuilder<Database, Table, object>;
}

export function list<Table extends TenantTable, Filter>(
  declaration: ListDeclaration<Table, Filter>,
): List<Table, Filter> {
  const { table, order, conditions, countMax } = declaration;

  const matching = (em: EntityManager, filter: Filter): SelectQueryBuilder<Database, Table, object> => {
    const { selectFrom } = rowsOf(em);
    const eb = expressionBuilder<Database, Table>();
    const wanted = conditions(filter, { eb, selectFrom }).filter((condition) => condition !== undefined);
    const all = wanted.reduce((query, condition) => query.where(condition), selectFrom(table));
    return all.modifyEnd(sql.raw(HAS_MANY_FORMS));
  };

  const statement = (em: EntityManager, filter: Filter): SelectQueryBuilder<Database, Table, object> =>
    order.reduce(
      (query, [column, direction]) => query.orderBy(sql.ref(`${table}.${column}`), direction),
      matching(em, filter),
    );

  const count = async (em: EntityManager, filter: Filter, { limit, offset }: PageBounds): Promise<number> => {
    const all = matching(em, filter);
    if (countMax === undefined) {
      const { total } = await all.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow();
      return Number(total);
    }
    const counted = all.select(sql.lit(1).as('row')).limit(Math.max(countMax, offset + limit + 1));
    const { total } = await rowsOf(em).countOf(counted).modifyEnd(sql.raw(HAS_MANY_FORMS)).executeTakeFirstOrThrow();
    return Number(total);
  };

  return {
    statement,
    page: async (em, filter, bounds) => {
      const { limit, offset } = bounds;
      const [rows, total] = await Promise.all([
        statement(em, filter).selectAll(table).limit(limit).offset(offset).execute(),
        count(em, filter, bounds),
      ]);
      return { rows: rows as RowOf<Table>[], total };
    },
    stream: (em, filter) =>
      statement(em, filter).selectAll(table).stream(STREAM_CHUNK) as AsyncIterable<unknown> as AsyncIterable<
        RowOf<Table>
      >,
  };
}
