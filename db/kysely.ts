import type { EntityManager, InferKyselyDB } from '@mikro-orm/postgresql';
import type { Kysely, SelectQueryBuilder, Selectable } from 'kysely';
import type { entities, tenantEntities } from './entities/index.ts';
import { organizationOf } from './orm.ts';

/** Columns have the names of our entities' properties, and their values the types of those properties. */
const AS_ENTITIES = { columnNamingStrategy: 'property', convertValues: true } as const;

/** The tables with their columns, as the entities say. */
export type Database = InferKyselyDB<(typeof entities)[number], typeof AS_ENTITIES>;

/** The tables whose rows belong to an organization. */
export type TenantTable = keyof InferKyselyDB<(typeof tenantEntities)[number], typeof AS_ENTITIES> & keyof Database;

/** A row as it is read: what the ORM would find, but not watched for changes. */
export type RowOf<Table extends TenantTable> = Selectable<Database[Table]>;

/** The rows of one organization. */
export interface OrganizationRows {
  readonly organizationId: string;
  /** Begins a typed statement; its condition on the organization is there already. */
  readonly selectFrom: <Table extends TenantTable>(table: Table) => SelectQueryBuilder<Database, Table, object>;
  /** A statement that counts the rows of one begun here, as `total`. */
  readonly countOf: (
    rows: SelectQueryBuilder<Database, TenantTable, object>,
  ) => SelectQueryBuilder<Database, never, { readonly total: string }>;
}

/**
 * Typed SQL over the rows of the organization that this entity manager is scoped to, in its transaction if it has one.
 * There is no other way to Kysely, so no statement can forget the organization. Tables that are joined by their keys
 * need no condition of their own: foreign keys hold the organization too.
 *
 * @throws Error when the entity manager is not scoped (`scopedTo`).
 */
export function rowsOf(em: EntityManager): OrganizationRows {
  const organizationId = organizationOf(em);
  const database: Kysely<Database> = em.getKysely<Database, typeof AS_ENTITIES>(AS_ENTITIES);
  return {
    organizationId,
    selectFrom: (table) =>
      database
        .selectFrom(table as 'invoices')
        .where(`${table as 'invoices'}.organizationId`, '=', organizationId) as never,
    countOf: (rows) => database.selectFrom(rows.as('counted')).select(({ fn }) => fn.countAll<string>().as('total')),
  };
}
