import type { EntityManager } from '@mikro-orm/postgresql';
import { becomesDraft, type PlannedInvoice } from '../../billing/invoices/planned-invoice.ts';
import { heldPlans } from '../../db/queries/invoices/held-plans.ts';

/**
 * Invoices with their plans as they are once nobody else changes them, or the metrics that they charge for, until the
 * end of the transaction; only those that become drafts need it. A change flags the drafts that it finds
 * (`flag-drafts.ts`): one that would commit between this look and the draft's commit must come before it, or after it.
 * Whoever bills calls it; a preview holds nothing.
 */
export async function holdSources(
  em: EntityManager,
  organizationId: string,
  planned: readonly PlannedInvoice[],
): Promise<readonly PlannedInvoice[]> {
  const lines = planned.filter(becomesDraft).flatMap((invoice) => invoice.lines);
  if (lines.length === 0) return planned;
  const plans = await heldPlans(em, organizationId, [...new Set(lines.map(({ plan }) => plan.id))]);
  return planned.map((invoice) =>
    becomesDraft(invoice)
      ? { ...invoice, lines: invoice.lines.map((line) => ({ ...line, plan: plans.get(line.plan.id)! })) }
      : invoice,
  );
}
