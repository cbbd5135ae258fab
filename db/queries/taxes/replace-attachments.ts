import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** What taxes can be attached to. */
export type TaxOwnerKind = 'customer' | 'billing_entity' | 'plan' | 'charge' | 'add_on';

/** All taxes that something has from now on. */
export interface TaxesOfOwner {
  readonly kind: TaxOwnerKind;
  readonly ownerId: string;
  readonly taxIds: readonly string[];
}

/** The taxes with these codes, as they stay until the end of the transaction: none is deleted meanwhile. */
export const holdTaxes = (
  em: EntityManager,
  organizationId: string,
  codes: readonly string[],
  { anyCase }: { readonly anyCase: boolean },
): Promise<{ id: string; code: string }[]> =>
  sql(
    em,
    `select id, code from taxes
     where organization_id = $1 and deleted_at is null
       and ${
         anyCase ? 'lower(code) = any(select lower(given) from unnest($2::text[]) given)' : 'code = any($2::text[])'
       }
     order by code, id for share`,
    [organizationId, codes],
  );

/**
 * Gives things the taxes that they have from now on, and takes the others away.
 *
 * @param now the organization's clock.
 * @returns ids of the things whose taxes have changed.
 */
export async function replaceAttachments(
  em: EntityManager,
  organizationId: string,
  wanted: readonly TaxesOfOwner[],
  now: Date,
): Promise<readonly string[]> {
  const rows = wanted.flatMap(({ kind, ownerId, taxIds }) => taxIds.map((taxId) => ({ kind, ownerId, taxId })));
  const column = (kind: TaxOwnerKind): string => `case when kind = '${kind}' then owner_id end`;
  const changed = await sql<{ ownerId: string }>(
    em,
    `with wanted as (
       select owner_id, tax_id, kind
       from unnest($3::uuid[], $4::uuid[], $5::text[]) as wanted (owner_id, tax_id, kind)),
     gone as (
       delete from tax_attachments
       where organization_id = $1 and owner_id = any($2::uuid[])
         and (owner_id, tax_id) not in (select owner_id, tax_id from wanted)
       returning owner_id),
     new as (
       insert into tax_attachments (owner_id, tax_id, organization_id, customer_id, billing_entity_id, plan_id,
                                    charge_id, add_on_id, created_at)
       select owner_id, tax_id, $1, ${column('customer')}, ${column('billing_entity')}, ${column('plan')},
              ${column('charge')}, ${column('add_on')}, $6
       from wanted
       on conflict do nothing
       returning owner_id)
     select owner_id as "ownerId" from gone union select owner_id from new`,
    [
      organizationId,
      wanted.map(({ ownerId }) => ownerId),
      rows.map(({ ownerId }) => ownerId),
      rows.map(({ taxId }) => taxId),
      rows.map(({ kind }) => kind),
      now.toISOString(),
    ],
  );
  return changed.map(({ ownerId }) => ownerId);
}

/** Those of some codes that no tax has. */
export async function missingTaxCodes(
  em: EntityManager,
  organizationId: string,
  codes: readonly string[],
): Promise<readonly string[]> {
  if (codes.length === 0) return [];
  const missing = await sql<{ code: string }>(
    em,
    `select code from unnest($2::text[]) as asked (code)
     where not exists (
       select from taxes where taxes.organization_id = $1 and taxes.code = asked.code and taxes.deleted_at is null)`,
    [organizationId, codes],
  );
  return missing.map(({ code }) => code);
}

/** Attaches one tax to one billing entity, or takes it away. @returns whether that has changed anything. */
export async function attachToEntity(
  em: EntityManager,
  tax: { readonly id: string; readonly organizationId: string },
  billingEntityId: string,
  { attached, now }: { readonly attached: boolean; readonly now: Date },
): Promise<boolean> {
  const rows = attached
    ? await sql(
        em,
        `insert into tax_attachments (owner_id, tax_id, organization_id, billing_entity_id, created_at)
         values ($3, $2, $1, $3, $4) on conflict do nothing returning tax_id`,
        [tax.organizationId, tax.id, billingEntityId, now.toISOString()],
      )
    : await sql(
        em,
        'delete from tax_attachments where organization_id = $1 and tax_id = $2 and owner_id = $3 returning tax_id',
        [tax.organizationId, tax.id, billingEntityId],
      );
  return rows.length > 0;
}

/** Takes a tax away from everything; credit notes keep their copy of what it said, without its id (spec, money 1.1). */
export async function detachTax(
  em: EntityManager,
  tax: { readonly id: string; readonly organizationId: string },
): Promise<void> {
  await sql(
    em,
    `with detached as (delete from tax_attachments where organization_id = $1 and tax_id = $2)
     update credit_note_applied_taxes set tax_id = null where organization_id = $1 and tax_id = $2`,
    [tax.organizationId, tax.id],
  );
}
