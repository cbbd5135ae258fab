/**
 * SQL: the invoices whose amount of credits is not the sum of their rows, and the drafts that have rows already: a
 * credit is taken when its invoice becomes final (spec, money 0).
 *
 * @param amount the invoice's column.
 * @param source the column of `credits` that says what took it.
 */
export const differsFromCredits = (
  amount: 'coupons_amount_cents' | 'credit_notes_amount_cents',
  source: 'applied_coupon_id' | 'credit_note_id',
): string => `select 'invoice ' || invoices.id as subject,
         format('${amount} is %s, its credits make %s', ${amount}, coalesce(taken.sum, 0)) as detail
  from invoices
  left join lateral (
    select sum(amount_cents) as sum from credits
    where invoice_id = invoices.id and ${source} is not null) taken on true
  where ${amount} <> coalesce(taken.sum, 0)
     or (status in ('generating', 'draft') and taken.sum is not null)`;
