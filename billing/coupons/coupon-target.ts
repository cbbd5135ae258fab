import { notAllowed } from '../refusal.ts';

/** What a coupon is for: everything on an invoice, what is billed by some plans, or by some metrics. */
export type CouponTarget =
  | { readonly kind: 'everything' }
  /** Parent plans. */
  | { readonly kind: 'plans'; readonly planIds: readonly string[] }
  | { readonly kind: 'metrics'; readonly metricIds: readonly string[] };

/** What a coupon is limited to as a request or a row lists it; at most one of both. */
export interface CouponLimits {
  readonly planIds: readonly string[];
  readonly metricIds: readonly string[];
}

/**
 * Refuses a coupon that is limited in both ways (spec, money 2.1).
 *
 * @throws Refusal 405 `only_one_limitation_type_per_coupon_allowed`.
 */
export function refuseTwoLimitations(planCodes: readonly string[], metricCodes: readonly string[]): void {
  if (planCodes.length > 0 && metricCodes.length > 0) throw notAllowed('only_one_limitation_type_per_coupon_allowed');
}

/** What a fee is for, as far as a coupon asks. */
export type CouponedSource =
  | { readonly kind: 'subscription'; readonly subscriptionId: string }
  | { readonly kind: 'charge'; readonly subscriptionId: string; readonly chargeId: string }
  | { readonly kind: 'add_on' };

/** What of an invoice's plans and charges decides on which fees a coupon is for. */
export interface CouponedContents {
  /** By subscription: its plan, and the plan that it overrides. */
  readonly plansOfSubscriptions: ReadonlyMap<string, readonly string[]>;
  /** By charge. */
  readonly metricsOfCharges: ReadonlyMap<string, string>;
}

/**
 * Whether a coupon is for a fee (spec, money 2.3). A usage fee of metric M in a subscription to plan P: a coupon on M,
 * on P and on everything, and not one on another metric.
 */
export function isFor(
  target: CouponTarget,
  source: CouponedSource,
  { plansOfSubscriptions, metricsOfCharges }: CouponedContents,
): boolean {
  switch (target.kind) {
    case 'everything':
      return true;
    case 'plans': {
      if (source.kind === 'add_on') return false;
      const plans = plansOfSubscriptions.get(source.subscriptionId) ?? [];
      return plans.some((id) => target.planIds.includes(id));
    }
    case 'metrics': {
      const metric = source.kind === 'charge' ? metricsOfCharges.get(source.chargeId) : undefined;
      return metric !== undefined && target.metricIds.includes(metric);
    }
    default:
      return target satisfies never;
  }
}

/**
 * Whether two coupons of a customer would meet: on a plan, on a metric, or on a metric that a plan charges for (spec,
 * money 2.2). One for everything meets none.
 *
 * @param metricsOfPlans those that the plans' charges bill, by plan.
 */
export function overlaps(
  one: CouponLimits,
  other: CouponLimits,
  metricsOfPlans: ReadonlyMap<string, readonly string[]>,
): boolean {
  const charged = ({ planIds }: CouponLimits): string[] => planIds.flatMap((id) => metricsOfPlans.get(id) ?? []);
  return (
    haveCommon(one.planIds, other.planIds) ||
    haveCommon(one.metricIds, other.metricIds) ||
    haveCommon(charged(one), other.metricIds) ||
    haveCommon(one.metricIds, charged(other))
  );
}

const haveCommon = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((id) => others.includes(id));
