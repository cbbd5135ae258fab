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

/** A credit that a coupon took, and what all active credits of the coupon took where it is taken once. */
export interface CreditOfCoupon extends ShownCredit {
  readonly usedAmountCents: bigint;
}

/** Credits of a coupon that are shown at most; a coupon without an end takes one of each invoice. */
export const SHOWN_CREDITS_MAX = 100;

interface Row extends Omit<ShownCredit, 'amountCents'> {
  readonly amountCents: string;
}

const COLUMNS = `credits.id, credits.applied_coupon_id as "appliedCouponId", credits.amount_cents as "amountCents",
  credits.amount_currency as "amountCurrency", credits.before_taxes as "beforeTaxes",
  ${IS_ACTIVE_CREDIT} as "isActive",
  case when applied.id is null
    then jsonb_build_object('id', notes.id, 'type', 'credit_note', 'code', notes.number,
                            'name', noted.number, 'description', notes.description)
    else jsonb_build_object('id', coupons.id, 'type', 'coupon', 'code', coupons.code,
                            'name', coupons.name, 'description', coupons.description)
  end as source,
  invoices.id as "invoiceId", invoices.payment_status as "paymentStatus"`;

const SURROUNDINGS = `left join applied_coupons applied on applied.id = credits.applied_coupon_id
  left join coupons on coupons.id = applied.coupon_id
  left join credit_notes notes on notes.id = credits.credit_note_id
  left join invoices noted on noted.id = notes.invoice_id
  join invoices on invoices.id = credits.invoice_id`;

/** The credits of invoices, in the order in which they were taken. */
export async function shownCredits(
  em: EntityManager,
  organizationId: string,
  invoiceIds: readonly string[],
): Promise<readonly ShownCredit[]> {
  if (invoiceIds.length === 0) return [];
  const rows = await sql<Row>(
    em,
    `select ${COLUMNS} from credits ${SURROUNDINGS}
     where credits.organization_id = $1 and credits.invoice_id = any($2::uuid[])
     order by credits.created_at, credits.id`,
    [organizationId, invoiceIds],
  );
  return rows.map((row) => ({ ...row, amountCents: BigInt(row.amountCents) }));
}

/** The newest credits of each of customers' coupons, in the order in which they were taken: one statement. */
export async function creditsOfCoupons(
  em: EntityManager,
  organizationId: string,
  appliedCouponIds: readonly string[],
): Promise<readonly CreditOfCoupon[]> {
  if (appliedCouponIds.length === 0) return [];
  const rows = await sql<Row & { readonly usedAmountCents: string }>(
    em,
    `select ${COLUMNS}, used.sum as "usedAmountCents"
     from unnest($2::uuid[]) as asked (id)
     cross join lateral (
       select coalesce(sum(credits.amount_cents), 0) as sum
       from applied_coupons one
         join credits on credits.applied_coupon_id = one.id
         join invoices on invoices.id = credits.invoice_id
       where one.id = asked.id and one.organization_id = $1 and one.frequency = 'once' and ${IS_ACTIVE_CREDIT}) used
     cross join lateral (
       select * from credits where applied_coupon_id = asked.id and organization_id = $1
       order by created_at desc, id desc limit ${SHOWN_CREDITS_MAX}) credits
     ${SURROUNDINGS}
     order by credits.created_at, credits.id`,
    [organizationId, appliedCouponIds],
  );
  return rows.map((row) => ({
    ...row,
    amountCents: BigInt(row.amountCents),
    usedAmountCents: BigInt(row.usedAmountCents),
  }));
}
