import type { KnownAggregationType } from '../billable-metrics/aggregation-types.ts';
import { isBlank } from '../blank-text.ts';
import { CHARGE_MODELS } from '../charges/charge-model.ts';
import { invalid } from '../refusal.ts';
import type { ChargeCommand } from './plan-command.ts';

/** Every charge model of the API (spec, usage 3.2), also those that this version cannot price. */
export const KNOWN_CHARGE_MODELS = [...CHARGE_MODELS, 'custom'] as const;

/** Models that cannot price the latest value. */
const WITHOUT_LATEST = ['percentage', 'graduated_percentage'];

type Options = Pick<
  ChargeCommand,
  'payInAdvance' | 'invoiceable' | 'regroupPaidFees' | 'prorated' | 'minAmountCents' | 'acceptsTargetWallet'
>;

/** When a charge is billed, on what, and how much at least. */
export interface ChargeOptions {
  /** Each event at once, instead of all of a period after it. */
  readonly payInAdvance: boolean;
  /** false: fees without invoice, in advance. */
  readonly invoiceable: boolean;
  /** Units count for the days of the period on which they were there. */
  readonly prorated: boolean;
  /** `invoice`: such fees are gathered on an invoice once they are paid. */
  readonly regroupPaidFees: 'invoice' | null;
  /** What a whole period of it costs at least, in arrears; 0: nothing. */
  readonly minAmountCents: bigint;
}

/** Aggregations whose single events can be charged (spec, usage 6.1). */
const IN_ADVANCE: ReadonlySet<KnownAggregationType> = new Set([
  'count_agg',
  'sum_agg',
  'unique_count_agg',
  'custom_agg',
]);

/** What a charge's options must know of its metric. */
export interface ChargedMetric {
  readonly aggregationType: KnownAggregationType;
  readonly recurring: boolean;
}

/** Aggregations whose units can be prorated, where they carry over (spec, usage 5.1). */
const PRORATABLE: ReadonlySet<KnownAggregationType> = new Set(['sum_agg', 'unique_count_agg']);

const proratableModels = (payInAdvance: boolean): readonly string[] =>
  payInAdvance ? ['standard'] : ['standard', 'volume', 'graduated'];

/** Their names in requests. */
const LOCKED_FIELDS = ['pay_in_advance', 'invoiceable', 'regroup_paid_fees', 'prorated'];

/**
 * A command with the options that a charge keeps once its plan has, or had, subscriptions (spec,
 * subscriptions-and-invoices 1.4): `payInAdvance: true` is as if it had not been asked for.
 */
export const withLockedOptions = (command: ChargeCommand, kept: ChargeOptions): ChargeCommand => ({
  ...command,
  ...kept,
  unavailable: command.unavailable.filter((field) => !LOCKED_FIELDS.includes(field)),
});

/**
 * Combinations that the spec refuses (usage 3.2, 5.1, 6.1): a charge that is billed in arrears is `invoiceable`, a
 * minimum of 500 cents does not go with `payInAdvance`.
 *
 * @param model the charge's; in an update it may be the one that it has.
 * @throws Refusal 422 with the code of each field.
 */
export function refuseInvalidOptions(
  options: Options,
  model: string | null,
  { aggregationType, recurring }: ChargedMetric,
): void {
  const details: Record<string, string[]> = {};
  const refuse = (field: string, code: string): void => void (details[field] = [code]);
  const { payInAdvance, minAmountCents } = options;

  if (model === null || isBlank(model)) refuse('charge_model', 'value_is_mandatory');
  else if (!(KNOWN_CHARGE_MODELS as readonly string[]).includes(model)) refuse('charge_model', 'value_is_invalid');
  else if (model === 'custom' || (model === 'dynamic' && aggregationType !== 'sum_agg')) {
    refuse('charge_model', 'invalid_aggregation_type_or_charge_model');
  }
  if (aggregationType === 'latest_agg' && WITHOUT_LATEST.includes(model ?? '')) refuse('properties', 'invalid_value');
  if (payInAdvance && (model === 'volume' || !IN_ADVANCE.has(aggregationType))) {
    refuse('pay_in_advance', 'invalid_aggregation_type_or_charge_model');
  }
  const isProratable =
    recurring && PRORATABLE.has(aggregationType) && proratableModels(payInAdvance).includes(model ?? '');
  if (options.prorated && !isProratable) refuse('prorated', 'invalid_billable_metric_or_charge_model');
  if (!options.invoiceable && !payInAdvance) refuse('invoiceable', 'must_be_true_unless_pay_in_advance');
  if (!isBlank(options.regroupPaidFees)) refuseRegrouping(options, refuse);
  if (minAmountCents < 0n) refuse('min_amount_cents', 'value_is_out_of_range');
  else if (minAmountCents > 0n && payInAdvance) refuse('min_amount_cents', 'not_compatible_with_pay_in_advance');
  if (options.acceptsTargetWallet) refuse('accepts_target_wallet', 'feature_unavailable');
  if (Object.keys(details).length > 0) throw invalid(details);
}

function refuseRegrouping(
  { regroupPaidFees, payInAdvance, invoiceable }: Options,
  refuse: (field: string, code: string) => void,
): void {
  if (regroupPaidFees !== 'invoice') refuse('regroup_paid_fees', 'value_is_invalid');
  else if (!payInAdvance || invoiceable) {
    refuse('regroup_paid_fees', 'only_compatible_with_pay_in_advance_and_non_invoiceable');
  }
}
