import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { change, comparisonTable, median, spread } from '../../../bench/report/comparison.ts';
import { isMet, shownValue, type Figure } from '../../../bench/report/figure.ts';
import { thisMachine } from '../../../bench/report/machine.ts';
import { byVersion, changesSince, lastRecord, writeRecord, type BenchRecord } from '../../../bench/report/records.ts';
import { figureTable, partsOf } from '../../../bench/report/table.ts';
import { SMALL } from '../../../bench/measures/sizes.ts';

const rate: Figure = { id: 'rate', name: '(a) periods', value: 41.26, unit: 'a second', better: 'higher' };
const p99: Figure = { id: 'p99', name: '(c) p99', value: 612.4, unit: 'ms', better: 'lower', aim: 500 };
const cpu: Figure = {
  id: 'cpu',
  name: '(e) life',
  value: 62,
  unit: 'CPU ms',
  better: 'lower',
  aim: 65,
  parts: { worker: 30, Temporal: 32, API: 0 },
};

describe('the table', () => {
  test('says each figure, its aim, and whether it is met', () => {
    expect(figureTable([rate, p99, cpu])).toBe(
      [
        'measure             figure                  aim  met',
        '-----------  -------------  -------------------  ---',
        '(a) periods  41.3 a second',
        '(c) p99             612 ms       at most 500 ms   no',
        '(e) life       62.0 CPU ms  at most 65.0 CPU ms  yes',
      ].join('\n'),
    );
  });

  test('says what was not told as such, and never as met', () => {
    const untold = { ...cpu, value: Number.NaN };
    expect(shownValue(untold.value, untold.unit)).toBe('not told');
    expect(isMet(untold)).toBe(false);
  });

  test('knows an aim that is a least', () => {
    const ratio: Figure = { id: 'ratio', name: '(f)', value: 0.5, unit: 'ratio', better: 'higher', aim: 0.5 };
    expect(isMet(ratio)).toBe(true);
    expect(isMet({ ...ratio, value: 0.49 })).toBe(false);
    expect(isMet(rate)).toBeUndefined();
  });

  test('names the processes behind a figure of several', () => {
    expect(partsOf(cpu)).toBe('(e) life: worker 30.0 CPU ms, Temporal 32.0 CPU ms');
    expect(partsOf(p99)).toBeUndefined();
  });
});

describe('a comparison', () => {
  test.each([
    [{ ...p99, value: 112 }, 100, '12 % slower'],
    [{ ...p99, value: 80 }, 100, '20 % quicker'],
    [{ ...rate, value: 40 }, 80, '50 % slower'],
    [{ ...rate, value: 160 }, 80, '100 % quicker'],
    [{ ...cpu, value: 70 }, 100, '30 % cheaper'],
    [{ ...cpu, value: 102 }, 100, 'the same'],
    [{ ...cpu, value: 5 }, 0, 'not comparable'],
  ])('%#: from before to now', (figure, before, said) => {
    expect(change(figure, before)).toBe(said);
  });

  test('takes the middle of the runs, and says how far they lie apart', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 20, 90, 40])).toBe(30);
    expect(spread([[{ ...cpu, value: 90 }], [{ ...cpu, value: 110 }]], 'cpu')).toBeCloseTo(0.2);
    expect(spread([[cpu]], 'cpu')).toBeNaN();
    const runs = (...values: readonly number[]) => values.map((value) => [{ ...cpu, value }]);
    const table = comparisonTable({ name: 'v0.2.0', runs: runs(100, 104) }, { name: 'this', runs: runs(60, 62.4) });
    expect(table.split('\n').at(-1)).toMatch(/^\(e\) life +102 CPU ms +61\.2 CPU ms +40 % cheaper +± 2 %$/);
  });
});

describe('records of releases', () => {
  const folder = mkdtempSync(join(tmpdir(), 'durabill-bench-records-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const machine = thisMachine();
  const record = (release: string, figures: readonly Figure[]): BenchRecord => ({
    release,
    measuredOn: '2026-11-28',
    machine,
    sizes: SMALL,
    figures,
    remarks: [],
  });

  test('are one file a release, of which the newest other one is compared with', () => {
    for (const release of ['0.9.0', '0.10.0', '0.2.0']) writeRecord(folder, record(release, [p99]));
    expect(readdirSync(folder).toSorted(byVersion)).toEqual(['0.2.0.json', '0.9.0.json', '0.10.0.json']);
    expect(lastRecord(folder, '0.11.0')).toEqual(record('0.10.0', [p99]));
    expect(lastRecord(folder, '0.10.0')?.release).toBe('0.9.0');
    expect(lastRecord(join(folder, 'none'), '')).toBeUndefined();
  });

  test('say what has changed, and are silent about what has not, or was not measured then', () => {
    const now = record('0.3.0', [{ ...p99, value: 686 }, { ...cpu, value: 62.5 }, rate]);
    expect(changesSince(record('0.2.0', [p99, cpu]), now)).toEqual(['(c) p99: 12 % slower than 0.2.0']);
  });

  test('are compared only where CPU was told', () => {
    writeRecord(folder, record('0.11.0', [{ ...cpu, value: Number.NaN }, p99]));
    const now = record('0.12.0', [cpu, { ...p99, value: 306.2 }]);
    expect(changesSince(lastRecord(folder, '')!, now)).toEqual(['(c) p99: 50 % quicker than 0.11.0']);
    rmSync(join(folder, '0.11.0.json'));
  });

  test('are not compared across sizes, and only with a word across machines', () => {
    const now = record('0.3.0', [p99]);
    const others = { ...record('0.2.0', [p99]), sizes: { ...SMALL, periods: 2000 } };
    expect(changesSince(others, now)).toEqual(['Not compared with 0.2.0, which was measured at other sizes.']);
    const elsewhere = { ...record('0.2.0', [p99]), machine: { ...machine, cores: machine.cores + 2 } };
    expect(changesSince(elsewhere, now)).toEqual([
      '0.2.0 was measured on another machine: only ratios can be compared.',
    ]);
  });

  test('name no machine', () => {
    expect(Object.keys(machine).toSorted()).toEqual(['cores', 'loadBefore', 'memoryGb', 'node', 'processor', 'system']);
  });
});
