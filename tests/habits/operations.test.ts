// The one shape of an operation, by the linter's own plugin (lint/operations.ts; S122).
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runInstalled } from '../support/processes/installed-program.ts';
import { REPOSITORY } from '../support/repository.ts';
import { runFolder } from '../support/processes/run-folder.ts';

const operations = (...members: string[]): string => `export interface Activities {\n${members.join('\n')}\n}`;
const workflow = (...statements: string[]): string =>
  [
    `import { proxyActivities } from '@temporalio/workflow';`,
    'const { billPeriod, refresh: anew } = proxyActivities<Activities>({});',
    `export async function period(): Promise<unknown> {\n  ${statements.join('\n  ')}\n}`,
  ].join('\n');

const ONE_OBJECT = 'must take one object and nothing else';
const ONE_ANSWER = 'must answer with a Promise of one named or literal type';
const IGNORED = 'answers is ignored';

/** A file in activities/ or workflows/, and what is found in it. */
const FIXTURES: readonly (readonly [what: string, room: string, code: string, found: readonly string[]])[] = [
  [
    'one object, one answer',
    'activities',
    operations(
      '  readonly billPeriod: (argument: PeriodArgument) => Promise<Outcome>;',
      `  readonly deleteOldActs: () => Promise<number>;`,
      `  readonly advance: (argument: ClockArgument) => Promise<'more' | 'finished'>;`,
    ),
    [],
  ],
  [
    'two arguments',
    'activities',
    operations('  readonly billPeriod: (argument: PeriodArgument, after: Page) => Promise<Outcome>;'),
    [`billPeriod ${ONE_OBJECT}`],
  ],
  [
    'an argument that is no object',
    'activities',
    operations('  readonly billPeriod: (subscriptionId: string) => Promise<Outcome>;'),
    [`billPeriod ${ONE_OBJECT}`],
  ],
  [
    'a rest of arguments',
    'activities',
    operations('  readonly billPeriod: (...periods: PeriodArgument[]) => Promise<Outcome>;'),
    [`billPeriod ${ONE_OBJECT}`],
  ],
  [
    'no promise, and an answer of anything',
    'activities',
    operations(
      '  readonly billPeriod: (argument: PeriodArgument) => Outcome;',
      '  readonly refresh: (argument: RefreshArgument) => Promise<unknown>;',
    ),
    [`billPeriod ${ONE_ANSWER}`, `refresh ${ONE_ANSWER}`],
  ],
  [
    'a method, and what may be replaced',
    'activities',
    operations(
      '  billPeriod(argument: PeriodArgument): Promise<Outcome>;',
      '  refresh: (argument: RefreshArgument) => Promise<Outcome>;',
    ),
    ['billPeriod must be a readonly property', 'refresh must be a readonly property'],
  ],
  [
    'an exception that is not needed any more',
    'activities',
    operations('  readonly settingsPage: (argument: SettingsArgument) => Promise<Outcome>;'),
    ['settingsPage is excepted without need'],
  ],
  [
    'other interfaces',
    'activities',
    'export interface ActStarter {\n  start(act: string, wakes: boolean): void;\n}',
    [],
  ],
  [
    'an answer that is looked at, or given on',
    'workflows',
    workflow(
      'const answer = await billPeriod({});',
      'if ((await anew({})) === answer) return answer;',
      'return billPeriod({});',
    ),
    [],
  ],
  ['an answer that is awaited only', 'workflows', workflow('await billPeriod({});'), [`What billPeriod ${IGNORED}`]],
  ['an operation under another name', 'workflows', workflow('await anew({});'), [`What anew ${IGNORED}`]],
  ['an answer thrown away', 'workflows', workflow('void billPeriod({});'), [`What billPeriod ${IGNORED}`]],
  [
    'a whole proxy',
    'workflows',
    `import { proxyActivities } from '@temporalio/workflow';\nexport const proxy = proxyActivities<Activities>({});`,
    ['Take operations out of their proxy by name'],
  ],
  ['other calls', 'workflows', workflow('await reach(1);', 'return 1;'), []],
];

interface Diagnostic {
  readonly message: string;
  readonly code: string;
  readonly filename: string;
}

describe('the rule', () => {
  const fileOf = (room: string, what: string): string => `${room}/${what.replaceAll(/\W+/g, '-')}.ts`;
  let diagnostics: readonly Diagnostic[];
  beforeAll(async () => {
    const folder = mkdtempSync(join(runFolder(), 'operations-'));
    for (const file of ['.oxlintrc.json', 'lint/operations.ts', 'lint/rooms.ts'])
      cpSync(join(REPOSITORY, file), join(folder, file));
    for (const room of ['activities', 'workflows']) mkdirSync(join(folder, room));
    for (const [what, room, code] of FIXTURES) writeFileSync(join(folder, fileOf(room, what)), `${code}\n`);
    const { output } = await runInstalled('oxlint', ['--format', 'json', 'activities', 'workflows'], folder);
    ({ diagnostics } = JSON.parse(output) as { diagnostics: readonly Diagnostic[] });
  });

  test.each(FIXTURES)('%s', (what, room, _code, found) => {
    const here = diagnostics.filter(
      ({ filename, code }) => filename.endsWith(fileOf(room, what)) && code.startsWith('operations'),
    );
    expect(here.map(({ message }) => message)).toEqual(found.map((text) => expect.stringContaining(text)));
  });
});
