import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { NO_HISTORY } from '../../../billing/invoices/billing-history.ts';
import { localDate } from '../../../billing/calendar/local-date.ts';
import { taxedParties, type PlannedInvoice } from '../../../billing/invoices/planned-invoice.ts';
import type { SubscriptionStatus } from '../../../billing/calendar/subscription-terms.ts';
import { BillingEntity } from '../../../db/entities/organizations/billing-entity.ts';
import { Plan } from '../../../db/entities/plans/plan.ts';
import { BillableMetric } from '../../../db/entities/usage/billable-metric.ts';
import { Subscription } from '../../../db/entities/subscriptions/subscription.ts';
import { billingHistories } from '../../../db/queries/invoices/billing-histories.ts';
import { subscriptionContext } from '../../../db/queries/subscriptions/subscription-context.ts';
import { v7 } from 'uuid';
import { billingFixture, fixtureDatabase, type BillingFixture } from '../../support/billing-fixture.ts';

let database: Awaited<ReturnType<typeof fixtureDatabase>>;
let fixture: BillingFixture;

beforeAll(async () => {
  database = await fixtureDatabase();
});
beforeEach(async () => {
  fixture = await billingFixture(database.orm, '2023-01-15T10:00:00Z');
});
afterAll(() => database.close());

const chainOf = async (id: string) =>
  (await subscriptionContext(fixture.em.fork(), fixture.organizationId, id, 'read')).chain;

/** A subscription of 31.00 a month, and one of another price that follows it. */
async function followed(nextAmountCents: bigint, status: SubscriptionStatus) {
  const customer = await fixture.customer();
  const { subscriptionId } = await fixture.subscribe(customer, await fixture.plan({ amountCents: 3100n }));
  const em = fixture.em.fork();
  const current = await em.findOneOrFail(Subscription, { id: subscriptionId });
  const plan = await fixture.plan({ amountCents: nextAmountCents, pricePerEvent: '1' });
  const next = { ...current, id: v7(), planId: plan.id, status, previousSubscriptionId: current.id, startedAt: null };
  await em.insert(Subscription, next);
  return { current: current.id, next: next.id };
}

// Spec, subscriptions-and-invoices 2.5, 2.6, 3.2.
describe('the subscriptions around one', () => {
  test('a cheaper one that waits is a downgrade, and tells where it came from', async () => {
    const { current, next } = await followed(3099n, 'pending');
    const metric = await fixture.em.fork().findOneOrFail(BillableMetric, { code: 'calls' });
    expect(await chainOf(current)).toEqual({
      initialStart: null,
      previous: null,
      next: 'downgrade',
      nextMetricIds: [metric.id],
      hasPendingNext: true,
    });
    expect(await chainOf(next)).toMatchObject({ previous: 'downgrade', next: null, hasPendingNext: false });
  });

  test('one that costs as much is an upgrade; one that was canceled is none', async () => {
    const upgraded = await followed(3100n, 'pending');
    expect(await chainOf(upgraded.current)).toMatchObject({ next: 'upgrade' });
    const canceled = await followed(100n, 'canceled');
    expect(await chainOf(canceled.current)).toMatchObject({ next: null, hasPendingNext: false });
  });

  test('of a subscription that is only proposed there is no history', async () => {
    const customer = await fixture.customer();
    const { subscriptionId } = await fixture.subscribe(customer, await fixture.plan({}));
    const em = fixture.em.fork();
    const subscription = await em.findOneOrFail(Subscription, { id: subscriptionId });
    const plan = await em.findOneOrFail(Plan, { id: subscription.planId });
    const billingEntity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
    const billingInstant = new Date('2023-02-01T00:00:00Z');
    const gone = {
      subscription: { ...subscription, id: v7() },
      plan,
      invoicingReason: 'subscription_periodic',
    } as const;
    const proposed = { ...gone, isProposed: true };
    const stored = { ...gone, subscription };
    const invoice: PlannedInvoice = {
      invoiceType: 'subscription',
      invoiceId: v7(),
      customer,
      billingEntity,
      taxed: taxedParties(customer),
      timeZone: 'UTC',
      currency: 'EUR',
      billingInstant,
      recurring: true,
      lines: [proposed, stored],
      day: localDate(billingInstant, 'UTC'),
      finalizedOn: null,
      isMadeAgain: false,
      awaitedTaxes: false,
    };
    const historiesOf = (lines: PlannedInvoice['lines']) =>
      billingHistories(
        em,
        fixture.organizationId,
        lines.map((line) => ({ invoice, line })),
      );
    const histories = await historiesOf(invoice.lines);
    expect(histories[0]).toBe(NO_HISTORY);
    // The other one is answered at its own place.
    expect(histories[1]).toEqual(NO_HISTORY);
    expect(histories[1]).not.toBe(NO_HISTORY);
    // What should be there and is not is never taken for one that was not billed yet.
    await expect(historiesOf([stored, gone])).rejects.toThrow(`subscription ${gone.subscription.id} is gone`);
  });
});
