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
  return {
    columns: (entity, alias) =>
      fieldsOf(em, entity)
        .map((field) => `${alias}."${field}" as "${alias}.${field}"`)
        .join(', '),
    take: (entity, alias, row) => {
      if (row[`${alias}.id`] === null) return null;
      const fields = fieldsOf(em, entity);
      return into.map(entity, Object.fromEntries(fields.map((field) => [field, row[`${alias}.${field}`]])) as never);
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

const fieldsByEntity = new WeakMap<object, readonly string[]>();

function fieldsOf<E extends object>(em: EntityManager, entity: EntityName<E>): readonly string[] {
  const known = fieldsByEntity.get(entity);
  if (known) return known;
  const properties = em.getMetadata(entity).comparableProps.filter(({ lazy }) => lazy !== true);
  const fields = properties.flatMap((property) => property.fieldNames);
  fieldsByEntity.set(entity, fields);
  return fields;
}
