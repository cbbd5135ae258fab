import { countOf, type Check } from './check.ts';

/** Invoices that have their taxes; a draft that is to be made anew says something old. */
const TAXED = `invoices.tax_status = 'succeeded' and invoices.status in ('draft', 'finalized', 'voided')
  and not (invoices.status = 'draft' and invoices.ready_to_be_refreshed)`;

const REPORT = 'This is a defect: taxes are calculated before they are saved. Keep the row as it is and report it.';

const BASE = '(fees.amount_cents - fees.precise_coupons_amount_cents) * fees.taxes_base_rate';

/** Fees that have their taxes: those of an invoice that has, and those without an invoice. */
const TAXED_FEES = `fees left join invoices on invoices.id = fees.invoice_id`;
const HAS_TAXES = `(fees.invoice_id is null or (${TAXED}))`;

/**
 * PostgreSQL rounds a numeric half away from zero, as the rules do. A provider's part of a fee is a fraction without an
 * end.
 */
const isOff = (stored: string, exact: string): string => `(abs(${stored} - round(${exact})) > 0
  and abs(${stored} - (${exact})) > 0.5 + 1e-12)`;

/** The taxes of fees follow from their rates, those of invoices from their fees (spec, money 1.4, 1.5). */
export const taxes: Check = {
  name: 'taxes',
  title: 'Taxes follow from their rates',
  run: async (audit) => {
    audit.examined(await countOf(audit, `from invoices where ${TAXED}`), 'invoices');
    const rule = { severity: 'error', advice: REPORT } as const;
    await audit.find({
      ...rule,
      holds: 'The taxes of a fee are its rates of what it costs without its coupons, rounded once.',
      sql: `select 'fee ' || fees.id as subject,
                   format('taxes_amount_cents is %s, its rates make %s',
                          fees.taxes_amount_cents, exact.amount) as detail
            from ${TAXED_FEES}
            cross join lateral (
              select coalesce(sum((tax->>'rate')::numeric), 0) * ${BASE} / 100 as amount
              from jsonb_array_elements(fees.applied_taxes) tax) exact
            where ${HAS_TAXES} and ${isOff('fees.taxes_amount_cents', 'exact.amount')}`,
    });
    await audit.find({
      ...rule,
      holds: 'The rate of a fee is the sum of the rates of its taxes.',
      sql: `select 'fee ' || fees.id as subject,
                   format('taxes_rate is %s, its taxes make %s', fees.taxes_rate, exact.rate) as detail
            from ${TAXED_FEES}
            cross join lateral (
              select coalesce(sum((tax->>'rate')::numeric), 0) as rate
              from jsonb_array_elements(fees.applied_taxes) tax) exact
            where ${HAS_TAXES} and abs(fees.taxes_rate - exact.rate) > 1e-9`,
    });
    await audit.find({
      ...rule,
      holds: 'Each tax on a fee is its rate of what the fee costs, rounded by itself.',
      sql: `select 'fee ' || fees.id as subject,
                   format('%s is %s, its rate makes %s', tax->>'code', tax->>'amountCents', exact.amount) as detail
            from ${TAXED_FEES}
            cross join lateral jsonb_array_elements(fees.applied_taxes) tax
            cross join lateral (select (tax->>'rate')::numeric * ${BASE} / 100 as amount) exact
            where ${HAS_TAXES} and ${isOff(`(tax->>'amountCents')::numeric`, 'exact.amount')}`,
    });
    await audit.find({
      ...rule,
      holds: 'Each tax on an invoice is its rate of the fees that have it, rounded by itself.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('%s is %s of %s, its fees make %s of %s', applied.tax_code, applied.amount_cents,
                          applied.fees_amount_cents, exact.base * applied.tax_rate / 100, exact.base) as detail
            from invoice_applied_taxes applied join invoices on invoices.id = applied.invoice_id
            cross join lateral (
              select coalesce(sum(${BASE}), 0) as base
              from fees cross join lateral jsonb_array_elements(fees.applied_taxes) tax
              where fees.invoice_id = invoices.id
                and tax->>'code' = applied.tax_code and (tax->>'rate')::numeric = applied.tax_rate) exact
            where ${TAXED} and invoices.invoice_type <> 'advance_charges'
              and (${isOff('applied.amount_cents', 'exact.base * applied.tax_rate / 100')}
                or ${isOff('applied.fees_amount_cents', 'exact.base')})`,
    });
    await audit.find({
      ...rule,
      holds: 'The taxes of an invoice are the rates of all its fees, rounded once.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('taxes_amount_cents is %s, its fees make %s',
                          invoices.taxes_amount_cents, exact.amount) as detail
            from invoices
            cross join lateral (
              select coalesce(sum((tax->>'rate')::numeric * ${BASE} / 100), 0) as amount
              from fees cross join lateral jsonb_array_elements(fees.applied_taxes) tax
              where fees.invoice_id = invoices.id) exact
            where ${TAXED} and invoices.invoice_type <> 'advance_charges'
              and ${isOff('invoices.taxes_amount_cents', 'exact.amount')}`,
    });
    await audit.find({
      ...rule,
      // A provider's taxes are known by code and rate: their names may differ.
      holds: 'Every tax on a fee is on its invoice, with the same copy of what it says, and the other way round.',
      sql: `with on_fees as (
              select distinct fees.invoice_id, tax->>'code' as code, (tax->>'rate')::numeric as rate,
                     case when tax->>'taxId' is not null then tax->>'name' end as name,
                     case when tax->>'taxId' is not null then tax->>'description' end as description
              from fees join invoices on invoices.id = fees.invoice_id
              cross join lateral jsonb_array_elements(fees.applied_taxes) tax
              where ${TAXED}),
            on_invoices as (
              select applied.invoice_id, applied.tax_code as code, applied.tax_rate as rate,
                     case when applied.tax_id is not null then applied.tax_name end as name,
                     case when applied.tax_id is not null then applied.tax_description end as description
              from invoice_applied_taxes applied join invoices on invoices.id = applied.invoice_id
              where ${TAXED})
            select 'invoice ' || invoice_id as subject,
                   format('tax %s (%s) at %s is on one of both only', code, name, rate) as detail
            from ((table on_fees except table on_invoices)
                  union all (table on_invoices except table on_fees)) differing`,
    });
    await audit.find({
      ...rule,
      advice:
        'Look at /api/v1/workflows/vies%2F{customer}: the invoice was made final before its taxes were known. ' +
        'Report it.',
      holds: 'No final invoice waits for its taxes.',
      sql: `select 'invoice ' || id as subject, format('%s, and its taxes are %s', status, tax_status) as detail
            from invoices where status in ('finalized', 'voided') and tax_status <> 'succeeded'`,
    });
    await audit.find({
      ...rule,
      advice: 'Nobody asks VIES: POST /api/v1/customers with another number, and then with this one. Report it.',
      holds: 'A check of a VAT number that has no answer has the act that asks.',
      sql: `select 'customer ' || customer_id as subject,
                   format('its number is checked since %s', created_at) as detail
            from vies_checks
            where answered_at is null
              and not exists (select from acts where acts.organization_id = vies_checks.organization_id
                                and acts.id = 'vies/' || vies_checks.customer_id and acts.state <> 'done')`,
    });
    await audit.find({
      ...rule,
      advice: 'The check of the customer is over: have the invoice taxed by an act `taxes/{invoice}`, and report it.',
      holds: 'An invoice that waits for its taxes has a check or an act that will tell.',
      sql: `select 'invoice ' || id as subject, 'nothing tells it what its taxes are' as detail
            from invoices
            where status = 'pending' and tax_status = 'pending'
              and not exists (select from vies_checks
                              where vies_checks.customer_id = invoices.customer_id and answered_at is null)
              and not exists (select from acts where acts.id = 'taxes/' || invoices.id and acts.state <> 'done')
              and not exists (select from acts
                              where acts.id = 'vies/' || invoices.customer_id and acts.state <> 'done')`,
    });
  },
};
