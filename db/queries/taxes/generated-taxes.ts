import type { EntityManager } from '@mikro-orm/postgresql';
import type { GeneratedTax } from '../../../billing/taxes/eu-taxes.ts';
import { sql } from '../../sql.ts';

/**
 * Writes generated taxes, each in the place of the one that has its code.
 *
 * @param now the organization's clock.
 * @returns ids of those that were there and have changed.
 */
export async function saveGeneratedTaxes(
  em: EntityManager,
  organizationId: string,
  taxes: readonly (GeneratedTax & { readonly id: string })[],
  now: Date,
): Promise<readonly string[]> {
  const saved = await sql<{ id: string; isNew: boolean }>(
    em,
    `insert into taxes (id, organization_id, code, name, description, rate, auto_generated, created_at, updated_at)
     select id, $1, code, name, description, rate, true, $7, $7
     from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::numeric[])
       as made (id, code, name, description, rate)
     order by code
     on conflict (organization_id, code) where deleted_at is null do update
       set name = excluded.name, description = excluded.description, rate = excluded.rate, auto_generated = true,
           updated_at = excluded.updated_at
       where (taxes.name, taxes.description, taxes.rate)
         is distinct from (excluded.name, excluded.description, excluded.rate)
     returning id, id = any($2::uuid[]) as "isNew"`,
    [
      organizationId,
      taxes.map(({ id }) => id),
      taxes.map(({ code }) => code),
      taxes.map(({ name }) => name),
      taxes.map(({ description }) => description),
      taxes.map(({ rate }) => rate),
      now.toISOString(),
    ],
  );
  return saved.filter(({ isNew }) => !isNew).map(({ id }) => id);
}
