// A database in which billing entities share a prefix is migrated: each has its own then, and none that another has
// used.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import { migrate } from '../../../db/migrate.ts';
import { openOrm } from '../../../db/orm.ts';
import { sql } from '../../../db/sql.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ migrated: false });
});
afterAll(() => database.drop());

test('shared prefixes are parted', async () => {
  const orm = await openOrm(database.databaseUrl);
  try {
    await orm.migrator.up({ to: 'Migration20261127000000OnePending' });
    const rows = <Row extends object>(text: string, parameters: readonly unknown[] = []) =>
      sql<Row>(orm.em.fork(), text, parameters);
    const organizations = [v7(), v7()];
    for (const id of organizations) {
      await rows(`insert into organizations (id, name, created_at, updated_at) values ($1, 'O', now(), now())`, [id]);
    }
    const entity = async (organization: number, name: string, prefix: string, tail: string, isDefault = false) => {
      const id = `${v7().slice(0, -4)}${tail}`;
      await rows(
        `insert into billing_entities (id, organization_id, code, name, is_default, default_currency, document_number_prefix,
           created_at, updated_at) values ($1, $2, $3, $3, $4, 'EUR', $5, now(), now())`,
        [id, organizations[organization], name, isDefault, prefix],
      );
      return id;
    };
    const oldest = await entity(0, 'Oldest', 'SAME', 'aaaa');
    await entity(0, 'Default', 'SAME', 'bbbb', true);
    await entity(0, 'Old 2', 'SAME', 'aaaa');
    await entity(0, 'Old 3', 'OLD-AAAA', 'cccc');
    await entity(1, 'Other', 'SAME', 'dddd', true);
    const customer = v7();
    await rows(
      `insert into customers (id, organization_id, billing_entity_id, external_id, sequential_id, slug, created_at, updated_at)
       values ($1, $2, $3, 'c', 1, 'SAME-001', now(), now())`,
      [customer, organizations[0], oldest],
    );
    await rows(
      `insert into invoices (id, organization_id, customer_id, billing_entity_id, invoice_type, status, payment_status, number,
         sequential_id, issuing_date, payment_due_date, expected_finalization_date, net_payment_term, currency, timezone,
         timezone_data_version, self_billed, created_at, updated_at)
       values ($1, $2, $3, $4, 'subscription', 'finalized', 'pending', 'SAME-001-001', 1, now(), now(), now(), 0, 'EUR', 'UTC', '1',
         false, now(), now())`,
      [v7(), organizations[0], customer, oldest],
    );
    await migrate(database.databaseUrl);
    const parted = await rows<{ name: string; prefix: string; former: string[] }>(
      `select name, document_number_prefix as prefix, former_number_prefixes as former from billing_entities order by name`,
    );
    expect(parted.map(({ name, prefix, former }) => [name, prefix, former])).toEqual([
      // The oldest has given SAME-001-001 to a customer, who may be invoiced by the default one next.
      ['Default', 'DEF-BBBB', []],
      ['Old 2', expect.stringMatching(/^OLD-[0-9A-F]{2}AAAA$|^OLD-[0-9A-F]AAAA$/), []],
      ['Old 3', 'OLD-AAAA', []],
      ['Oldest', expect.stringMatching(/^OLD-[0-9A-F]AAAA$/), ['SAME']],
      ['Other', 'SAME', []],
    ]);
    expect(new Set(parted.slice(0, 4).map(({ prefix }) => prefix)).size).toBe(4);
  } finally {
    await orm.close();
  }
});
