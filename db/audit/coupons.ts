import { IS_ACTIVE_CREDIT } from '../queries/coupons/coupons-for-billing.ts';
import { countOf, type Check } from './check.ts';
import { differsFromCredits } from './credits-of-invoices.ts';

const REPORT = 'This is a defect: coupons are used under the lock of their customer. Keep the rows and report it.';

/** What the active credits of each coupon of a customer took, and how many they are. */
const USED = `applied_coupons applied join coupons on coupons.id = applied.coupon_id
  cross join lateral (
    select count(*) as count, coalesce(sum(credits.amount_cents), 0) as sum
    from credits join invoices on invoices.id = credits.invoice_id
    where credits.applied_coupon_id = applied.id and ${IS_ACTIVE_CREDIT}) used`;

/** What coupons took off invoices is what they had to give (spec, money 2.2 to 2.6; S062, S063). */
export const coupons: Check = {
  name: 'coupons',
  title: 'Coupons give what they have',
  run: async (audit) => {
    audit.examined(await countOf(audit, 'from applied_coupons'), 'coupons of customers');
    const rule = { severity: 'error', advice: REPORT } as const;
    await audit.find({
      ...rule,
      holds: 'What coupons took off an invoice is the sum of its credits, and a draft has none.',
      sql: differsFromCredits('coupons_amount_cents', 'applied_coupon_id'),
    });
    await audit.find({
      ...rule,
      // Half a cent for each credit that was rounded, and what the five digits of each share leave out.
      holds: 'What coupons took off an invoice was taken off its fees, up to rounding.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('coupons_amount_cents is %s, its fees make %s', coupons_amount_cents, fees.sum) as detail
            from invoices
            join (select invoice_id, sum(precise_coupons_amount_cents) as sum, count(*) as count from fees
                  where invoice_id is not null group by invoice_id) fees on fees.invoice_id = invoices.id
            cross join lateral (
              select count(*) as count from credits
              where invoice_id = invoices.id and applied_coupon_id is not null) credited
            where invoices.status not in ('generating', 'deleted')
              and (fees.sum < coupons_amount_cents - credited.count * (0.5 + fees.count * 0.00001)
                or fees.sum > coupons_amount_cents + progressive_billing_credit_amount_cents
                              + credited.count * (0.5 + fees.count * 0.00001))`,
    });
    await audit.find({
      ...rule,
      holds: 'An amount that is taken once is never more than it was.',
      sql: `select 'applied coupon ' || applied.id as subject,
                   format('%s of %s are used', used.sum, applied.amount_cents) as detail
            from ${USED}
            where applied.frequency = 'once' and coupons.coupon_type = 'fixed_amount'
              and used.sum > applied.amount_cents`,
    });
    await audit.find({
      ...rule,
      holds: 'A coupon that is used up is terminated.',
      sql: `select 'applied coupon ' || applied.id as subject,
                   format('active, and %s are used on %s invoices', used.sum, used.count) as detail
            from ${USED}
            where applied.status = 'active' and used.count > 0 and (
              (applied.frequency = 'once' and (coupons.coupon_type = 'percentage' or used.sum >= applied.amount_cents))
              or (applied.frequency = 'recurring' and applied.frequency_duration_remaining = 0))`,
    });
    await audit.find({
      ...rule,
      holds: 'A percentage that is taken once is on one invoice at most.',
      sql: `select 'applied coupon ' || applied.id as subject, format('on %s invoices', used.count) as detail
            from ${USED}
            where applied.frequency = 'once' and coupons.coupon_type = 'percentage' and used.count > 1`,
    });
    await audit.find({
      ...rule,
      holds: 'A recurring coupon has as many invoices left as it has not been on.',
      sql: `select 'applied coupon ' || applied.id as subject,
                   format('%s of %s are left, and it is on %s', applied.frequency_duration_remaining,
                          applied.frequency_duration, used.count) as detail
            from ${USED}
            where applied.frequency = 'recurring'
              and applied.frequency_duration_remaining <> applied.frequency_duration - used.count`,
    });
    await audit.find({
      ...rule,
      holds: 'A credit is of a coupon of the same customer, in the currency of its invoice.',
      sql: `select 'credit ' || credits.id as subject,
                   format('%s on an invoice in %s', credits.amount_currency, invoices.currency) as detail
            from credits
            join invoices on invoices.id = credits.invoice_id
            join applied_coupons applied on applied.id = credits.applied_coupon_id
            where applied.customer_id <> invoices.customer_id or credits.amount_currency <> invoices.currency
               or applied.amount_currency <> invoices.currency`,
    });
    await audit.find({
      ...rule,
      holds: 'Nobody has a coupon that was deleted.',
      sql: `select 'applied coupon ' || applied.id as subject,
                   format('active, deleted at %s', coupons.deleted_at) as detail
            from applied_coupons applied join coupons on coupons.id = applied.coupon_id
            where applied.status = 'active' and coupons.deleted_at is not null`,
    });
    await audit.find({
      ...rule,
      advice: 'Change the time of the coupon, and change it back: its end is wanted again. Report it.',
      holds: 'A coupon with an end has the act that ends it.',
      sql: `select 'coupon ' || id as subject, format('ends at %s', expiration_at) as detail
            from coupons
            where expiration_at is not null and terminated_at is null and deleted_at is null
              and not exists (select from acts
                              where acts.id = 'expire-coupon/' || coupons.id and acts.state <> 'done')`,
    });
  },
};
