import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sizes } from '../measures/sizes.ts';
import { change } from './comparison.ts';
import type { Figure } from './figure.ts';
import type { Machine } from './machine.ts';

/** What was measured of a release: `bench/results/<release>.json`. */
export interface BenchRecord {
  readonly release: string;
  /** YYYY-MM-DD */
  readonly measuredOn: string;
  readonly machine: Machine;
  readonly sizes: Sizes;
  readonly figures: readonly Figure[];
  readonly remarks: readonly string[];
}

export function writeRecord(folder: string, record: BenchRecord): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${record.release}.json`);
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`);
  return file;
}

/** Of the newest release that has one, leaving one out: a release is not compared with itself. */
export function lastRecord(folder: string, except: string): BenchRecord | undefined {
  const releases = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter((release) => release !== except)
    .toSorted(byVersion);
  const newest = releases.at(-1);
  return newest === undefined
    ? undefined
    : (JSON.parse(readFileSync(join(folder, `${newest}.json`), 'utf8')) as BenchRecord);
}

/** @example ['0.10.0', '0.9.0'].toSorted(byVersion) // ['0.9.0', '0.10.0'] */
export function byVersion(one: string, other: string): number {
  const [numbers, others] = [one, other].map((version) => version.split(/[.-]/).map(Number));
  for (let place = 0; place < 3; place += 1) {
    const difference = (numbers?.[place] ?? 0) - (others?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.localeCompare(other);
}

/** What has changed since a release, a line for each figure that can be compared; "(c) p99: 12 % slower than 0.1.0". */
export function changesSince(record: BenchRecord, now: Pick<BenchRecord, 'machine' | 'sizes' | 'figures'>): string[] {
  if (JSON.stringify(record.sizes) !== JSON.stringify(now.sizes)) {
    return [`Not compared with ${record.release}, which was measured at other sizes.`];
  }
  const isOther = record.machine.cores !== now.machine.cores || record.machine.processor !== now.machine.processor;
  return [
    ...(isOther ? [`${record.release} was measured on another machine: only ratios can be compared.`] : []),
    ...now.figures.flatMap((figure) => {
      const before = record.figures.find(({ id }) => id === figure.id);
      // Where the system does not tell CPU there is nothing to compare.
      if (before === undefined || !Number.isFinite(figure.value / before.value)) return [];
      const changed = change(figure, before.value);
      return changed === 'the same' ? [] : [`${figure.name}: ${changed} than ${record.release}`];
    }),
  ];
}
