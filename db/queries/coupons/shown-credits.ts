import type { EntityManager } from '@mikro-orm/postgresql';
import type { PaymentStatus } from '../../../billing/invoices/invoice-status.ts';
import { sql } from '../../sql.ts';
import { IS_ACTIVE_CREDIT } from './coupons-for-billing.ts';

/** A credit as it is shown, with the coupon that took it and the invoice that it was taken off. */
export interface ShownCredit {
  readonly id: string;
  readonly appliedCouponId: string;
  readonly amountCents: bigint;
  readonly amountCurrency: string;
  readonly beforeTaxes: boolean;
  /** Whether it counts as used. */
  readonly isActive: boolean;
  readonly couponId: string;
  readonly couponCode: string;
  readonly couponName: string;
  readonly couponDescription: string | null;
  readonly invoiceId: string;
  readonly paymentStatus: PaymentStatus;
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
            coupons.id as "couponId", coupons.code as "couponCode", coupons.name as "couponName",
            coupons.description as "couponDescription",
            invoices.id as "invoiceId", invoices.payment_status as "paymentStatus"
     from credits
     join applied_coupons applied on applied.id = credits.applied_coupon_id
     join coupons on coupons.id = applied.coupon_id
     join invoices on invoices.id = credits.invoice_id
     where credits.organization_id = $1 and ${column} = any($2::uuid[])
     order by credits.created_at, credits.id`,
    [organizationId, ids],
  );
  return rows.map((row) => ({ ...row, amountCents: BigInt(row.amountCents) }));
}
