/**
 * A subquery: the plans that end with a plan, itself and its overrides; parameters $1 the organization, $2 the plan.
 */
export const ENDED_PLANS = `select id from plans where organization_id = $1 and (id = $2 or parent_id = $2)`;
