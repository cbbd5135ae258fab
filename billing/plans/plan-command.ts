import { featureUnavailable } from '../refusal.ts';
import type { ChargeFilterCommand } from './charge-filter-terms.ts';
import type { PlanTerms, PlanTermsChange } from './plan-terms.ts';

/**
 * A new plan as it is asked for: all that a plan consists of is a member here, also of an override for one
 * subscription.
 */
export interface PlanCommand extends PlanParts {
  readonly terms: PlanTerms;
  /** In the order in which they are shown and billed. */
  readonly charges: readonly ChargeCommand[];
}

/** What is to become of a plan. */
export interface PlanUpdateCommand extends PlanParts {
  readonly terms: PlanTermsChange;
  /** The whole new list; null: the charges stay as they are. */
  readonly charges: readonly ChargeCommand[] | null;
}

interface PlanParts {
  /** Of all its taxes; null: they stay as they are. */
  readonly taxCodes: readonly string[] | null;
  /** Fields, as the request names them, that ask for what this version does not have: `minimum_commitment`. */
  readonly unavailable: readonly string[];
}

/** What the prices of a charge are to be said in (spec, usage 11). */
export interface PricingUnitCommand {
  readonly code: string | null;
  /** A decimal, as a text or a number; null: it keeps the one that it has. */
  readonly conversionRate: string | number | null;
}

/** A charge as it is asked for, new or changed; nothing of it is checked yet. */
export interface ChargeCommand {
  /** Where the request names it, for refusals: `charges.0`. */
  readonly place: string;
  /** The charge of the plan that it changes; null, or of no such charge: it is new. */
  readonly id: string | null;
  readonly billableMetricId: string | null;
  /** null: it gets one, or keeps its own. */
  readonly code: string | null;
  readonly chargeModel: string | null;
  /** As `billing/charges/properties.ts` reads them; null: the defaults of the model. */
  readonly properties: unknown;
  readonly invoiceDisplayName: string | null;
  readonly payInAdvance: boolean;
  readonly invoiceable: boolean;
  readonly regroupPaidFees: string | null;
  readonly prorated: boolean;
  readonly minAmountCents: bigint;
  readonly acceptsTargetWallet: boolean;
  /** null: a new one says its prices in the plan's currency, another one keeps what it has. */
  readonly appliedPricingUnit: PricingUnitCommand | null;
  /** The whole new list, in its order; null: they stay as they are. */
  readonly filters: readonly ChargeFilterCommand[] | null;
  /** Of all its taxes; null: they stay as they are. */
  readonly taxCodes: readonly string[] | null;
  /** Its fields, as the request names them, that ask for what this version does not have: `regroup_paid_fees`. */
  readonly unavailable: readonly string[];
}

/**
 * What this version does not have of plans. Charges are looked at one by one, after what the spec refuses
 * (`charge-terms.ts`).
 *
 * @throws Refusal 403 `feature_unavailable`.
 */
export function refuseUnavailableParts(command: PlanCommand | PlanUpdateCommand): void {
  if (command.unavailable.length > 0) throw featureUnavailable(command.unavailable);
}
