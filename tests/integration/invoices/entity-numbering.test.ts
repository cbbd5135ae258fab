// Numbers of several billing entities, and of one that switches its numbering back and forth: the table of spec,
// subscriptions-and-invoices 6.5, by the activities themselves on a real database.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startEntityNumbering, takeNumbers } from '../../../activities/invoices/entity-numbering.ts';
import { scopedTo } from '../../../db/orm.ts';
import { actsByHand, type ActsByHand } from '../../support/acts-by-hand.ts';
import { until } from '../../support/until.ts';
import { listeningApp, type Caller, type ListeningApp } from '../api/listening-app.ts';

let app: ListeningApp;
let caller: Caller;
let acts: ActsByHand;

beforeAll(async () => {
  app = await listeningApp();
});
beforeEach(async () => {
  caller = await app.organization({ document_number_prefix: 'ORG-1' });
  acts = actsByHand(app.orm, caller.organizationId);
  await acts.run('2023-07-19T12:12:00Z');
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'P',
      code: 'p',
      interval: 'monthly',
      amount_cents: 100,
      amount_currency: 'EUR',
      pay_in_advance: false,
    },
  });
});
afterAll(() => app.close());

const subscribe = async (customer: string, attributes: object = {}) => {
  await caller.ok('POST', '/customers', { customer: { external_id: customer, ...attributes } });
  await caller.ok('POST', '/subscriptions', {
    subscription: {
      external_customer_id: customer,
      external_id: customer,
      plan_code: 'p',
      billing_time: 'anniversary',
    },
  });
};

const put = (settings: object, code = 'default') =>
  caller.ok('PUT', `/billing_entities/${code}`, { billing_entity: settings });

/** Numbers of the invoices issued on a day, sorted. */
const numbers = async (day: string) =>
  (
    await app.rows<{ number: string }>(
      `select number from invoices where organization_id = $1 and issuing_date = $2 order by number`,
      [caller.organizationId, day],
    )
  ).map(({ number }) => number);

const second = () =>
  caller.ok('POST', '/billing_entities', {
    billing_entity: {
      code: 'second',
      name: 'Second',
      document_number_prefix: 'SEC',
      document_numbering: 'per_billing_entity',
    },
  });

test('an entity that switches goes on from the count of its own invoices, partners left out', async () => {
  await second();
  await subscribe('c1');
  await subscribe('c2');
  await subscribe('p1', { account_type: 'partner' });
  await subscribe('e2', { billing_entity_code: 'second' });
  await acts.advance('2023-08-20T00:00:00Z');
  expect(await numbers('2023-08-19')).toEqual(['ORG-1-001-001', 'ORG-1-002-001', 'ORG-1-003-001', 'SEC-202308-001']);
  await put({ document_numbering: 'per_billing_entity', document_number_prefix: 'NEW' });
  await acts.advance('2023-09-20T00:00:00Z');
  expect(await numbers('2023-09-19')).toEqual(['NEW-003-002', 'NEW-202309-003', 'NEW-202309-004', 'SEC-202309-002']);
  await put({ document_numbering: 'per_customer' });
  await put({ document_numbering: 'per_customer' }, 'second');
  await acts.advance('2023-10-20T00:00:00Z');
  expect(await numbers('2023-10-19')).toEqual(['NEW-001-003', 'NEW-002-003', 'NEW-003-003', 'SEC-004-003']);
  await put({ document_numbering: 'per_billing_entity' });
  await put({ document_numbering: 'per_billing_entity' }, 'second');
  await acts.advance('2023-11-20T00:00:00Z');
  expect(await numbers('2023-11-19')).toEqual(['NEW-003-004', 'NEW-202311-007', 'NEW-202311-008', 'SEC-202311-004']);
  // No invoice since: nothing is left out, nothing is given twice.
  await put({ document_numbering: 'per_customer' });
  await put({ document_numbering: 'per_billing_entity' });
  await acts.advance('2023-12-20T00:00:00Z');
  expect(await numbers('2023-12-19')).toEqual(['NEW-003-005', 'NEW-202312-009', 'NEW-202312-010', 'SEC-202312-005']);
});

test('a customer that moves is numbered anew by its new entity, and goes on where it comes back', async () => {
  await caller.ok('POST', '/billing_entities', {
    billing_entity: { code: 'second', name: 'Second', document_number_prefix: 'SEC' },
  });
  await subscribe('c1');
  const move = (code: string) =>
    caller.ok('POST', '/customers', { customer: { external_id: 'c1', billing_entity_code: code } });
  await acts.advance('2023-08-20T00:00:00Z');
  await move('second');
  await acts.advance('2023-10-20T00:00:00Z');
  await move('default');
  await acts.advance('2023-11-20T00:00:00Z');
  const days = ['2023-08-19', '2023-09-19', '2023-10-19', '2023-11-19'];
  expect((await Promise.all(days.map(numbers))).flat()).toEqual([
    'ORG-1-001-001',
    'SEC-001-001',
    'SEC-001-002',
    'ORG-1-001-002',
  ]);
});

test('the month of a number is that of the entity, whatever the customer’s zone', async () => {
  await second();
  await put({ timezone: 'Pacific/Kiritimati' }, 'second');
  await acts.run('2023-07-31T12:00:00Z');
  await caller.ok('POST', '/plans', {
    plan: {
      name: 'A',
      code: 'a',
      interval: 'monthly',
      amount_cents: 100,
      amount_currency: 'EUR',
      pay_in_advance: true,
    },
  });
  await caller.ok('POST', '/customers', {
    customer: { external_id: 'c1', timezone: 'America/Los_Angeles', billing_entity_code: 'second' },
  });
  await caller.ok('POST', '/subscriptions', {
    subscription: { external_customer_id: 'c1', external_id: 'c1', plan_code: 'a' },
  });
  await acts.run('2023-07-31T12:00:00Z');
  expect(await numbers('2023-07-31')).toEqual(['SEC-202308-001']);
});

/** Takes numbers as an invoice does, in a transaction that commits when it is told to. */
function invoiceBegun(customerId: string, billingEntityId: string, selfBilled = false) {
  let commit = (): void => undefined;
  const committed = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let told = (_: string): void => undefined;
  const taken = new Promise<string>((resolve) => {
    told = resolve;
  });
  const { organizationId } = caller;
  const done = scopedTo(app.orm.em, organizationId).transactional(async (em) => {
    const [given] = await takeNumbers(em, organizationId, [{ customerId, billingEntityId, selfBilled }]);
    const { entitySequence, sequentialId } = given!;
    told(entitySequence === null ? `own ${sequentialId}` : `entity ${entitySequence}`);
    await committed;
  });
  return { taken, commit, done };
}

async function twoCustomers(): Promise<{ readonly ids: readonly string[]; readonly entity: string }> {
  for (const id of ['c1', 'c2', 'c3']) await caller.ok('POST', '/customers', { customer: { external_id: id } });
  const rows = await app.rows<{ id: string; entity: string }>(
    'select id, billing_entity_id as entity from customers where organization_id = $1 order by external_id',
    [caller.organizationId],
  );
  return { ids: rows.map(({ id }) => id), entity: rows[0]!.entity };
}

const waiting = (statement: string) =>
  until(
    async () =>
      (
        await app.rows(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1`,
          [statement],
        )
      ).length > 0,
    `somebody waits: ${statement}`,
  );

test('invoices numbered per customer do not wait for each other, and a switch waits for all of them', async () => {
  const { ids, entity } = await twoCustomers();
  const one = invoiceBegun(ids[0]!, entity);
  const two = invoiceBegun(ids[1]!, entity);
  expect(await Promise.all([one.taken, two.taken])).toEqual(['own 1', 'own 1']);
  const switched = put({ document_numbering: 'per_billing_entity' });
  await waiting('%for no key update%');
  one.commit();
  two.commit();
  await Promise.all([one.done, two.done, switched]);
  const three = invoiceBegun(ids[2]!, entity);
  // The rows above are no invoices: the count begins at one.
  expect(await three.taken).toBe('entity 1');
  three.commit();
  await three.done;
});

test('an invoice that meets a switch is numbered as the switch says', async () => {
  const { ids, entity } = await twoCustomers();
  const met: ReturnType<typeof invoiceBegun>[] = [];
  await app.orm.em.fork().transactional(async (em) => {
    await em.execute(`update billing_entities set document_numbering = 'per_billing_entity' where id = ?`, [entity]);
    met.push(invoiceBegun(ids[0]!, entity));
    await waiting('%(customer_id, entity_id, self_billed, place)%');
    await startEntityNumbering(em, { id: entity, organizationId: caller.organizationId });
  });
  expect(await met[0]!.taken).toBe('entity 1');
  met[0]!.commit();
  await met[0]!.done;
  const own = invoiceBegun(ids[0]!, entity, true);
  expect(await own.taken).toBe('own 2');
  own.commit();
  await own.done;
});

test('the number comes last: when it is taken, the invoice has its lines already', async () => {
  await subscribe('c1');
  await app.rows(
    `create function has_lines() returns trigger language plpgsql as $$ begin
       if not exists (select 1 from fees join invoices on invoices.id = fees.invoice_id
                      where invoices.customer_id = new.customer_id and invoices.sequential_id is null) then
         raise exception 'a number before its lines';
       end if;
       return new; end $$`,
  );
  await app.rows(
    'create trigger has_lines before insert or update on invoice_sequences for each row execute function has_lines()',
  );
  try {
    await acts.advance('2023-08-20T00:00:00Z');
  } finally {
    await app.rows('drop function has_lines cascade');
  }
  expect(await numbers('2023-08-19')).toEqual(['ORG-1-001-001']);
});
