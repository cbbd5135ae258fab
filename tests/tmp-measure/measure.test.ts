import { Client } from 'pg';
import { test } from '@jest/globals';
import { createOrganization } from '../support/organization-client.ts';
import { runningDurabill } from '../support/running-durabill.ts';

test('measure', async () => {
  const durabill = await runningDurabill();
  const db = new Client({ connectionString: durabill.databaseUrl });
  await db.connect();
  try {
    const o = await createOrganization(durabill, { invoice_grace_period: 10 });
    await o.ok('PUT', '/test_clock', { test_clock: { frozen_time: '2023-03-05T08:00:00Z', mode: 'jump' } });
    await o.ok('POST', '/plans', {
      plan: {
        name: 'P',
        code: 'p',
        interval: 'monthly',
        amount_cents: 3100,
        amount_currency: 'EUR',
        pay_in_advance: true,
      },
    });
    await o.ok('POST', '/customers', { customer: { external_id: 'c' } });
    await o.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: 'c', external_id: 's', plan_code: 'p', billing_time: 'anniversary' },
    });
    await o.settled();
    const cols = async (t: string, not: string[]) =>
      (
        await db.query(
          `select column_name n from information_schema.columns where table_name=$1 and column_name <> all($2)`,
          [t, not],
        )
      ).rows
        .map((r) => `"${r.n}"`)
        .join(',');
    const ci = await cols('invoices', ['id']);
    const ca = await cols('acts', ['id', 'invoice_id', 'state']);
    const cr = await cols('invoice_subscriptions', ['id', 'invoice_id', 'recurring', 'invoicing_reason']);
    await db.query(`create temp table new_ids as select gen_random_uuid() id from generate_series(1, 100000)`);
    await db.query(
      `insert into invoices (id, ${ci}) select n.id, ${ci} from new_ids n, (select ${ci} from invoices where organization_id = '${o.organizationId}' limit 1) i`,
    );
    await db.query(
      `insert into acts (id, invoice_id, state, ${ca}) select 'finalize/' || n.id, n.id, 'waiting', ${ca} from new_ids n, (select ${ca} from acts where kind = 'finalize' limit 1) a`,
    );
    await db.query(
      `insert into invoice_subscriptions (id, invoice_id, recurring, invoicing_reason, ${cr}) select gen_random_uuid(), n.id, false, 'subscription_periodic', ${cr} from new_ids n, (select ${cr} from invoice_subscriptions limit 1) r`,
    );
    await db.query('analyze');
    const t0 = performance.now();
    await o.ok('PUT', '/organizations', {
      organization: { net_payment_term: 7, billing_configuration: { invoice_grace_period: 13 } },
    });
    const t1 = performance.now();
    for (;;) {
      const { rows } = await db.query(`select state from acts where kind = 'settings'`);
      if (rows[0].state === 'done') break;
      await new Promise((r) => setTimeout(r, 100));
    }
    const t2 = performance.now();
    const { rows } = await db.query(
      `select issuing_date::text i, payment_due_date::text d, count(*) from invoices group by 1,2`,
    );
    const { rows: a } = await db.query(`select due_at, count(*) from acts where kind='finalize' group by 1`);
    console.log(
      'request ms',
      Math.round(t1 - t0),
      'all moved s',
      ((t2 - t1) / 1000).toFixed(1),
      JSON.stringify(rows),
      JSON.stringify(a),
    );
    const t3 = performance.now();
    await o
      .ok('POST', '/customers', { customer: { external_id: 'c', billing_configuration: { invoice_grace_period: 20 } } })
      .catch((e) => console.log(String(e)));
    console.log('one customer with all of them, request ms', Math.round(performance.now() - t3));
    const t4 = performance.now();
    await o.ok('PUT', '/plans/p', { plan: { amount_cents: 3200 } });
    console.log('plan update request ms', Math.round(performance.now() - t4));
    const t5 = performance.now();
    for (;;) {
      const { rows: r } = await db.query(`select state from acts where kind = 'flagDrafts'`);
      if (r[0]?.state === 'done') break;
      await new Promise((x) => setTimeout(x, 200));
      if (performance.now() - t5 > 240000) break;
    }
    const { rows: f } = await db.query(
      `select count(*) filter (where ready_to_be_refreshed) flagged, count(*) from invoices`,
    );
    console.log('flagged s', ((performance.now() - t5) / 1000).toFixed(1), JSON.stringify(f));
  } finally {
    await db.end();
    await durabill.kill('worker');
    await durabill.stop();
  }
}, 600_000);
