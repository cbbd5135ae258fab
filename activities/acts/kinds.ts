import { expireCouponKind } from '../coupons/expire-coupon-act.ts';
import { deleteCustomerKind } from '../customers/delete-customer-act.ts';
import { exportKind } from '../data-exports/export-act.ts';
import { instantChargeKind } from '../instant-charges/instant-charge-act.ts';
import { applyInvoiceSettingsKind } from '../invoices/apply-invoice-settings-act.ts';
import { finalizeKind } from '../invoices/finalize-act.ts';
import { flagDraftsKind } from '../invoices/flag-drafts-act.ts';
import { refreshKind } from '../invoices/refresh-act.ts';
import { mailKind } from '../mail/mail-act.ts';
import { deletePlanKind } from '../plans/delete-plan-act.ts';
import { activateKind } from '../subscriptions/activate-act.ts';
import { firstInvoiceKind } from '../subscriptions/first-invoice-act.ts';
import { lastInvoiceKind } from '../subscriptions/last-invoice-act.ts';
import { moveDueDatesKind } from '../subscriptions/move-due-dates-act.ts';
import { periodKind } from '../subscriptions/period-act.ts';
import { taxInvoiceKind } from '../taxes/tax-invoice-act.ts';
import { viesKind } from '../taxes/vies-act.ts';
import { moveTestClockKind } from '../test-clock/move-test-clock-act.ts';
import { rebuildRollupsKind } from '../usage/rebuild-rollups-act.ts';
import { webhooksKind } from '../webhooks/webhooks-act.ts';
import type { ActKind } from './act-kind.ts';

/** Every kind of durable work there is; what a kind is like is said in its own file. */
const all = [
  moveTestClockKind,
  activateKind,
  firstInvoiceKind,
  lastInvoiceKind,
  periodKind,
  instantChargeKind,
  moveDueDatesKind,
  refreshKind,
  finalizeKind,
  applyInvoiceSettingsKind,
  flagDraftsKind,
  deleteCustomerKind,
  deletePlanKind,
  expireCouponKind,
  rebuildRollupsKind,
  exportKind,
  viesKind,
  taxInvoiceKind,
  mailKind,
  webhooksKind,
] as const satisfies readonly ActKind[];

export type Kind = (typeof all)[number]['name'];

/** By their stored names. */
export const kinds = Object.fromEntries(all.map((kind) => [kind.name, kind])) as Readonly<Record<Kind, ActKind>>;

export const isKind = (name: string): name is Kind => Object.hasOwn(kinds, name);
