/**
 * Workflow types as earlier releases named them: their running workflows, and those that their dispatchers start during
 * an upgrade, go on under the old names. `docs/patches.md` says until when.
 */
export { applyInvoiceSettings as settings } from './invoices/apply-invoice-settings.ts';
export { firstInvoice as start } from './subscriptions/first-invoice.ts';
export { lastInvoice as end } from './subscriptions/last-invoice.ts';
export { moveDueDates as reschedule } from './subscriptions/move-due-dates.ts';
export { moveTestClock as clock } from './test-clock/move-test-clock.ts';
export { rebuildRollups as rollups } from './usage/rebuild-rollups.ts';
