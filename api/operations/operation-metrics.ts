import { Gauge } from 'prom-client';
import type { OperationFigures } from '../../db/queries/operations/operation-figures.ts';
import { registry } from '../../telemetry/figures.ts';

const registers = [registry];
const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
  new Gauge({ name: `durabill_${name}`, help, labelNames, registers });

const up = gauge('database_up', 'Whether the figures that come from the database could be read for this page: 1 or 0.');
const acts = gauge('acts', 'Acts that are not done.', ['kind', 'state']);
const queued = gauge('acts_queued', 'Wanted acts whose workflow should have been started by now.');
const oldest = gauge('acts_oldest_queued_seconds', 'How long the oldest of them has waited.');
const overdue = gauge('acts_overdue', 'Acts of live organizations that are more than two minutes late.');
const numbered = gauge('invoices_numbered', 'Invoices that have ever got a number.');
const open = gauge('invoices_open', 'Invoices that are neither final nor closed.', ['status']);
const subscriptions = gauge('subscriptions_active', 'Active subscriptions.');

const awaiting = gauge('invoices_awaiting_taxes', 'Invoices, drafts among them, that wait for their taxes.');
const oldestAwaiting = gauge('invoices_oldest_awaiting_taxes_seconds', 'How long the oldest of them has waited.');
const checks = gauge('vies_checks_pending', 'Checks of VAT numbers that VIES has not answered.');

const all = [acts, queued, oldest, overdue, numbered, open, subscriptions, awaiting, oldestAwaiting, checks];

/** Puts what the database says on the page; null: it did not say, so nothing old is shown as if it were new. */
export function showOperationFigures(figures: OperationFigures | null): void {
  for (const one of all) one.reset();
  up.set(figures === null ? 0 : 1);
  if (figures === null) {
    // A gauge without labels would go on as 0, which would read as "nothing waits".
    for (const one of [queued, oldest, overdue, numbered, subscriptions, awaiting, oldestAwaiting, checks])
      one.remove();
    return;
  }
  for (const { kind, state, count } of figures.acts) acts.set({ kind, state }, count);
  queued.set(figures.queued);
  oldest.set(figures.oldestQueuedSeconds);
  overdue.set(figures.overdue);
  numbered.set(figures.numberedInvoices);
  for (const { status, count } of figures.openInvoices) open.set({ status }, count);
  subscriptions.set(figures.activeSubscriptions);
  awaiting.set(figures.awaitingTaxes.count);
  oldestAwaiting.set(figures.awaitingTaxes.oldestSeconds);
  checks.set(figures.pendingViesChecks);
}
