import { z } from 'zod';
import type { ChargeModel } from '../../billing/charges/charge-model.ts';

/**
 * What the OpenAPI document calls the properties of each charge model; `api/plans/charge-properties-schema.ts` has
 * them.
 */
export const PROPERTIES_COMPONENTS = {
  standard: 'StandardChargeProperties',
  graduated: 'GraduatedChargeProperties',
  package: 'PackageChargeProperties',
  percentage: 'PercentageChargeProperties',
  volume: 'VolumeChargeProperties',
  graduated_percentage: 'GraduatedPercentageChargeProperties',
  dynamic: 'DynamicChargeProperties',
} as const satisfies Record<ChargeModel, string>;

/** What stands in the document where properties are. */
export const chargePropertiesReference = {
  anyOf: Object.values(PROPERTIES_COMPONENTS).map((id) => ({ $ref: `#/components/schemas/${id}` })),
};

/** Properties as they are shown. */
export const chargePropertiesShape = z
  .custom<Record<string, unknown>>((value) => typeof value === 'object')
  .meta({ override: chargePropertiesReference });

/** The old and the new name of the grouping keys show the same list, whichever was given (spec, usage 3.2). */
export function shownProperties(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const keys = properties['pricing_group_keys'] ?? properties['grouped_by'];
  return keys === undefined ? { ...properties } : { ...properties, pricing_group_keys: keys, grouped_by: keys };
}
