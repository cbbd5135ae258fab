import { isChargeModel, type ChargeModel } from '../../billing/charges/charge-model.ts';
import { checkProperties, defaultProperties, type ChargeProperties } from '../../billing/charges/properties.ts';
import { featureUnavailable, invalid } from '../../billing/refusal.ts';
import type { BillableMetric } from '../../db/entities/billable-metric.ts';
import type { Charge } from '../../db/entities/charge.ts';
import { refuseUnavailable } from '../document/unavailable.ts';
import { groupKeys } from './charge-properties-schema.ts';
import { KNOWN_MODELS, chargeInput, type ChargeInput } from './charge-schema.ts';

/** What a charge asks for a metric's units. */
export interface ChargeTerms {
  readonly chargeModel: ChargeModel;
  readonly properties: ChargeProperties;
  readonly invoiceDisplayName: string | null;
}

const isBlank = (text: string | null | undefined): boolean => text == null || text.trim() === '';

/**
 * The terms of a new charge.
 *
 * @param path of the charge in the request, as in `charges.0`.
 * @throws Refusal 422 under the attributes' names (spec, usage 3.2, 3.4); 403 `feature_unavailable` for what this version cannot
 * bill.
 */
export function newChargeTerms(input: ChargeInput, metric: BillableMetric, path: readonly string[]): ChargeTerms {
  const { charge_model: model } = input;
  refuseInvalidOptions(input, model, metric);
  if (!isChargeModel(model)) throw unavailableModel(path);
  return { chargeModel: model, ...pricedBy(model, input, input.properties ?? defaultProperties(model), path) };
}

/**
 * The terms of a charge after an update, which replaces and does not merge: absent properties become the default of the model
 * that the same request names (spec, usage 3.2).
 *
 * @param locked whether the plan has, or had, subscriptions: then the model stays, and options that would change with it are
 * ignored.
 * @throws Refusal as `newChargeTerms`.
 */
export function updatedChargeTerms(
  input: ChargeInput,
  charge: Charge,
  metric: BillableMetric,
  { locked, path }: { readonly locked: boolean; readonly path: readonly string[] },
): ChargeTerms {
  const { charge_model: asked } = input;
  const effective = locked ? withoutLockedOptions(input) : input;
  const model = locked || isBlank(asked) ? charge.chargeModel : asked;
  refuseInvalidOptions(effective, model, metric);
  if (!isChargeModel(model)) throw unavailableModel(path);
  const properties = input.properties ?? (isChargeModel(asked) ? defaultProperties(asked) : {});
  return { chargeModel: model, ...pricedBy(model, effective, properties, path) };
}

const unavailableModel = (path: readonly string[]) => featureUnavailable([[...path, 'charge_model'].join('.')]);

const withoutLockedOptions = (input: ChargeInput): ChargeInput => ({
  ...input,
  pay_in_advance: null,
  prorated: null,
  invoiceable: null,
  regroup_paid_fees: null,
  min_amount_cents: null,
});

function pricedBy(
  model: ChargeModel,
  input: ChargeInput,
  given: unknown,
  path: readonly string[],
): Omit<ChargeTerms, 'chargeModel'> {
  const checked = checkProperties(model, given);
  if (!checked.valid) throw invalid({ properties: checked.codes });
  refuseUnavailable(chargeInput, input, path);
  refuseUnavailable(groupKeys, checked.properties, [...path, 'properties']);
  const { invoice_display_name: name } = input;
  return { properties: checked.properties, invoiceDisplayName: isBlank(name) ? null : (name ?? null) };
}

/** Combinations that the spec refuses (usage 3.2, 5.1, 6.1). */
function refuseInvalidOptions(input: ChargeInput, model: string | null | undefined, metric: BillableMetric): void {
  const inAdvance = input.pay_in_advance === true;
  const minimum = input.min_amount_cents ?? 0;
  const details: Record<string, string[]> = {};
  const refuse = (field: string, code: string): void => void (details[field] = [code]);

  if (isBlank(model)) refuse('charge_model', 'value_is_mandatory');
  else if (!(KNOWN_MODELS as readonly string[]).includes(model ?? '')) refuse('charge_model', 'value_is_invalid');
  else if (model === 'custom' || (model === 'dynamic' && metric.aggregationType !== 'sum_agg')) {
    refuse('charge_model', 'invalid_aggregation_type_or_charge_model');
  }
  if (inAdvance && model === 'volume') refuse('pay_in_advance', 'invalid_aggregation_type_or_charge_model');
  if (input.prorated === true) refuse('prorated', 'invalid_billable_metric_or_charge_model');
  if (input.invoiceable === false && !inAdvance) refuse('invoiceable', 'must_be_true_unless_pay_in_advance');
  if (!isBlank(input.regroup_paid_fees)) refuseRegrouping(input, refuse);
  if (minimum < 0) refuse('min_amount_cents', 'value_is_out_of_range');
  else if (minimum > 0 && inAdvance) refuse('min_amount_cents', 'not_compatible_with_pay_in_advance');
  if (input.accepts_target_wallet === true) refuse('accepts_target_wallet', 'feature_unavailable');
  if (Object.keys(details).length > 0) throw invalid(details);
}

function refuseRegrouping(input: ChargeInput, refuse: (field: string, code: string) => void): void {
  if (input.regroup_paid_fees !== 'invoice') refuse('regroup_paid_fees', 'value_is_invalid');
  else if (input.pay_in_advance !== true || input.invoiceable !== false) {
    refuse('regroup_paid_fees', 'only_compatible_with_pay_in_advance_and_non_invoiceable');
  }
}
