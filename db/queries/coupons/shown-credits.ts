import type { EntityManager } from '@mikro-orm/postgresql';
import type { PaymentStatus } from '../../../billing/invoices/invoice-status.ts';
import { sql } from '../../sql.ts';
import { IS_ACTIVE_CREDIT } from './coupons-for-billing.ts';

/** A credit as it is shown, with the coupon or credit note that took it and the invoice that it was taken off. */
export interface ShownCredit {
  readonly id: string;
  /** null: a credit note took it. */
  readonly appliedCouponId: string | null;
  readonly amountCents: bigint;
  readonly amountCurrency: string;
  readonly beforeTaxes: boolean;
  /** Whether it counts as used. */
  readonly isActive: boolean;
  readonly source: CreditSource;
  readonly invoiceId: string;
  readonly paymentStatus: PaymentStatus;
}

/** What took a credit. */
export interface CreditSource {
  readonly id: string;
  readonly type: 'coupon' | 'credit_note';
  /** The number of a credit note. */
  readonly code: string;
  /** The number of the invoice that a credit note is of. */
  readonly name: string;
  readonly description: string | null;
}

/** The credits of invoices, or of customers' coupons, in the order in which they were taken. */
export async function shownCredits(
  em: EntityManager,
  organizationId: string,
  of: { readonly invoiceIds: readonly string[] } | { readonly appliedCouponIds: readonly string[] },
): Promise<readonly ShownCredit[]> {
  const [column, ids] =
    'invoiceIds' in of ? ['credits.invoice_id', of.invoiceIds] : ['credits.applied_coupon_id', of.appliedCouponIds];
  if (ids.length === 0) return [];
  const rows = await sql<Omit<ShownCredit, 'amountCents'> & { readonly amountCents: string }>(
    em,
    `select credits.id, credits.applied_coupon_id as "appliedCouponId", credits.amount_cents as "amountCents",
            credits.amount_currency as "amountCurrency", credits.before_taxes as "beforeTaxes",
            ${IS_ACTIVE_CREDIT} as "isActive",
            case when applied.id is null
              then jsonb_build_object('id', notes.id, 'type', 'credit_note', 'code', notes.number,
                                      'name', noted.number, 'description', notes.description)
              else jsonb_build_object('id', coupons.id, 'type', 'coupon', 'code', coupons.code,
                                      'name', coupons.name, 'description', coupons.description)
            end as source,
            invoices.id as "invoiceId", invoices.payment_status as "paymentStatus"
     from credits
     left join applied_coupons applied on applied.id = credits.applied_coupon_id
     left join coupons on coupons.id = applied.coupon_id
     left join credit_notes notes on notes.id = credits.credit_note_id
     left join invoices noted on noted.id = notes.invoice_id
     join invoices on invoices.id = credits.invoice_id
     where credits.organization_id = $1 and ${column} = any($2::uuid[])
     order by credits.created_at, credits.id`,
    [organizationId, ids],
  );
  return rows.map((row) => ({ ...row, amountCents: BigInt(row.amountCents) }));
}
