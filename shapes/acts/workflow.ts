import type { Act } from '../../db/entities/acts/act.ts';
import { datetime } from '../formats.ts';

/** An act as the workflow that does it. Ours: the reference has no such resource. */
export const workflowJson = (act: Act, url: (workflowId: string) => string) => ({
  id: act.id,
  kind: act.kind,
  state: act.state,
  summary: act.summary,
  due_at: datetime(act.dueAt),
  lago_customer_id: act.customerId ?? null,
  lago_subscription_id: act.subscriptionId ?? null,
  lago_invoice_id: act.invoiceId ?? null,
  done_by: act.doneBy ?? null,
  error: act.error ?? null,
  created_at: datetime(act.createdAt),
  changed_at: datetime(act.changedAt),
  url: url(act.id),
});
