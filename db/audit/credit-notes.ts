import { countOf, type Check } from './check.ts';
import { differsFromCredits } from './credits-of-invoices.ts';

const REPORT = 'This is a defect: credit notes are written and used under the lock of their customer. Report it.';

/** What each note has paid. A voided invoice gives nothing back, so all of it counts. */
const PAID = `credit_notes notes cross join lateral (
  select coalesce(sum(amount_cents), 0) as sum from credits where credit_note_id = notes.id) paid`;

/** Credit notes give back what was billed, and pay what they have (spec, money 3; S114). */
export const creditNotes: Check = {
  name: 'credit-notes',
  title: 'Credit notes pay what they have',
  run: async (audit) => {
    audit.examined(await countOf(audit, 'from credit_notes'), 'credit notes');
    const rule = { severity: 'error', advice: REPORT } as const;
    await audit.find({
      ...rule,
      holds: 'What credit notes paid of an invoice is the sum of its credits, and a draft has none.',
      sql: differsFromCredits('credit_notes_amount_cents', 'credit_note_id'),
    });
    await audit.find({
      ...rule,
      // They are spread over what the fees cost with their own rounded taxes; each share has five digits.
      holds: 'What credit notes paid of an invoice was paid of its fees, to each its part.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('credit_notes_amount_cents is %s, its fees make %s', credit_notes_amount_cents, fees.paid)
                     as detail
            from invoices
            join (select invoice_id, sum(precise_credit_notes_amount_cents) as paid, count(*) as count,
                         sum(amount_cents + taxes_amount_cents - precise_coupons_amount_cents) as cost
                  from fees where invoice_id is not null group by invoice_id) fees on fees.invoice_id = invoices.id
            cross join lateral (
              select count(*) as count from credits
              where invoice_id = invoices.id and credit_note_id is not null) credited
            where invoices.status not in ('generating', 'deleted')
              and abs(fees.paid - coalesce(fees.cost * credit_notes_amount_cents
                                           / nullif(sub_total_including_taxes_amount_cents, 0), 0))
                  > credited.count * fees.count * 0.00001`,
    });
    await audit.find({
      ...rule,
      holds: 'Credit notes pay of a fee no more than it costs with its taxes and without its coupons.',
      sql: `select 'fee ' || id as subject,
                   format('%s are paid', precise_credit_notes_amount_cents) as detail
            from fees
            where precise_credit_notes_amount_cents < 0 or precise_credit_notes_amount_cents
                  > amount_cents + taxes_amount_cents - precise_coupons_amount_cents`,
    });
    await audit.find({
      ...rule,
      holds: 'The balance of a credit note is its credit without what it paid; a voided one has none.',
      sql: `select 'credit note ' || notes.id as subject,
                   format('%s of %s are left, %s were used', balance_amount_cents, credit_amount_cents, paid.sum)
                     as detail
            from ${PAID}
            where balance_amount_cents
                  <> case when credit_status = 'voided' then 0 else credit_amount_cents - paid.sum end
               or paid.sum > credit_amount_cents`,
    });
    await audit.find({
      ...rule,
      holds: 'A credit note with a balance is available, one without is consumed or voided.',
      sql: `select 'credit note ' || id as subject,
                   format('%s, with %s left', coalesce(credit_status, 'no credit'), balance_amount_cents) as detail
            from credit_notes
            where (balance_amount_cents > 0) <> (coalesce(credit_status, '') = 'available')
               or (credit_amount_cents > 0 and credit_status is null)`,
    });
    await audit.find({
      ...rule,
      holds: 'A credit note pays invoices of its customer in its currency, and never the one that it credits.',
      sql: `select 'credit ' || credits.id as subject, format('of the note %s', notes.number) as detail
            from credits
            join credit_notes notes on notes.id = credits.credit_note_id
            join invoices on invoices.id = credits.invoice_id
            where notes.customer_id <> invoices.customer_id or notes.currency <> invoices.currency
               or credits.amount_currency <> invoices.currency or notes.invoice_id = invoices.id
               or notes.status <> 'finalized'`,
    });
    await audit.find({
      ...rule,
      holds: 'All credit notes together take of a fee no more than it has.',
      sql: `select 'fee ' || fees.id as subject, format('%s of %s', items.sum, fees.amount_cents) as detail
            from fees
            join (select fee_id, sum(amount_cents) as sum from credit_note_items group by fee_id) items
              on items.fee_id = fees.id
            where items.sum > fees.amount_cents`,
    });
    await audit.find({
      ...rule,
      holds: 'All credit notes of an invoice together are no more than the invoice.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('%s and taxes of %s, of %s and %s', notes.sum, notes.taxes,
                          sub_total_excluding_taxes_amount_cents, invoices.taxes_amount_cents) as detail
            from invoices
            join (select invoice_id, sum(sub_total_excluding_taxes_amount_cents) as sum,
                         sum(taxes_amount_cents) as taxes
                  from credit_notes group by invoice_id) notes on notes.invoice_id = invoices.id
            where notes.sum > sub_total_excluding_taxes_amount_cents or notes.taxes > invoices.taxes_amount_cents`,
    });
    await audit.find({
      ...rule,
      holds: 'A credit note takes from fees of its own invoice.',
      sql: `select 'credit note ' || notes.id as subject, format('fee %s', items.fee_id) as detail
            from credit_note_items items
            join credit_notes notes on notes.id = items.credit_note_id
            left join fees on fees.id = items.fee_id
            where fees.invoice_id is distinct from notes.invoice_id`,
    });
    await audit.find({
      ...rule,
      holds: 'The credit note of a draft is a draft, and no other is.',
      sql: `select 'credit note ' || notes.id as subject,
                   format('%s, of an invoice that is %s', notes.status, invoices.status) as detail
            from credit_notes notes join invoices on invoices.id = notes.invoice_id
            where (notes.status = 'draft') <> (invoices.status in ('draft', 'pending', 'failed'))`,
    });
    await audit.find({
      ...rule,
      holds: 'What is offset of an invoice is what its credit notes say.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('total_offset_amount_cents is %s, its notes make %s', total_offset_amount_cents,
                          coalesce(notes.sum, 0)) as detail
            from invoices
            left join (select invoice_id, sum(offset_amount_cents) as sum from credit_notes
                       where status = 'finalized' group by invoice_id) notes on notes.invoice_id = invoices.id
            where total_offset_amount_cents <> coalesce(notes.sum, 0)`,
    });
    await audit.find({
      ...rule,
      holds: 'Credit notes refund no more of an invoice than was paid, and offset no more than was not.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('%s of %s are paid, %s refunded, %s offset', total_paid_amount_cents, total_amount_cents,
                          notes.refunded, notes.offset) as detail
            from invoices
            join (select invoice_id, sum(refund_amount_cents) as refunded, sum(offset_amount_cents) as "offset"
                  from credit_notes where status = 'finalized' group by invoice_id) notes
              on notes.invoice_id = invoices.id
            where notes.refunded > total_paid_amount_cents
               or notes.offset > total_amount_cents - total_paid_amount_cents`,
    });
    await audit.find({
      ...rule,
      holds: 'Every tax of a credit note is on its invoice, with the same copy.',
      sql: `select 'credit note ' || notes.id as subject,
                   format('tax %s at %s is not on the invoice', tax.tax_code, tax.tax_rate) as detail
            from credit_note_applied_taxes tax
            join credit_notes notes on notes.id = tax.credit_note_id
            join invoices on invoices.id = notes.invoice_id
            where not (invoices.status = 'draft' and invoices.ready_to_be_refreshed)
              and not exists (
                select from invoice_applied_taxes of_invoice
                where of_invoice.invoice_id = notes.invoice_id
                  and (of_invoice.tax_code, of_invoice.tax_rate, of_invoice.tax_name, of_invoice.tax_description)
                    is not distinct from (tax.tax_code, tax.tax_rate, tax.tax_name, tax.tax_description))`,
    });
  },
};
