import { isBlank } from '../blank-text.ts';
import { isChargeModel, type ChargeModel } from '../charges/charge-model.ts';
import { checkProperties, defaultProperties, type ChargeProperties } from '../charges/properties.ts';
import { featureUnavailable, invalid } from '../refusal.ts';
import { refuseInvalidOptions, withLockedOptions, type ChargedMetric, type ChargeOptions } from './charge-options.ts';
import {
  changedPricingUnit,
  newPricingUnit,
  type ChargePricingUnit,
  type PricingUnitIds,
} from './charge-pricing-unit.ts';
import type { ChargeCommand } from './plan-command.ts';

/** What a charge asks for a metric's units. */
export interface ChargeTerms extends ChargeOptions, ChargePricingUnit {
  readonly chargeModel: ChargeModel;
  readonly properties: ChargeProperties;
  readonly invoiceDisplayName: string | null;
}

/**
 * The terms of a new charge. `{ chargeModel: 'standard', properties: null }` has the defaults of its model: `{ amount:
 * '0' }`.
 *
 * @param pricingUnits those that it may name.
 * @throws Refusal 422 under the attributes' names (spec, usage 3.2, 3.4); 403 `feature_unavailable` for what this
 * version cannot bill.
 */
export function newChargeTerms(
  command: ChargeCommand,
  metric: ChargedMetric,
  pricingUnits: PricingUnitIds,
): ChargeTerms {
  const { chargeModel: model } = command;
  refuseInvalidOptions(command, model, metric);
  if (!isChargeModel(model)) throw UNKNOWN_MODEL;
  const pricingUnit = newPricingUnit(command.appliedPricingUnit, pricingUnits);
  return pricedBy(model, command, command.properties ?? defaultProperties(model), pricingUnit);
}

/**
 * The terms of a charge after an update, which replaces and does not merge: absent properties become the default of the
 * model that the same request names (spec, usage 3.2).
 *
 * @param present the model and the options that the charge has.
 * @param isLocked whether the plan has, or had, subscriptions: then the model stays, and options that would change with
 * it are ignored.
 * @throws Refusal as `newChargeTerms`.
 */
export function changedChargeTerms(
  command: ChargeCommand,
  present: ChargePricingUnit &
    Pick<ChargeTerms, 'chargeModel' | 'payInAdvance' | 'invoiceable' | 'prorated' | 'minAmountCents'> & {
      readonly regroupPaidFees?: ChargeTerms['regroupPaidFees'] | undefined;
    },
  metric: ChargedMetric,
  { isLocked }: { readonly isLocked: boolean },
): ChargeTerms {
  const { chargeModel: asked } = command;
  const { payInAdvance, invoiceable, prorated, regroupPaidFees = null, minAmountCents } = present;
  const kept = { payInAdvance, invoiceable, prorated, regroupPaidFees, minAmountCents };
  const effective = isLocked ? withLockedOptions(command, kept) : command;
  const model = isLocked || isBlank(asked) ? present.chargeModel : asked;
  refuseInvalidOptions(effective, model, metric);
  if (!isChargeModel(model)) throw UNKNOWN_MODEL;
  const properties = command.properties ?? (isChargeModel(asked) ? defaultProperties(asked) : {});
  return pricedBy(model, effective, properties, changedPricingUnit(command.appliedPricingUnit, present));
}

/** What `refuseInvalidOptions` says of every model but the charge models; here it tells the compiler so. */
const UNKNOWN_MODEL = invalid({ charge_model: ['value_is_invalid'] });

function pricedBy(
  chargeModel: ChargeModel,
  command: ChargeCommand,
  properties: unknown,
  pricingUnit: ChargePricingUnit,
): ChargeTerms {
  const checked = checkProperties(chargeModel, properties);
  if (!checked.valid) throw invalid({ properties: checked.codes });
  refuseFields(command.place, command.unavailable);
  const { invoiceDisplayName, payInAdvance, invoiceable, prorated, regroupPaidFees, minAmountCents } = command;
  return {
    chargeModel,
    properties: checked.properties,
    invoiceDisplayName,
    payInAdvance,
    invoiceable,
    prorated,
    regroupPaidFees: regroupPaidFees === 'invoice' ? regroupPaidFees : null,
    minAmountCents,
    ...pricingUnit,
  };
}

function refuseFields(place: string, fields: readonly string[]): void {
  if (fields.length > 0) throw featureUnavailable(fields.map((field) => `${place}.${field}`));
}
