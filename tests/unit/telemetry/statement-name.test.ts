import { expect, test } from '@jest/globals';
import { statementName } from '../../../telemetry/statement-spans.ts';

test.each([
  ['begin', 'begin'],
  ['select "a0".* from "api_keys" as "a0" where "a0"."sha256" = $1', 'select api_keys'],
  ['insert into acts (id) select * from unnest($1::text[])', 'insert acts'],
  ["update acts set state = 'done' where id = $1", 'update acts'],
  ['delete from billing_claims using acts', 'delete billing_claims'],
  ['with overdue as (select id from acts) update acts set x = 1', 'with acts'],
  ['  -- a comment\n  select pg_advisory_xact_lock($1)', 'select'],
  ['', 'sql'],
])('%s', (text, name) => {
  expect(statementName(text)).toBe(name);
});
