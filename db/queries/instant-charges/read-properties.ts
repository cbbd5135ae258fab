import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { KeyValues } from '../../../billing/usage/bucket-condition.ts';
import { sql } from '../../sql.ts';
import { keyValues } from '../usage/key-values.ts';
import { numericValue } from '../usage/numeric-value.ts';

/** Properties that are read as those of a stored event are. */
export interface AskedProperties {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly fieldName: string | null;
  readonly keys: readonly string[];
}

export interface ReadProperties {
  /** Whether the field is there, and not empty. */
  readonly hasValue: boolean;
  /** The number in the field; null: it holds none. */
  readonly value: Decimal | null;
  readonly keys: KeyValues;
}

/** What events would say that are not stored; in their order, in one statement. */
export async function readProperties(
  em: EntityManager,
  events: readonly AskedProperties[],
): Promise<readonly ReadProperties[]> {
  const rows = await sql<{ hasValue: boolean; value: string | null; keys: KeyValues }>(
    em,
    `select coalesce(asked.properties ->> asked.field_name, '') <> '' as "hasValue",
            ${numericValue('(asked.properties ->> asked.field_name)')} as value,
            ${keyValues('asked.keys', 'asked.properties')} as keys
     from unnest($1::jsonb[], $2::text[], $3::jsonb[]) with ordinality
       as asked (properties, field_name, keys, place)
     order by asked.place`,
    [
      events.map(({ properties }) => JSON.stringify(properties)),
      events.map(({ fieldName }) => fieldName),
      events.map(({ keys }) => JSON.stringify(keys)),
    ],
  );
  return rows.map(({ value, ...row }) => ({ ...row, value: value === null ? null : new Decimal(value) }));
}
