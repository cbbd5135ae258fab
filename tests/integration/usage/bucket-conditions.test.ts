import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import fc from 'fast-check';
import { takes, type BucketCondition } from '../../../billing/usage/bucket-condition.ts';
import { openOrm } from '../../../db/orm.ts';
import { meets } from '../../../db/queries/usage/key-values.ts';
import { sql } from '../../../db/sql.ts';
import { testDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

let database: TestDatabase;
let orm: MikroORM;

beforeAll(async () => {
  database = await testDatabase();
  orm = await openOrm(database.databaseUrl);
});

afterAll(async () => {
  await orm.close();
  await database.drop();
});

const key = fc.constantFrom('a', 'b', 'constructor', 'the "key"');
const text = fc.constantFrom('1', '2', '', 'x');
const lists = fc.dictionary(key, fc.array(text, { maxLength: 3 }), { maxKeys: 3, noNullPrototype: true });
const condition: fc.Arbitrary<BucketCondition> = fc.record({ match: lists, except: fc.array(lists, { maxLength: 3 }) });
const values = fc.dictionary(key, fc.option(text), { maxKeys: 4, noNullPrototype: true });

test('a condition takes the same events in SQL as it does here', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(condition, values), { minLength: 50, maxLength: 200 }), async (pairs) => {
      const rows = await sql<{ met: boolean }>(
        orm.em.fork(),
        `select ${meets('pair.condition', 'pair.properties')} as met
         from unnest($1::jsonb[], $2::jsonb[]) with ordinality as pair (condition, properties, place) order by place`,
        [pairs.map(([one]) => JSON.stringify(one)), pairs.map(([, properties]) => JSON.stringify(properties))],
      );
      expect(rows.map(({ met }) => met)).toEqual(pairs.map(([one, properties]) => takes(one, properties)));
    }),
    { numRuns: 30 },
  );
});
