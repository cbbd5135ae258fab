import { sql, type Expression, type SqlBool } from 'kysely';
import type { OrganizationRows } from '../kysely.ts';

/** A condition where the filter says something; undefined where it leaves the matter open. */
export function given<Value>(
  value: Value | undefined,
  condition: (value: Value) => Expression<SqlBool>,
): Expression<SqlBool> | undefined {
  return value === undefined ? undefined : condition(value);
}

/** One of these: `column = any(…)`. A list is one parameter, however long it is, and an empty one matches nothing. */
export const anyOf = <Value extends string | number>(values: readonly Value[]): Expression<Value> =>
  sql<Value>`any(${[...values]})`;

/** The ids of the customers of an external id, for `in (…)`: more than one, where earlier ones were deleted. */
export const customersKnownAs = (selectFrom: OrganizationRows['selectFrom'], externalId: string) =>
  selectFrom('customers').select('customers.id').where('customers.externalId', '=', externalId);

/** The pattern of `like` for a text that is found anywhere: `50%` becomes `%50\%%`. */
export const anywhere = (text: string): string => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

/** Whether a list of metadata has this key with this value; an empty value: whether it does not have the key. */
export const hasMetadata = (column: string, key: string, value: string): Expression<SqlBool> =>
  value === ''
    ? sql<SqlBool>`not ${sql.ref(column)} @> ${JSON.stringify([{ key }])}::jsonb`
    : sql<SqlBool>`${sql.ref(column)} @> ${JSON.stringify([{ key, value }])}::jsonb`;
