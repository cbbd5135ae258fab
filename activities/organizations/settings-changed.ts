import type { EntityManager } from '@mikro-orm/postgresql';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { moveDueDatesAct } from '../subscriptions/move-due-dates-act.ts';
import type { CommandScope } from '../command-scope.ts';
import { wantSettingsChange } from '../invoices/change-invoice-settings.ts';

/** The settings of an entity by which things that are already under way were made. */
export type SettingsInUse = Pick<
  BillingEntity,
  | 'timezone'
  | 'netPaymentTerm'
  | 'invoiceGracePeriod'
  | 'subscriptionInvoiceIssuingDateAnchor'
  | 'subscriptionInvoiceIssuingDateAdjustment'
>;

/**
 * Wants what follows for things that are already under way from a change of an entity's settings, in the transaction of
 * the change: a new time zone moves the running periods of its customers that have none of their own; a new payment
 * term, grace period, anchor or adjustment moves its drafts (spec, subscriptions-and-invoices 6.6). This is the one
 * place that both endpoints pass.
 *
 * @returns the acts it wrote.
 */
export async function settingsChanged(
  em: EntityManager,
  { now, realTime }: CommandScope,
  before: SettingsInUse,
  entity: SettingsInUse & Pick<BillingEntity, 'id' | 'organizationId'>,
): Promise<readonly WantedAct[]> {
  const moving = await wantSettingsChange(em, before, entity, now);
  if (entity.timezone === before.timezone) return moving;
  // Each change needs a run of its own, also a second one at the same moment of a test clock: real time tells them
  // apart.
  const act = moveDueDatesAct({ organizationId: entity.organizationId, billingEntityId: entity.id, now: realTime });
  await wantActs(em, [act], now);
  return [act, ...moving];
}
