// Coupons and credit notes of one customer are given, taken away and used by invoices that become final, all at the same
// moment: none is used twice, not a cent is lost or made, and the audit finds nothing (S062, S063).
// SEEDS=200 npm test -- tests/integration/credit-notes/many-at-once: as many runs, other ones each.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kinds } from '../../../activities/acts/kinds.ts';
import { finalizeLocked } from '../../../activities/invoices/finalize-invoice.ts';
import { checks } from '../../../db/audit/checks.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { scopedTo } from '../../../db/orm.ts';
import { actsByHand } from '../../support/acts-by-hand.ts';
import { listeningApp, textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
});

afterAll(() => app.close());

const NOW = '2024-02-01T12:00:00Z';
const SEEDS = Number(process.env['SEEDS'] ?? 5);
const DRAFTS = 20;

/** What all of it is about, and what of it the audit looks at here: the acts are not done by their workflows. */
const LOOKED_AT = checks.filter(({ name }) => name !== 'acts' && name !== 'rollups');

/** Whole numbers below a bound, the same for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const COUPONS = {
  once: { amount_cents: 1000 },
  thrice: { amount_cents: 70, frequency: 'recurring', frequency_duration: 3 },
  tenth: { coupon_type: 'percentage', percentage_rate: '10' },
} as const;

/** Drafts of one customer, an invoice that is to be credited, and three coupons. */
async function prepare(caller: Caller) {
  const acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2024-01-01T00:00:00Z');
  await caller.ok('POST', '/taxes', {
    tax: { name: 'VAT', code: 'vat', rate: '19.6', applied_to_organization: true },
  });
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
  await caller.ok('POST', '/add_ons', {
    add_on: { name: 'setup', code: 'setup', amount_cents: 6833, amount_currency: 'EUR' },
  });
  const made = (await caller.ok('POST', '/invoices', {
    invoice: {
      external_customer_id: 'acme',
      currency: 'EUR',
      fees: [
        { add_on_code: 'setup', units: 1 },
        { add_on_code: 'setup', units: 2 },
      ],
    },
  })) as any;
  for (const [code, terms] of Object.entries(COUPONS)) {
    await caller.ok('POST', '/coupons', { coupon: { name: code, code, amount_currency: 'EUR', ...terms } });
  }
  await acts.advance(NOW);
  const drafts = await app.rows<{ id: string; customerId: string }>(
    `select id, customer_id as "customerId" from invoices where organization_id = $1 and status = 'draft'`,
    [caller.organizationId],
  );
  expect(drafts).toHaveLength(DRAFTS);
  const feeIds = (made.invoice.fees as { lago_id: string }[]).map((fee) => fee.lago_id);
  return { drafts, credited: made.invoice.lago_id as string, feeIds };
}

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))('seed %i', async (seed) => {
  const next = seeded(seed);
  const caller = await app.organization({ default_currency: 'EUR' });
  const { drafts, credited, feeIds } = await prepare(caller);
  const finalize = (draft: (typeof drafts)[number]) =>
    scopedTo(app.orm.em, caller.organizationId).transactional(async (em) => {
      await lockCustomer(em, draft.customerId);
      await finalizeLocked(em, draft.id, new Date(NOW));
    });
  const applied: string[] = [];
  const apply = async (coupon_code: string) => {
    const answer = await caller.send('POST', '/applied_coupons', {
      applied_coupon: { external_customer_id: 'acme', coupon_code },
    });
    if (answer.status === 200) applied.push(textAt(answer.body, 'applied_coupon.lago_id'));
    return answer;
  };
  const noted: string[] = [];
  const credit = async (fee_id: string, amount_cents: number) => {
    const credit_amount_cents = Math.round(amount_cents * 1.196);
    const answer = await caller.send('POST', '/credit_notes', {
      credit_note: { invoice_id: credited, credit_amount_cents, items: [{ fee_id, amount_cents }] },
    });
    if (answer.status === 200) noted.push(textAt(answer.body, 'credit_note.lago_id'));
    return answer;
  };
  const oneOf = <Value>(values: readonly Value[]): Value => values[next(values.length)]!;
  const many = (count: number, work: () => () => Promise<unknown>) => Array.from({ length: count }, work);
  const work = [
    ...drafts.flatMap((draft) => [() => finalize(draft), () => finalize(draft)]),
    ...many(50, () => {
      const code = oneOf(Object.keys(COUPONS));
      return () => apply(code);
    }),
    ...many(60, () => {
      const [feeId, cents] = [oneOf(feeIds), 1 + next(600)];
      return () => credit(feeId, cents);
    }),
    // What is there by then.
    ...many(25, () => {
      const place = next(1000);
      return async () => caller.send('PUT', `/credit_notes/${noted[place % noted.length] ?? credited}/void`);
    }),
    ...many(25, () => {
      const place = next(1000);
      const id = () => applied[place % applied.length] ?? credited;
      return async () => caller.send('DELETE', `/customers/acme/applied_coupons/${id()}`);
    }),
  ].toSorted(() => next(3) - 1);
  expect(work).toHaveLength(200);
  await Promise.all(work.map((one) => again(one)));

  const found: unknown[] = [];
  for (const check of LOOKED_AT) {
    await check.run({
      rows: (text, parameters) => app.rows(text, parameters) as never,
      find: async ({ holds, sql, parameters }) =>
        void found.push(...(await app.rows(sql, parameters)).map((row) => ({ holds, ...row }))),
      examined: () => undefined,
      progress: () => undefined,
      options: { full: true, kinds: new Set(Object.keys(kinds)), seed: '' },
    });
  }
  expect(found).toEqual([]);
  const [left] = await app.rows<Record<string, string>>(
    `select (select count(*) from invoices where organization_id = $1 and status <> 'finalized')::int as open,
            (select sum(credit_amount_cents) from credit_notes where organization_id = $1)::int
            - (select sum(balance_amount_cents) from credit_notes where organization_id = $1)::int
            - (select coalesce(sum(credits.amount_cents), 0) from credits
               where organization_id = $1 and credit_note_id is not null)::int
            - (select coalesce(sum(credit_amount_cents - (select coalesce(sum(amount_cents), 0) from credits
                                                          where credit_note_id = credit_notes.id)), 0)
               from credit_notes where organization_id = $1 and credit_status = 'voided')::int as lost`,
    [caller.organizationId],
  );
  expect(left).toEqual({ open: 0, lost: 0 });
});

/** A lock that was busy for too long refuses: whoever asked comes again. */
async function again(one: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const isBusy = await one().then(
      (answer) => JSON.stringify(answer ?? '').includes('lock_acquisition_failed'),
      (error: unknown) => {
        if (String(error).includes('lock_busy')) return true;
        throw error;
      },
    );
    if (!isBusy) return;
  }
}
