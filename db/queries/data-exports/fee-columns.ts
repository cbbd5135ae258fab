import { escapeLiteral } from 'pg';
import { ALL_FILTER_VALUES } from '../../../billing/usage/buckets.ts';
import { freeText, isoDate, plainDecimal, type ExportColumn } from './column.ts';

/** Where the cells of fees are from: `listed` has their invoice's id. What was deleted is still what was billed. */
export const FEE_SOURCE = `
  join invoices invoice on invoice.organization_id = part.organization_id and invoice.id = listed.id
  join fees fee on fee.organization_id = part.organization_id and fee.invoice_id = invoice.id
  left join charges charge on charge.organization_id = fee.organization_id and charge.id = fee.charge_id
  left join billable_metrics metric
    on metric.organization_id = fee.organization_id and metric.id = charge.billable_metric_id
  left join charge_filters filter
    on filter.organization_id = fee.organization_id and filter.id = fee.charge_filter_id
  left join add_ons add_on on add_on.organization_id = fee.organization_id and add_on.id = fee.add_on_id
  left join subscriptions subscription
    on subscription.organization_id = fee.organization_id and subscription.id = fee.subscription_id
  left join plans plan on plan.organization_id = fee.organization_id and plan.id = subscription.plan_id
  left join invoice_subscriptions billed on billed.organization_id = fee.organization_id
    and billed.invoice_id = fee.invoice_id and billed.subscription_id = fee.subscription_id`;

/** What was billed: a charge's metric, an add-on, or the subscription by its plan (spec, usage 4.6). */
const item = (column: string): string =>
  `case fee.fee_type when 'charge' then metric.${column} when 'add_on' then add_on.${column} else plan.${column} end`;

const DISPLAY_NAME = `coalesce(fee.invoice_display_name,
  case fee.fee_type when 'charge' then charge.invoice_display_name when 'add_on' then add_on.invoice_display_name
                    else plan.invoice_display_name end,
  ${item('name')})`;

/** As `filterDisplayName` of shapes/plans/charge-filter.ts. */
const FILTER_DISPLAY_NAME = `case when filter.id is not null then coalesce(filter.invoice_display_name, (
  select string_agg(case when list.values = jsonb_build_array(${escapeLiteral(ALL_FILTER_VALUES)})
                         then list.key else value.text end, ', ' order by list.key collate "C", value.place)
  from jsonb_each(filter.values) as list (key, values),
    jsonb_array_elements_text(list.values) with ordinality as value (text, place))) end`;

/**
 * A day of the customer's calendar, of an add-on a plain date: a charge's usage window, its own where it is billed in
 * advance; of a subscription the fee's own period, else the invoice's.
 */
const day = (end: 'from' | 'to'): string =>
  isoDate(`case
    when fee.fee_type = 'add_on' then fee.${end}_datetime at time zone 'UTC'
    when fee.fee_type = 'charge' and not fee.pay_in_advance
      then coalesce(billed.charges_${end}_datetime, fee.${end}_datetime) at time zone invoice.timezone
    else coalesce(fee.${end}_datetime, billed.${end}_datetime) at time zone invoice.timezone end`);

/** The columns of an export of fees in their order (spec, api 5.3; S073). */
export const FEE_COLUMNS: readonly ExportColumn[] = [
  { name: 'invoice_lago_id', cell: 'invoice.id' },
  { name: 'invoice_number', cell: freeText('invoice.number') },
  { name: 'invoice_issuing_date', cell: isoDate('invoice.issuing_date') },
  { name: 'fee_lago_id', cell: 'fee.id' },
  { name: 'fee_item_type', cell: 'fee.fee_type' },
  { name: 'fee_item_code', cell: freeText(item('code')) },
  { name: 'fee_item_name', cell: freeText(item('name')) },
  { name: 'fee_item_description', cell: freeText(item('description')) },
  { name: 'fee_item_invoice_display_name', cell: freeText(DISPLAY_NAME) },
  { name: 'fee_item_filter_invoice_display_name', cell: freeText(FILTER_DISPLAY_NAME) },
  { name: 'fee_item_grouped_by', cell: 'fee.grouped_by' },
  { name: 'subscription_external_id', cell: freeText('subscription.external_id') },
  { name: 'subscription_plan_code', cell: freeText('plan.code') },
  { name: 'fee_from_date', cell: day('from') },
  { name: 'fee_to_date', cell: day('to') },
  { name: 'fee_amount_currency', cell: 'fee.amount_currency' },
  { name: 'fee_units', cell: plainDecimal('fee.units') },
  { name: 'fee_precise_unit_amount', cell: plainDecimal('fee.precise_unit_amount') },
  { name: 'fee_taxes_amount_cents', cell: 'fee.taxes_amount_cents' },
  { name: 'fee_total_amount_cents', cell: 'fee.amount_cents + fee.taxes_amount_cents' },
];
