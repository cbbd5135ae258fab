// Acts in one place (docs/architecture/acts.md): only db/acts/ writes the table, and there every change of state is
// made from the table of transitions. A kind of act is complete when its workflow is there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { kinds } from '../../activities/acts/kinds.ts';
import { ACT_TRANSITIONS } from '../../db/acts/transitions.ts';
import { makeActivities } from '../../activities/index.ts';
import * as workflows from '../../workflows/index.ts';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

const ROOMS = ['activities', 'api', 'billing', 'db', 'scripts', 'shapes', 'telemetry', 'worker', 'workflows'];

/** Statements that write the table of acts, and writes of its entity. */
const WRITES =
  /\b(insert\s+into|update|delete\s+from|merge\s+into|truncate)\s+acts\b|\b(create|native\w+|upsert\w*)\(\s*Act\b/i;

/** A state that a statement writes by hand. */
const STATE_BY_HAND = /\b(set\s+state\s*=|then|else)\s*'(wanted|waiting|working|done|failed)'/;

const sourcesOf = (room: string) =>
  filesOfRepository(room)
    // Released migrations wrote the table as it was then.
    .filter((file) => file.endsWith('.ts') && !file.startsWith('db/migrations/'))
    .map((file) => ({ file, source: readFileSync(join(REPOSITORY, file), 'utf8') }));

describe('the table of acts', () => {
  test('is written by db/acts/ alone', () => {
    const writing = ROOMS.flatMap(sourcesOf).filter(({ source }) => WRITES.test(source));
    expect(writing.length).toBeGreaterThan(5);
    expect(writing.map(({ file }) => file).filter((file) => !file.startsWith('db/acts/'))).toEqual([]);
  });

  test('changes its state by the table of transitions alone', () => {
    const byHand = sourcesOf('db/acts').filter(({ source }) => STATE_BY_HAND.test(source));
    expect(byHand.map(({ file }) => file)).toEqual([]);
  });

  test('makes every transition of that table', () => {
    const sources = sourcesOf('db/acts').filter(({ file }) => !file.endsWith('transitions.ts'));
    const made = sources.map(({ source }) => source).join('\n');
    const unmade = Object.keys(ACT_TRANSITIONS).filter(
      (name) => !new RegExp(`entering(If)?\\([^;]*?'${name}'`).test(made),
    );
    expect(unmade).toEqual([]);
  });

  test('lets only new work reopen what is done', () => {
    const reopening = Object.entries(ACT_TRANSITIONS).filter(([, { from }]) =>
      (from as readonly string[]).includes('done'),
    );
    expect(reopening.map(([name]) => name)).toEqual(['wantAgain', 'markWorking']);
  });

  test.each([
    [`await sql(em, "update acts set state = 'done' where id = $1", [id]);`, true],
    ['`with due as (select 1)\n update acts\n set rank = 1`', true],
    ['`insert into acts (id) values ($1)`', true],
    ['`delete from acts where id = $1`', true],
    ['em.create(Act, { id })', true],
    ['em.nativeUpdate(Act, { id }, { state })', true],
    ['`select id from acts where state = $1`', false],
    ['`update activities set x = 1`', false],
    ['em.create(Action, {})', false],
  ])('the check knows what writes: %s', (source, writes) => {
    expect(WRITES.test(source)).toBe(writes);
  });

  test.each([
    [`update acts set state = 'done' where id = $1`, true],
    [`case when due_at is null then 'working' else acts.state end`, true],
    [`where state = 'wanted'`, false],
    ["update acts set state = ${entering('finish')}", false],
  ])('the check knows what sets a state by hand: %s', (source, byHand) => {
    expect(STATE_BY_HAND.test(source)).toBe(byHand);
  });
});

describe('a kind of act', () => {
  const all = Object.entries(kinds);

  test.each(all)('%s has its workflow', (name, kind) => {
    expect(kind.name).toBe(name);
    expect(typeof (workflows as Record<string, unknown>)[kind.workflow]).toBe('function');
  });

  test('has a file of its own, which the list of kinds knows', () => {
    const files = filesOfRepository('activities').filter((file) => file.endsWith('-act.ts'));
    const defining = files.filter((file) => readFileSync(join(REPOSITORY, file), 'utf8').includes('satisfies ActKind'));
    expect(defining).toHaveLength(all.length);
  });

  test('calls activities that exist (types see to that), and none is left that no workflow calls', () => {
    const source = sourcesOf('workflows')
      .map((file) => file.source)
      .join('\n');
    expect(uncalled(Object.keys(makeActivities({} as never, {} as never)), source)).toEqual([]);
    expect(uncalled(['billPeriod', 'billNothing'], source)).toEqual(['billNothing']);
  });
});

function uncalled(activities: readonly string[], source: string): readonly string[] {
  expect(activities.length).toBeGreaterThan(0);
  return activities.filter((name) => !new RegExp(`\\b${name}\\b`).test(source));
}
