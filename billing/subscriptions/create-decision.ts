import { invalid } from '../refusal.ts';
import { planChange, type PlanPrice } from './plan-change.ts';

/** What a request to create a subscription asks for. */
export interface AskedSubscription {
  readonly customerId: string;
  readonly plan: PlanPrice & { readonly id: string };
}

/** The subscription that runs under the external id of the request, else the one that is to start. */
export type CurrentSubscription = { readonly customerId: string; readonly planId: string } & (
  | { readonly status: 'pending' }
  | { readonly status: 'active'; readonly plan: PlanPrice }
);

/** What comes of a request to create a subscription where there is one (spec, subscriptions-and-invoices 2.3). */
export type CreateDecision =
  /** It has this plan already: it is answered as it is. */
  | 'nothing'
  /** One that has not started takes another plan, and a name that is given, in its place. */
  | 'replace pending'
  /** A running one ends now, and the next begins. */
  | 'upgrade'
  /** A running one ends with its period, and the next begins then. */
  | 'downgrade';

/**
 * Decides what a request to create a subscription does. Of one that runs for 10.00 a month: the same plan is `nothing`,
 * another for 10.00 or 12.00 a month an `upgrade`, one for 100.00 a year (less than 12 times 10.00) a `downgrade`.
 *
 * @throws Refusal 422 `external_id: value_already_exist` when it is another customer's.
 */
export function createDecision(current: CurrentSubscription, asked: AskedSubscription): CreateDecision {
  if (current.customerId !== asked.customerId) throw invalid({ external_id: ['value_already_exist'] });
  if (current.planId === asked.plan.id) return 'nothing';
  if (current.status === 'pending') return 'replace pending';
  return planChange(current.plan, asked.plan);
}
