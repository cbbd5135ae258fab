import type { EntityManager, EntityName } from '@mikro-orm/postgresql';

/**
 * Reads rows of several entities in one statement: each round trip to the database costs more than what it fetches. Give
 * `columns` to the select list and take the entities out of the rows; they are for reading only.
 */
export interface JoinedRows {
  /** `alias.column as "alias.column"` for each column of the entity's table. */
  readonly columns: <E extends object>(entity: EntityName<E>, alias: string) => string;
  /** The entity under this alias; null where the join found none. */
  readonly take: <E extends object>(
    entity: EntityName<E>,
    alias: string,
    row: Readonly<Record<string, unknown>>,
  ) => E | null;
}

export function joinedRows(em: EntityManager): JoinedRows {
  // Kept apart from the caller's rows, which are watched for changes.
  const reader = em.fork({ clear: true, keepTransactionContext: true });
  const fieldsOf = <E extends object>(entity: EntityName<E>): readonly string[] =>
    em.getMetadata(entity).comparableProps.flatMap((property) => property.fieldNames);
  return {
    columns: (entity, alias) =>
      fieldsOf(entity)
        .map((field) => `${alias}."${field}" as "${alias}.${field}"`)
        .join(', '),
    take: (entity, alias, row) => {
      const fields = fieldsOf(entity);
      if (row[`${alias}.id`] === null) return null;
      return reader.map(entity, Object.fromEntries(fields.map((field) => [field, row[`${alias}.${field}`]])) as never);
    },
  };
}
