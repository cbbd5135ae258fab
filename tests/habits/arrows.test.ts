// What each room may import (docs/architecture.md), checked by dependency-cruiser with the rules of
// .dependency-cruiser.cjs.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runInstalled } from '../support/processes/installed-program.ts';
import { REPOSITORY } from '../support/repository.ts';
import { runFolder } from '../support/processes/run-folder.ts';

const ROOMS = ['billing', 'telemetry', 'db', 'shapes', 'activities', 'workflows', 'api', 'worker'];

interface Cruise {
  readonly modules: readonly { readonly source: string; readonly dependencies: readonly object[] }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { name: string } }[];
  };
}

async function cruise(folder: string, rooms: readonly string[]): Promise<Cruise> {
  const rules = join(REPOSITORY, '.dependency-cruiser.cjs');
  const { output } = await runInstalled('depcruise', ['--config', rules, '--output-type', 'json', ...rooms], folder);
  return JSON.parse(output) as Cruise;
}

const broken = ({ summary }: Cruise): string[] =>
  summary.violations.map(({ from, to, rule }) => `${from} -> ${to}: ${rule.name}`).toSorted();

test('every room imports only what it may', async () => {
  // Git keeps no empty folder: what is not there yet has no imports, and the tool refuses to look for it.
  const around = ['tests', 'scripts', 'bench', 'lint', 'soak'].filter((folder) => existsSync(join(REPOSITORY, folder)));
  const result = await cruise(REPOSITORY, [...ROOMS, ...around]);
  expect(broken(result)).toEqual([]);
  // The check sees something: without a parser for TypeScript every file would count as one without imports.
  for (const room of ROOMS) {
    const modules = result.modules.filter(({ source }) => source.startsWith(`${room}/`));
    expect([room, modules.some(({ dependencies }) => dependencies.length > 0)]).toEqual([room, true]);
  }
});

/** Files of a house where every arrow is drawn, and the rule that each import breaks; null where it is allowed. */
const ARROWS: readonly (readonly [file: string, code: string, rule: string | null])[] = [
  ['billing/own.ts', `import { target } from './target.ts';`, null],
  ['billing/numbers.ts', `import { Decimal } from 'decimal.js';`, null],
  ['billing/database.ts', `import { target } from '../db/target.ts';`, 'what-billing-may-import'],
  ['billing/database-type.ts', `import type { Target } from '../db/target.ts';`, 'what-billing-may-import'],
  ['billing/re-export.ts', `export { target } from '../db/target.ts';`, 'what-billing-may-import'],
  ['billing/dynamic.ts', `await import('../db/target.ts');`, 'what-billing-may-import'],
  ['billing/io.ts', `import { readFileSync } from 'node:fs';`, 'what-billing-may-import'],
  ['billing/package.ts', `import express from 'express';`, 'what-billing-may-import'],
  ['billing/figures.ts', `import { target } from '../telemetry/target.ts';`, 'what-billing-may-import'],
  ['telemetry/database.ts', `import { target } from '../db/target.ts';`, 'what-telemetry-may-import'],
  ['telemetry/worker-type.ts', `import type { Target } from '../worker/target.ts';`, 'what-telemetry-may-import'],
  ['worker/tracing.ts', `import { target } from '../telemetry/tracing.ts';`, 'tracing-only-when-wanted'],
  ['worker/tracing-type.ts', `import type { Target } from '../telemetry/tracing.ts';`, null],
  ['worker/tracing-later.ts', `await import('../telemetry/tracing.ts');`, null],
  ['db/trace.ts', `import { target } from '../telemetry/target.ts';`, null],
  ['activities/figures.ts', `import { target } from '../telemetry/target.ts';`, null],
  [
    'workflows/figures-type.ts',
    `import type { Target } from '../telemetry/target.ts';`,
    'whose-types-workflows-may-import',
  ],
  ['db/billing.ts', `import { target } from '../billing/target.ts';`, null],
  ['db/activity.ts', `import { target } from '../activities/target.ts';`, 'what-db-may-import'],
  ['db/temporal.ts', `import { proxy } from '@temporalio/workflow';`, 'what-db-may-import'],
  ['db/shape.ts', `import { target } from '../shapes/target.ts';`, 'what-db-may-import'],
  ['shapes/database.ts', `import { target } from '../db/target.ts';`, null],
  ['shapes/activity.ts', `import { target } from '../activities/target.ts';`, 'what-shapes-may-import'],
  ['shapes/api-type.ts', `import type { Target } from '../api/target.ts';`, 'what-shapes-may-import'],
  ['activities/shape.ts', `import { target } from '../shapes/target.ts';`, null],
  ['activities/database.ts', `import { target } from '../db/target.ts';`, null],
  ['activities/wake.ts', `import { target } from '../workflows/wake-signal.ts';`, null],
  ['activities/workflow.ts', `import { target } from '../workflows/target.ts';`, 'what-activities-may-import'],
  ['activities/api.ts', `import type { Target } from '../api/target.ts';`, 'what-activities-may-import'],
  ['workflows/activity-type.ts', `import type { Target } from '../activities/target.ts';`, null],
  ['workflows/sdk.ts', `import { proxy } from '@temporalio/workflow';`, null],
  ['workflows/activity.ts', `import { target } from '../activities/target.ts';`, 'what-workflows-may-import'],
  [
    'workflows/half-type.ts',
    `import { target, type Target } from '../activities/target.ts';`,
    'what-workflows-may-import',
  ],
  ['workflows/io.ts', `import { readFileSync } from 'node:fs';`, 'what-workflows-may-import'],
  ['workflows/database-type.ts', `import type { Target } from '../db/target.ts';`, 'whose-types-workflows-may-import'],
  ['workflows/shape-type.ts', `import type { Target } from '../shapes/target.ts';`, 'whose-types-workflows-may-import'],
  ['api/shape.ts', `import { target } from '../shapes/target.ts';`, null],
  ['api/wake.ts', `import { target } from '../workflows/wake-signal.ts';`, 'what-api-may-import'],
  ['api/workflow-type.ts', `import type { Target } from '../workflows/target.ts';`, null],
  ['api/activity.ts', `import { target } from '../activities/target.ts';`, null],
  ['api/sql.ts', `import { target } from '../db/sql.ts';`, 'api-writes-nothing'],
  ['api/lock.ts', `import { target } from '../db/customer-lock.ts';`, 'api-writes-nothing'],
  ['api/acts.ts', `import { target } from '../db/acts/want-acts.ts';`, 'api-writes-nothing'],
  ['api/find-acts.ts', `import { target } from '../db/acts/find-acts.ts';`, null],
  ['api/workflow.ts', `import { target } from '../workflows/target.ts';`, 'what-api-may-import'],
  ['api/worker-type.ts', `import type { Target } from '../worker/target.ts';`, 'what-api-may-never-import'],
  ['api/shutdown.ts', `import { target } from '../worker/process/shutdown.ts';`, 'what-api-may-never-import'],
  [
    'api/main.ts',
    `import { target } from '../worker/process/shutdown.ts';\nimport { target as other } from '../worker/process/role-configuration.ts';`,
    null,
  ],
  ['worker/workflow.ts', `import { target } from '../workflows/target.ts';`, null],
  ['worker/api.ts', `import { target } from '../api/target.ts';`, 'what-worker-may-import'],
  ['worker/test.ts', `import { target } from '../tests/target.ts';`, 'what-worker-may-import'],
  ['worker/missing.ts', `import { target } from './missing-target.ts';`, 'no-unresolved-import'],
  ['worker/test-package.ts', `import { test } from 'jest';`, 'only-production-packages'],
  ['billing/test-package.ts', `import { test } from 'jest';`, 'only-production-packages,what-billing-may-import'],
  ['scripts/test-package.ts', `import { test } from 'jest';`, 'only-production-packages'],
  ['scripts/test.ts', `import { target } from '../tests/target.ts';`, 'what-scripts-may-import'],
  ['scripts/worker.ts', `import { target } from '../worker/target.ts';`, null],
];

describe('the rules bite', () => {
  const folder = mkdtempSync(join(runFolder(), 'arrows-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (file: string, content: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${content}\n`);
  };

  test('an arrow that is not drawn is an error, one that is drawn is none', async () => {
    const packages = ['decimal.js', 'express', '@temporalio/workflow'];
    const dependencies = Object.fromEntries(packages.map((name) => [name, '1.0.0']));
    write('package.json', JSON.stringify({ type: 'module', dependencies, devDependencies: { jest: '1.0.0' } }));
    for (const name of [...packages, 'jest']) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
      write(`node_modules/${name}/index.js`, '');
    }
    const target = 'export const target = 1;\nexport type Target = number;';
    for (const file of [
      ...[...ROOMS, 'tests'].map((room) => `${room}/target.ts`),
      'workflows/wake-signal.ts',
      'db/sql.ts',
      'db/customer-lock.ts',
      'db/acts/want-acts.ts',
      'db/acts/find-acts.ts',
      'worker/process/shutdown.ts',
      'worker/process/role-configuration.ts',
      'telemetry/tracing.ts',
    ])
      write(file, target);
    write('db/chicken.ts', `import { egg } from './egg.ts';\nexport const chicken = (): unknown => egg;`);
    write('db/egg.ts', `import { chicken } from './chicken.ts';\nexport const egg = chicken;`);
    for (const [file, code] of ARROWS) write(file, code);

    const { violations } = (await cruise(folder, [...ROOMS, 'scripts'])).summary;
    const found = ARROWS.map(([file, code]) => {
      const rules = violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
      return [file, code, rules.length > 0 ? rules.join() : null];
    });
    expect(found).toEqual(ARROWS.map((arrow) => [...arrow]));
    const cycles = violations.filter(({ rule }) => rule.name === 'no-cycle').map(({ from, to }) => [from, to]);
    expect(cycles).toEqual([['db/chicken.ts', 'db/egg.ts']]);
  });
});
