import { FlushMode, type EntityManager, type EntityName } from '@mikro-orm/postgresql';

/**
 * For hot paths, which read sets of rows in fewer statements and with less hydration than finds of entities: rows of
 * several entities come in one statement. Give `columns` to the select list and take the entities out of the rows.
 */
export interface JoinedRows {
  /** `alias.column as "alias.column"` for each column of the entity's table that is not lazy. */
  readonly columns: <E extends object>(entity: EntityName<E>, alias: string) => string;
  /** The entity under this alias; null where the join found none. */
  readonly take: <E extends object>(
    entity: EntityName<E>,
    alias: string,
    row: Readonly<Record<string, unknown>>,
  ) => E | null;
}

/**
 * @param into takes up the entities. Left out, they are for reading only: a change of one is not saved.
 */
export function joinedRows(em: EntityManager, into: EntityManager = readerOf(em)): JoinedRows {
  // Of many rows most have the same plan or issuer, which is taken once.
  const taken = new Map<string, object>();
  return {
    columns: (entity, alias) => aliasedFields(em, entity, alias).columns,
    take: <E extends object>(entity: EntityName<E>, alias: string, row: Readonly<Record<string, unknown>>) => {
      const id = row[`${alias}.id`];
      if (id === null) return null;
      const key = `${alias} ${id as string}`;
      const known = taken.get(key) as E | undefined;
      if (known) return known;
      const values: Record<string, unknown> = {};
      for (const [field, aliased] of aliasedFields(em, entity, alias).fields) values[field] = row[aliased];
      const made = into.map(entity, values as never);
      taken.set(key, made);
      return made;
    },
  };
}

const readers = new WeakMap<EntityManager, EntityManager>();

/**
 * What a transaction has read of rows that it does not change through the ORM: kept apart from the caller's rows, which
 * are watched for changes. Whatever looks a row up here finds it as it was read.
 */
export function readerOf(em: EntityManager): EntityManager {
  const known = readers.get(em);
  if (known) return known;
  const reader = em.fork({ clear: true, keepTransactionContext: true, flushMode: FlushMode.COMMIT });
  readers.set(em, reader);
  return reader;
}

/** The fields of an entity's table under an alias: `code`, `plan.code`. */
interface AliasedFields {
  readonly fields: readonly (readonly [field: string, aliased: string])[];
  /** The select list of them all. */
  readonly columns: string;
}

/** The same for every request and act. */
const aliasedByEntity = new WeakMap<object, Map<string, AliasedFields>>();

function aliasedFields<E extends object>(em: EntityManager, entity: EntityName<E>, alias: string): AliasedFields {
  const byAlias = aliasedByEntity.get(entity) ?? new Map<string, AliasedFields>();
  aliasedByEntity.set(entity, byAlias);
  const known = byAlias.get(alias);
  if (known) return known;
  const properties = em.getMetadata(entity).comparableProps.filter(({ lazy }) => lazy !== true);
  const fields = properties.flatMap(({ fieldNames }) =>
    fieldNames.map((field) => [field, `${alias}.${field}`] as const),
  );
  const columns = fields.map(([field, aliased]) => `${alias}."${field}" as "${aliased}"`).join(', ');
  byAlias.set(alias, { fields, columns });
  return { fields, columns };
}
