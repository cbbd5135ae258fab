// Coupons of one customer are given, taken away and used by invoices that become final, all at the same moment: none is
// used twice, and none beyond its amount (S062).
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kinds } from '../../../activities/acts/kinds.ts';
import { finalizeLocked } from '../../../activities/invoices/finalize-invoice.ts';
import { coupons as couponCheck } from '../../../db/audit/coupons.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { scopedTo } from '../../../db/orm.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { listeningApp, textAt, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
});

afterAll(() => app.close());

const NOW = '2024-02-01T12:00:00Z';
const DRAFTS = 8;

test.each(Array.from({ length: 20 }, (_, index) => index + 1))('seed %i', async (seed) => {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
  const caller = await app.organization({ default_currency: 'EUR' });
  const acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-01-01T00:00:00Z');
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'p',
      code: 'p',
      interval: 'monthly',
      amount_cents: 800,
      amount_currency: 'EUR',
      pay_in_advance: false,
    },
  });
  await caller.ok('POST', '/customers', {
    customer: { external_id: 'acme', currency: 'EUR', billing_configuration: { invoice_grace_period: 9 } },
  });
  for (let index = 0; index < DRAFTS; index++) {
    await caller.ok('POST', '/subscriptions', {
      subscription: {
        external_customer_id: 'acme',
        external_id: `s${index}`,
        plan_code: 'p',
        consolidate_invoice: false,
      },
    });
  }
  for (const [code, terms] of Object.entries({
    once: { amount_cents: 1000 },
    thrice: { amount_cents: 70, frequency: 'recurring', frequency_duration: 3 },
    tenth: { coupon_type: 'percentage', percentage_rate: '10' },
  })) {
    await caller.ok('POST', '/coupons', { coupon: { name: code, code, amount_currency: 'EUR', ...terms } });
  }
  const apply = (code: string) =>
    caller.send('POST', '/applied_coupons', { applied_coupon: { external_customer_id: 'acme', coupon_code: code } });
  const given = await Promise.all(['once', 'thrice', 'tenth'].map((code) => apply(code)));
  await acts.advance(NOW);
  const drafts = await app.rows<{ id: string; customer_id: string }>(
    `select id, customer_id from invoices where organization_id = $1 and status = 'draft'`,
    [caller.organizationId],
  );
  expect(drafts).toHaveLength(DRAFTS);
  const finalize = (draft: { id: string; customer_id: string }) =>
    scopedTo(app.orm.em, caller.organizationId).transactional(async (em) => {
      await lockCustomer(em, draft.customer_id);
      await finalizeLocked(em, draft.id, new Date(NOW));
    });
  const work = [
    ...drafts.flatMap((draft) => [() => finalize(draft), () => finalize(draft)]),
    ...Array.from({ length: 8 }, () => () => apply(['once', 'thrice', 'tenth'][next(3)]!)),
    () =>
      caller.send(
        'DELETE',
        `/customers/acme/applied_coupons/${textAt(given[next(3)]!.body, 'applied_coupon.lago_id')}`,
      ),
  ].toSorted(() => next(3) - 1);
  // A lock that was busy for too long refuses: whoever asked comes again.
  const again = async (one: () => Promise<unknown>): Promise<void> => {
    for (let tries = 0; tries < 20; tries++) {
      const isBusy = await one().then(
        (answer) => (answer as { status?: number } | undefined)?.status === 422,
        (error: unknown) => String(error).includes('lock_busy'),
      );
      if (!isBusy) return;
    }
  };
  await Promise.all(work.map((one) => again(one)));
  const found: unknown[] = [];
  await couponCheck.run({
    rows: (text, parameters) => app.rows(text, parameters) as never,
    find: async ({ holds, sql }) => void found.push(...(await app.rows(sql)).map((row) => ({ holds, ...row }))),
    examined: () => undefined,
    progress: () => undefined,
    options: { full: true, kinds: new Set(Object.keys(kinds)), seed: '' },
  });
  expect(found).toEqual([]);
  const [left] = await app.rows<{ count: string }>(
    `select count(*) as count from invoices where organization_id = $1 and status <> 'finalized'`,
    [caller.organizationId],
  );
  expect(left).toEqual({ count: '0' });
});
