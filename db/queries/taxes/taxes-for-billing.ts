import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';
import { sql } from '../../sql.ts';
import { IS_OPEN_NOTE } from '../credit-notes/open-notes.ts';

/** What invoices need to know of taxes, and whether there are coupons and credit notes to look for. */
export interface TaxesForBilling {
  /** By the id of what has them, in the order of their codes. */
  readonly taxes: ReadonlyMap<string, readonly Tax[]>;
  /** Customers whose VAT number is being checked (spec, money 1.7). */
  readonly awaiting: ReadonlySet<string>;
  /** Customers who have coupons to use. They are asked for here, so that whoever has none costs no statement. */
  readonly couponed: ReadonlySet<string>;
  /** Customers who have open credit notes, asked for here for the same reason. */
  readonly credited: ReadonlySet<string>;
  /** The same: customers who have paid fees without invoice. */
  readonly paid: ReadonlySet<string>;
}

/**
 * The taxes of customers, billing entities, plans, charges and add-ons, whose are not known yet, and who has coupons or
 * credit notes: one statement.
 */
export async function taxesForBilling(
  em: EntityManager,
  organizationId: string,
  ownerIds: readonly string[],
): Promise<TaxesForBilling> {
  const rows = await sql<{
    ownerId: string;
    /** null: the owner is a customer of whom something else is said. */
    taxId: string | null;
    says: 'awaiting' | 'couponed' | 'credited' | 'paid' | null;
    code: string;
    name: string;
    description: string | null;
    rate: string;
  }>(
    em,
    `select attached.owner_id as "ownerId", taxes.id as "taxId", taxes.code, taxes.name, taxes.description, taxes.rate,
            null as says
     from tax_attachments attached join taxes on taxes.id = attached.tax_id
     where attached.organization_id = $1 and attached.owner_id = any($2::uuid[])
     union all
     select customer_id, null, null, null, null, null, 'awaiting' from vies_checks
     where organization_id = $1 and customer_id = any($2::uuid[]) and answered_at is null
     union all
     select distinct customer_id, null::uuid, null, null, null, null::numeric, 'couponed' from applied_coupons
     where organization_id = $1 and customer_id = any($2::uuid[]) and status = 'active'
     union all
     select distinct customer_id, null::uuid, null, null, null, null::numeric, 'credited' from credit_notes
     where organization_id = $1 and customer_id = any($2::uuid[]) and ${IS_OPEN_NOTE}
     union all
     select distinct customer_id, null::uuid, null, null, null, null::numeric, 'paid' from fees
     where organization_id = $1 and customer_id = any($2::uuid[]) and invoice_id is null and deleted_at is null
       and payment_status = 'succeeded'
     order by 3, 2`,
    [organizationId, ownerIds],
  );
  const taxes = new Map<string, Tax[]>();
  const said = {
    awaiting: new Set<string>(),
    couponed: new Set<string>(),
    credited: new Set<string>(),
    paid: new Set<string>(),
  };
  for (const { ownerId, taxId, says, rate, ...tax } of rows) {
    if (says !== null) said[says].add(ownerId);
    else if (taxId !== null)
      taxes.set(ownerId, [...(taxes.get(ownerId) ?? []), { ...tax, taxId, rate: new Decimal(rate) }]);
  }
  return { taxes, ...said };
}
