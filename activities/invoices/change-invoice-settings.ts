import { heartbeat } from '@temporalio/activity';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { CustomerDateSettings, InvoiceDateSettings } from '../../billing/invoices/invoice-dates.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { done, inActTransaction } from '../acts/do-act.ts';
import { nextSettingsVersion } from '../../db/queries/organizations/settings-version.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { applyInvoiceSettingsAct, type ApplyInvoiceSettingsArgument } from './apply-invoice-settings-act.ts';
import { customerSettings } from '../../billing/customers/customer-facts.ts';
import { redateDrafts, wakeDueDrafts, type RedatedDrafts } from './redate-drafts.ts';

/**
 * Whether a draft becomes final or bears another day by these settings than by those; the payment term moves the due
 * date only.
 */
const movesDays = (before: CustomerDateSettings, after: CustomerDateSettings): boolean =>
  before.invoiceGracePeriod !== after.invoiceGracePeriod ||
  before.subscriptionInvoiceIssuingDateAnchor !== after.subscriptionInvoiceIssuingDateAnchor ||
  before.subscriptionInvoiceIssuingDateAdjustment !== after.subscriptionInvoiceIssuingDateAdjustment;

/** The settings of a billing entity that decide on the dates of its drafts. */
export type EntityDateSettings = Pick<BillingEntity, keyof InvoiceDateSettings>;

/**
 * Wants the act that moves the drafts of a billing entity after its grace period, payment term, anchor or adjustment
 * has changed, in the transaction of the change; nothing when none of them has (spec, subscriptions-and-invoices 6.6;
 * S049, S050). The caller holds the entity's row (`for no key update`) and has flushed the change.
 *
 * @param now the organization's clock.
 * @returns the acts it wrote, for the request to start.
 */
export async function wantSettingsChange(
  em: EntityManager,
  before: EntityDateSettings,
  entity: EntityDateSettings & Pick<BillingEntity, 'id' | 'organizationId'>,
  now: Date,
): Promise<WantedAct[]> {
  if (!movesDays(before, entity) && before.netPaymentTerm === entity.netPaymentTerm) return [];
  const { id: billingEntityId, organizationId } = entity;
  // Each change has a run of its own, however quickly they follow each other.
  const version = await nextSettingsVersion(em, entity);
  const act = applyInvoiceSettingsAct({
    organizationId,
    owner: { billingEntityId },
    after: '',
    version: String(version),
  });
  await wantActs(em, [act], now);
  return [act];
}

/**
 * Moves one page of drafts. Every page takes the settings of its own moment: two changes in a row move no draft twice,
 * and a page that runs again finds nothing to move.
 *
 * @returns the last draft of the page, null when that was all (the act is then done).
 */
export async function settingsPage(
  dependencies: ActivityDependencies,
  { actId, organizationId, billingEntityId, customerId }: ApplyInvoiceSettingsArgument,
  after: string,
): Promise<string | null> {
  heartbeat();
  return inActTransaction(dependencies, 'settings', { organizationId }, async (em) => {
    const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
    const now = clockNow ?? dependencies.realTime();
    const page =
      customerId === undefined
        ? await redateDrafts(em, organizationId, { billingEntityId, after }, now)
        : await movePageOfCustomer(em, organizationId, { customerId, after }, now);
    if (page.last === null) await finishActs(em, [actId]);
    return done(page.last);
  });
}

/**
 * What a customer's change makes due is made final at once; what an entity's does, at its moved day (spec,
 * subscriptions-and-invoices 6.6).
 */
async function movePageOfCustomer(
  em: EntityManager,
  organizationId: string,
  page: { readonly customerId: string; readonly after: string },
  now: Date,
): Promise<RedatedDrafts> {
  const redated = await redateDrafts(em, organizationId, page, now);
  await wakeDueDrafts(em, organizationId, redated.rescheduled, now);
  return redated;
}

/**
 * Moves a customer's drafts after its settings have changed, in the transaction of the change; what is due by now is
 * made final in the background (spec, subscriptions-and-invoices 6.6; S048, S050). Of very many drafts the first page
 * moves here, and the rest in the background. The caller holds the customer's lock and has flushed the change.
 *
 * @param before what the customer said (`customerSettings`).
 * @param now the organization's clock.
 * @param at real time.
 * @returns the acts it wrote, for the request to start.
 */
export async function moveDraftsOfCustomer(
  em: EntityManager,
  before: CustomerDateSettings,
  customer: Customer,
  { now, at }: { readonly now: Date; readonly at: Date },
): Promise<WantedAct[]> {
  const after = customerSettings(customer);
  if (!movesDays(before, after) && before.netPaymentTerm === after.netPaymentTerm) return [];
  const { id: customerId, organizationId } = customer;
  const { last } = await movePageOfCustomer(em, organizationId, { customerId, after: '' }, now);
  if (last === null) return [];
  const rest = applyInvoiceSettingsAct({
    organizationId,
    owner: { customerId },
    after: last,
    version: at.toISOString(),
  });
  await wantActs(em, [rest], now);
  return [rest];
}
