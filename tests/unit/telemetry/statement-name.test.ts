import { expect, test } from '@jest/globals';
import { statementName } from '../../../telemetry/statement-spans.ts';

test.each([
  ['begin', 'begin'],
  ['select "a0".* from "api_keys" as "a0" where "a0"."sha256" = $1', 'select api_keys'],
  ['insert into acts (id) select * from unnest($1::text[])', 'insert acts'],
  ["update acts set state = 'done' where id = $1", 'update acts'],
  ['delete from billing_claims using acts', 'delete billing_claims'],
  ['with due as (select id from acts for update of acts skip locked) update acts set x = 1', 'update acts'],
  ['with claimed as (insert into billing_claims select 1 returning 1) select * from claimed', 'insert billing_claims'],
  ['with peak as (select 1 from organizations) select * from peak', 'select organizations'],
  ['  -- a comment\n  select pg_advisory_xact_lock($1)', 'select'],
  ['', 'sql'],
])('%s', (text, name) => {
  expect(statementName(text)).toBe(name);
});
