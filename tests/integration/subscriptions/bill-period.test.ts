import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { billPeriod } from '../../../activities/subscriptions/bill-period.ts';
import { recordBillingFailure } from '../../../activities/subscriptions/record-billing-failure.ts';
import type { PeriodArgument } from '../../../activities/subscriptions/period-act.ts';
import { lockCustomer } from '../../../db/customer-lock.ts';
import { Act } from '../../../db/entities/acts/act.ts';
import { BillingClaim } from '../../../db/entities/subscriptions/billing-claim.ts';
import { Charge } from '../../../db/entities/plans/charge.ts';
import { Invoice } from '../../../db/entities/invoices/invoice.ts';
import { InvoiceError } from '../../../db/entities/invoices/invoice-error.ts';
import { InvoiceSequence } from '../../../db/entities/invoices/invoice-sequence.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture, fixtureDatabase, type BillingFixture } from '../../support/billing-fixture.ts';

let fixture: BillingFixture;
const bill = (argument: PeriodArgument) => billPeriod(fixture.dependencies, argument);
const invoices = () => fixture.em.fork().find(Invoice, {}, { orderBy: { sequentialId: 'asc' } });
const stateOf = async (id: string) => (await fixture.em.fork().findOneOrFail(Act, { id })).state;

let database: Awaited<ReturnType<typeof fixtureDatabase>>;

beforeAll(async () => {
  database = await fixtureDatabase();
});
beforeEach(async () => {
  fixture = await billingFixture(database.orm, '2023-01-15T10:00:00Z');
});
afterAll(() => database.close());

describe('billing a period', () => {
  test('makes one finalized invoice, notes it, and wants the next period', async () => {
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({ amountCents: 3100n }));
    await fixture.moveClock('2023-02-01T00:00:00Z');
    expect(await bill(argument)).toMatchObject({ outcome: 'billed' });
    const [invoice, ...others] = await invoices();
    expect(others).toEqual([]);
    // 17 of January's 31 days at 1.00 a day.
    expect(invoice).toMatchObject({ status: 'finalized', totalAmountCents: 1700n, number: 'FIX-1-001-001' });
    expect(await stateOf(argument.actId)).toBe('done');
    expect(await stateOf(`period/${argument.subscriptionId}/2023-02-01`)).toBe('wanted');
  });

  test('does it once, however often and however many at once', async () => {
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({}));
    await fixture.moveClock('2023-02-01T00:00:00Z');
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => bill(argument)));
    expect(outcomes.filter(({ outcome }) => outcome === 'billed')).toHaveLength(1);
    expect(outcomes.every(({ outcome }) => ['billed', 'busy', 'already_done'].includes(outcome))).toBe(true);
    expect(await bill(argument)).toMatchObject({ outcome: 'already_done' });
    expect(await invoices()).toHaveLength(1);
  });

  test('is held by the claim alone, when the act says that nothing was done', async () => {
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({}));
    await fixture.moveClock('2023-02-01T00:00:00Z');
    await bill(argument);
    await sql(fixture.em, `update acts set state = 'waiting' where id = $1`, [argument.actId]);
    await bill(argument);
    expect(await invoices()).toHaveLength(1);
    expect(await stateOf(argument.actId)).toBe('done');
  });

  test('is held by the act alone, when the claim is gone', async () => {
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({}));
    await fixture.moveClock('2023-02-01T00:00:00Z');
    await bill(argument);
    await sql(fixture.em, 'delete from billing_claims where organization_id = $1', [fixture.organizationId]);
    expect(await bill(argument)).toMatchObject({ outcome: 'already_done' });
    expect(await invoices()).toHaveLength(1);
  });

  test('is held by the window index alone, when claim and act are gone', async () => {
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({}));
    await fixture.moveClock('2023-02-01T00:00:00Z');
    await bill(argument);
    await sql(fixture.em, 'delete from billing_claims where organization_id = $1', [fixture.organizationId]);
    await sql(fixture.em, `update acts set state = 'waiting' where id = $1`, [argument.actId]);
    await expect(bill(argument)).rejects.toThrow(/invoice_subscriptions_charges_window/);
    expect(await invoices()).toHaveLength(1);
  });

  test('before its moment answers when to come again', async () => {
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({}));
    expect(await bill(argument)).toEqual({ outcome: 'moved', dueAt: '2023-02-01T00:00:00.000Z', duty: 'bill_period' });
    expect(await invoices()).toEqual([]);
  });

  test('leaves a customer alone whom somebody else has locked', async () => {
    const customer = await fixture.customer();
    const argument = await fixture.subscribe(customer, await fixture.plan({}));
    await fixture.moveClock('2023-02-01T00:00:00Z');
    await fixture.em.fork().transactional(async (em) => {
      await lockCustomer(em, customer.id);
      expect(await bill(argument)).toEqual({ outcome: 'busy' });
    });
    expect(await bill(argument)).toMatchObject({ outcome: 'billed' });
  });

  test('puts what a customer owes on one day on one invoice, but not two currencies', async () => {
    const customer = await fixture.customer();
    const first = await fixture.subscribe(customer, await fixture.plan({ amountCents: 3100n }));
    const second = await fixture.subscribe(customer, await fixture.plan({ amountCents: 6200n }));
    const dollars = await fixture.subscribe(customer, await fixture.plan({ amountCents: 310n, currency: 'USD' }));
    await fixture.moveClock('2023-02-01T00:00:00Z');
    for (const argument of [first, second, dollars]) await bill(argument);
    const rows = await invoices();
    expect(rows.map(({ currency, totalAmountCents }) => [currency, totalAmountCents])).toEqual([
      ['EUR', 1700n + 3400n],
      ['USD', 170n],
    ]);
  });

  test('makes up missed periods one by one, oldest first', async () => {
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({ amountCents: 3100n }));
    await fixture.moveClock('2023-04-10T12:00:00Z');
    const id = (day: string) => `period/${argument.subscriptionId}/${day}`;
    await bill(argument);
    await bill({ ...argument, actId: id('2023-02-01') });
    await bill({ ...argument, actId: id('2023-03-01') });
    expect((await invoices()).map((row) => [row.totalAmountCents, row.issuingDate, row.sequentialId])).toEqual([
      [1700n, '2023-04-10', 1],
      [3100n, '2023-04-10', 2],
      [3100n, '2023-04-10', 3],
    ]);
    expect(await stateOf(id('2023-04-01'))).toBe('wanted');
  });
});

describe('a period that cannot be billed', () => {
  const spoil = async () => {
    await fixture.em.fork().nativeUpdate(Charge, {}, { properties: { amount: 'not a price' } });
  };

  test('is recorded, isolated, holds up nothing, and a later try fills the same row', async () => {
    const customer = await fixture.customer();
    const bad = await fixture.subscribe(customer, await fixture.plan({ currency: 'USD', pricePerEvent: '1' }));
    const good = await fixture.subscribe(customer, await fixture.plan({}));
    await spoil();
    await fixture.moveClock('2023-02-01T00:00:00Z');
    await expect(bill(bad)).rejects.toThrow();
    // The failed attempt had billed the customer's other group first.
    expect(await bill(good)).toMatchObject({ outcome: 'already_done' });
    expect(await recordBillingFailure(fixture.dependencies, bad, 'a bad price')).toBe('recorded');
    expect(await recordBillingFailure(fixture.dependencies, bad, 'a bad price')).toBe('recorded');

    const generating = await fixture.em.fork().find(Invoice, { status: 'generating' });
    expect(generating).toHaveLength(1);
    expect(generating[0]).toMatchObject({ number: 'FIX-1-DRAFT', sequentialId: null, feesAmountCents: 0n });
    const errors = await fixture.em.fork().find(InvoiceError, { invoiceId: generating[0]!.id });
    expect(errors[0]).toMatchObject({ errorCode: 'invoice_generation_error' });
    expect(await stateOf(bad.actId)).toBe('failed');
    expect(await stateOf(`period/${bad.subscriptionId}/2023-02-01`)).toBe('wanted');

    await fixture.em.fork().nativeUpdate(Charge, {}, { properties: { amount: '1' } });
    expect(await bill(bad)).toEqual({ outcome: 'billed', invoiceId: generating[0]!.id });
    const rows = await invoices();
    expect(rows).toHaveLength(2);
    expect(rows.every(({ status }) => status === 'finalized')).toBe(true);
    expect(await fixture.em.fork().count(InvoiceError, {})).toBe(0);
  });

  test('saves nothing of a transaction that breaks off', async () => {
    const argument = await fixture.subscribe(await fixture.customer(), await fixture.plan({}));
    await fixture.moveClock('2023-02-01T00:00:00Z');
    const broken = {
      ...fixture.dependencies,
      fault: (name: string) => {
        if (name === 'period:before-commit') throw new Error('cut');
      },
    };
    await expect(billPeriod(broken, argument)).rejects.toThrow('cut');
    expect(await invoices()).toEqual([]);
    expect(await fixture.em.fork().count(BillingClaim, {})).toBe(0);
    expect(await fixture.em.fork().count(InvoiceSequence, {})).toBe(0);
    expect(await bill(argument)).toMatchObject({ outcome: 'billed' });
    expect((await invoices())[0]).toMatchObject({ number: 'FIX-1-001-001' });
  });
});
