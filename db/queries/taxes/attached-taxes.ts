import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';
import { instantOf, sql } from '../../sql.ts';

/** A tax with what answers show of it beside what it is. */
export interface ShownTax extends Tax {
  readonly taxId: string;
  readonly createdAt: Date;
  /** Codes of the billing entities that it is attached to, sorted. */
  readonly billingEntityCodes: readonly string[];
  /** Whether the default one is among them. */
  readonly isOnDefaultEntity: boolean;
}

/** Taxes by the id of what they are attached to, in the order of their codes; what has none is not in it. */
export type TaxesByOwner = ReadonlyMap<string, readonly ShownTax[]>;

const COLUMNS = `taxes.id as "taxId", taxes.code, taxes.name, taxes.description, taxes.rate`;

interface TaxRow {
  readonly taxId: string;
  readonly code: string;
  readonly name: string;
  readonly description: string | null;
  readonly rate: string;
}

interface ShownTaxRow extends TaxRow {
  readonly createdAt: string;
  readonly billingEntityCodes: readonly string[] | null;
  readonly isOnDefaultEntity: boolean | null;
}

const SHOWN_COLUMNS = `${COLUMNS}, taxes.created_at as "createdAt",
  entities.codes as "billingEntityCodes", entities.has_default as "isOnDefaultEntity"`;

const ENTITIES_OF_TAX = `
  left join lateral (
    select array_agg(entity.code order by entity.code) as codes, bool_or(entity.is_default) as has_default
    from tax_attachments on_entity join billing_entities entity on entity.id = on_entity.billing_entity_id
    where on_entity.organization_id = taxes.organization_id and on_entity.tax_id = taxes.id) entities on true`;

/**
 * The taxes of customers, billing entities, plans, charges and add-ons as answers show them: one statement for all of
 * them.
 */
export async function shownTaxesOf(
  em: EntityManager,
  organizationId: string,
  ownerIds: readonly string[],
): Promise<TaxesByOwner> {
  if (ownerIds.length === 0) return new Map();
  const rows = await sql<ShownTaxRow & { readonly ownerId: string }>(
    em,
    `select attached.owner_id as "ownerId", ${SHOWN_COLUMNS}
     from tax_attachments attached join taxes on taxes.id = attached.tax_id ${ENTITIES_OF_TAX}
     where attached.organization_id = $1 and attached.owner_id = any($2::uuid[])
     order by taxes.code, taxes.id`,
    [organizationId, ownerIds],
  );
  return byOwner(rows);
}

/** The same for one thing. */
export const taxesOf = async (
  em: EntityManager,
  owner: { readonly id: string; readonly organizationId: string },
): Promise<readonly ShownTax[]> => (await shownTaxesOf(em, owner.organizationId, [owner.id])).get(owner.id) ?? [];

/** Taxes as answers show them, in the order of the ids. */
export async function shownTaxes(
  em: EntityManager,
  organizationId: string,
  taxIds: readonly string[],
): Promise<readonly ShownTax[]> {
  if (taxIds.length === 0) return [];
  const rows = await sql<ShownTaxRow>(
    em,
    `select ${SHOWN_COLUMNS}
     from unnest($2::uuid[]) with ordinality as asked (id, place)
     join taxes on taxes.id = asked.id and taxes.organization_id = $1 ${ENTITIES_OF_TAX}
     order by asked.place`,
    [organizationId, taxIds],
  );
  return rows.map(shownTax);
}

const shownTax = (row: ShownTaxRow): ShownTax => ({
  ...row,
  rate: new Decimal(row.rate),
  createdAt: instantOf(row.createdAt),
  billingEntityCodes: row.billingEntityCodes ?? [],
  isOnDefaultEntity: row.isOnDefaultEntity ?? false,
});

function byOwner(rows: readonly (ShownTaxRow & { readonly ownerId: string })[]): TaxesByOwner {
  const owned = Map.groupBy(rows, ({ ownerId }) => ownerId);
  return new Map([...owned].map(([ownerId, own]) => [ownerId, own.map(shownTax)]));
}
