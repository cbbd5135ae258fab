import type { EntityManager } from '@mikro-orm/postgresql';
import { chargeByCode, type PlanCharges } from '../../billing/plans/one-charge.ts';
import type { ChargeListChange, PresentCharge } from '../../billing/plans/charge-list.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import { hasSubscriptions } from '../../db/queries/plans/plan-use.ts';
import { shownTaxesOf, type TaxesByOwner } from '../../db/queries/taxes/attached-taxes.ts';
import type { ChargeWithMetric } from '../../shapes/plans/load-plans.ts';
import type { CommandScope } from '../command-scope.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';
import { attachTaxes } from '../taxes/attach-taxes.ts';
import { holdCharges } from './hold-charges.ts';
import { lockPlan } from './lock-plan.ts';
import { writeCharges } from './write-charges.ts';

/** What a command has made of one charge. */
export interface SavedCharge {
  readonly charge: ChargeWithMetric;
  readonly taxes: TaxesByOwner;
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}

/** Which charge of which plan a command is about, by their codes. */
export interface ChargeAddress {
  readonly planCode: string;
  /** null: one that is new. */
  readonly chargeCode: string | null;
}

/** What holding a charge of a plan must know of the command. */
interface ChargeUse {
  /** The metric that the charge is to have; null: its own. */
  readonly billableMetricId: string | null;
  /** The code of the pricing unit that it is to have; null: its own, or none. */
  readonly pricingUnitCode: string | null;
  /** Whether it may ask for usage apart that was read as one before. */
  readonly splits: boolean;
  /** Codes of all its taxes from now on; null: they stay. */
  readonly taxCodes: readonly string[] | null;
}

/** What a command does to the charges of a plan; the charge is null where it is new. */
type Decide = (
  charge: PresentCharge | null,
  charges: PlanCharges,
  plan: { readonly isLocked: boolean },
) => ChargeListChange;

/**
 * Changes one charge of a plan in the caller's transaction, and has the drafts refreshed that are made from the plan
 * (spec, subscriptions-and-invoices 6.6).
 *
 * @param decide what becomes of the charges; of those that change it adds, changes or drops one.
 * @returns the charge as it is now; one that was dropped, as it was.
 * @throws Refusal 404 `plan_not_found`, `charge_not_found`, `tax_not_found`; and as `decide`.
 */
export async function changeOneCharge(
  em: EntityManager,
  scope: CommandScope,
  { planCode, chargeCode }: ChargeAddress,
  { billableMetricId, pricingUnitCode, splits, taxCodes }: ChargeUse,
  decide: Decide,
): Promise<SavedCharge> {
  const { organizationId, now } = scope;
  const plan = await lockPlan(em, planCode);
  const isLocked = await hasSubscriptions(em, organizationId, plan.id);
  const named = { metricIds: [billableMetricId], pricingUnitCodes: pricingUnitCode === null ? [] : [pricingUnitCode] };
  const held = await holdCharges(em, plan, named, { splits });
  const present = chargeCode === null ? null : chargeByCode(held.present, chargeCode);
  const change = decide(present, held, { isLocked });
  const { charges, acts } = await writeCharges(em, scope, held, change);
  const isKept = new Set(change.keep);
  const dropped = change.drop.map((id) => ({
    charge: held.rows.get(id)!,
    filters: present?.filters ?? [],
    billableMetric: held.metrics.get(present?.billableMetricId ?? '')!,
    pricingUnit: held.pricingUnitRows.get(present?.pricingUnitId ?? '') ?? null,
  }));
  const [saved] = [...charges.filter(({ charge }) => !isKept.has(charge.id)), ...dropped];
  if (!saved) throw new Error(`no charge of plan ${plan.id} has changed`);
  const ownerId = saved.charge.id;
  if (taxCodes !== null) await attachTaxes(em, scope, [{ kind: 'charge', ownerId, codes: taxCodes }]);
  const drafts = await flagDraftsOf(em, {
    organizationId,
    changed: { kind: 'plan', id: plan.id },
    now,
    at: scope.realTime,
  });
  return { charge: saved, taxes: await shownTaxesOf(em, organizationId, [ownerId]), acts: [...drafts, ...acts] };
}
