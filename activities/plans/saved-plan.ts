import type { WantedAct } from '../../db/acts/act.ts';
import type { PlanWithCharges } from '../../shapes/plans/load-plans.ts';

/** What a command has made of a plan. */
export interface SavedPlan {
  readonly plan: PlanWithCharges;
  /** Written in the same transaction, to be started once it has committed. */
  readonly acts: readonly WantedAct[];
}
