import { notFound } from '../../billing/refusal.ts';
import { hasContent, refuseUnavailable } from '../document/unavailable.ts';
import { planUpdateSchema, type PlanUpdateInput } from './schema.ts';

/**
 * What this version does not have of plans. Charges are looked at one by one, after what the spec refuses (`charge-terms.ts`).
 *
 * @throws Refusal 403 `feature_unavailable`; 404 `tax_not_found`, since there are no taxes.
 */
export function refuseUnavailableParts(input: PlanUpdateInput): void {
  const taxed = [input, ...(input.charges ?? [])].some(({ tax_codes: codes }) => hasContent(codes));
  if (taxed) throw notFound('tax');
  refuseUnavailable(planUpdateSchema, { ...input, charges: [] });
}
