// The project stands by itself: nothing in it depends on the machine or the network on which it was written.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { filesOfRepository, REPOSITORY } from '../support/repository.ts';

/** Folders of a person or of a build machine; and this very folder, whatever it is called. */
const MACHINE = [
  /(?<![\w.}])\/(root|work|home\/\w+|Users\/\w+)\/\w/,
  new RegExp(escaped(REPOSITORY.replace(/\/$/, ''))),
];

/** Where packages come from is the business of whoever installs. */
const REGISTRIES = [
  /registry\.(npmjs|yarnpkg)\.(org|com)/,
  /npm\.pkg\.github\.com/,
  /pypi\.org|pythonhosted\.org/,
  configuredRegistry(),
];

const files = filesOfRepository().map((file) => ({ file, text: readFileSync(join(REPOSITORY, file), 'utf8') }));

/** Where a pattern is found: file and line. */
function places(patterns: readonly RegExp[]): string[] {
  return files
    .filter(({ text }) => !text.includes('\0') && patterns.some((pattern) => pattern.test(text)))
    .flatMap(({ file, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (patterns.some((pattern) => pattern.test(line)) ? [`${file}:${index + 1}`] : [])),
    );
}

test('no file names a folder of this machine', () => {
  expect(places(MACHINE)).toEqual([]);
});

test('no file names a package registry', () => {
  expect(places(REGISTRIES)).toEqual([]);
});

test('package-lock.json names no place to download from', () => {
  const lock = files.find(({ file }) => file === 'package-lock.json');
  expect(lock?.text).toContain('"lockfileVersion"');
  expect(lock?.text).not.toContain('"resolved": "http');
});

describe('the check', () => {
  test.each([`see ${['', 'work', 'shared', 'spec'].join('/')}`, `cd ${['', 'home', 'ann', 'x'].join('/')}`])(
    'finds: %s',
    (line) => {
      expect(MACHINE.some((pattern) => pattern.test(line))).toBe(true);
    },
  );

  test.each([`GET ${['/api', 'v1', 'work', '1'].join('/')}`, 'framework/x', 'https://example.com/home/ann/x'])(
    'leaves alone: %s',
    (line) => {
      expect(MACHINE.some((pattern) => pattern.test(line))).toBe(false);
    },
  );
});

/** The host from which npm installs here, which may be a mirror. */
function configuredRegistry(): RegExp {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new RegExp(escaped(new URL(registry.trim()).host));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
