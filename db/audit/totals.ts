import { countOf, type Check } from './check.ts';

/** Invoices that have been calculated: one being made has no fees yet, a deleted draft keeps none. */
const CALCULATED = `invoices.status not in ('generating', 'deleted')`;

const REPORT = 'This is a defect: an invoice is checked before it is saved. Keep the row as it is and report it.';

const AMOUNTS = [
  'fees_amount_cents',
  'progressive_billing_credit_amount_cents',
  'coupons_amount_cents',
  'sub_total_excluding_taxes_amount_cents',
  'taxes_amount_cents',
  'sub_total_including_taxes_amount_cents',
  'credit_notes_amount_cents',
  'prepaid_credit_amount_cents',
  'total_amount_cents',
  'total_paid_amount_cents',
];

const sum = (column: string, parts: string): string => `
  select 'invoice ' || id as subject, format('%s is %s, its parts make %s', '${column}', ${column}, ${parts}) as detail
  from invoices where ${CALCULATED} and ${column} <> ${parts}`;

/** An invoice is the sum of its parts (spec, subscriptions-and-invoices 6.7). */
export const totals: Check = {
  name: 'totals',
  title: 'Invoices equal their parts',
  run: async (audit) => {
    audit.examined(await countOf(audit, `from invoices where ${CALCULATED}`), 'invoices');
    const rule = { severity: 'error', advice: REPORT } as const;
    await audit.find({
      ...rule,
      holds: 'The fees of an invoice add up to its amount of fees.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('fees_amount_cents is %s, its fees make %s',
                          invoices.fees_amount_cents, coalesce(fees.sum, 0)) as detail
            from invoices
            left join (select invoice_id, sum(amount_cents) as sum from fees
                       where invoice_id is not null group by invoice_id) fees
              on fees.invoice_id = invoices.id
            where ${CALCULATED} and invoices.fees_amount_cents <> coalesce(fees.sum, 0)`,
    });
    await audit.find({
      ...rule,
      holds: 'Fees less credits before taxes make the sub total without taxes.',
      sql: sum(
        'sub_total_excluding_taxes_amount_cents',
        '(fees_amount_cents - progressive_billing_credit_amount_cents - coupons_amount_cents)',
      ),
    });
    await audit.find({
      ...rule,
      holds: 'With taxes it makes the sub total with taxes.',
      sql: sum(
        'sub_total_including_taxes_amount_cents',
        '(sub_total_excluding_taxes_amount_cents + taxes_amount_cents)',
      ),
    });
    await audit.find({
      ...rule,
      holds: 'Less credit notes and prepaid credits it makes the total.',
      sql: sum(
        'total_amount_cents',
        '(sub_total_including_taxes_amount_cents - credit_notes_amount_cents - prepaid_credit_amount_cents)',
      ),
    });
    await audit.find({
      ...rule,
      // Each of its taxes is rounded for the invoice as a whole, so a cent for each fee may lie between them.
      holds: 'The taxes of an invoice are those of its fees, up to rounding.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('taxes_amount_cents is %s, its fees make %s', invoices.taxes_amount_cents, fees.sum) as detail
            from invoices
            join (select invoice_id, sum(taxes_amount_cents) as sum, count(*) as count from fees
                  where invoice_id is not null group by invoice_id) fees on fees.invoice_id = invoices.id
            where ${CALCULATED} and abs(invoices.taxes_amount_cents - fees.sum) > fees.count`,
    });
    await audit.find({
      ...rule,
      holds: 'No amount is negative, and nobody has paid more than the total.',
      sql: `select 'invoice ' || id as subject,
                   format('total %s, paid %s', total_amount_cents, total_paid_amount_cents) as detail
            from invoices
            where ${CALCULATED} and (total_paid_amount_cents > total_amount_cents
              or least(${AMOUNTS.join(', ')}) < 0)`,
    });
    await audit.find({
      ...rule,
      // Exactly half a cent off may be either way: the stored 15 digits can have been rounded up to the half.
      holds: 'The cents of a fee are its precise amount, rounded.',
      sql: `select 'fee ' || id as subject,
                   format('amount_cents is %s, precise_amount_cents is %s',
                          amount_cents, precise_amount_cents) as detail
            from fees where abs(precise_amount_cents - amount_cents) > 0.5 or amount_cents < 0`,
    });
    await audit.find({
      ...rule,
      holds: 'A fee has the currency of its invoice.',
      sql: `select 'fee ' || fees.id as subject, format('%s on an invoice in %s', amount_currency, currency) as detail
            from fees join invoices on invoices.id = fees.invoice_id where amount_currency <> currency`,
    });
  },
};
