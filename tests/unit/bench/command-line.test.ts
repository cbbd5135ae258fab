import { describe, expect, test } from '@jest/globals';
import { parseSwitches, postgresSettings, temporalArguments } from '../../../bench/installation/switches.ts';
import { MEASURES, measuresNamed } from '../../../bench/measures/catalogue.ts';
import { FULL, SMALL, sizesOf } from '../../../bench/measures/sizes.ts';

describe('measures', () => {
  test('are all of them unless some are named, and each at most once', () => {
    expect(measuresNamed([])).toEqual(MEASURES);
    expect(measuresNamed(['e', `a'`, 'c']).map(({ name }) => name)).toEqual([`a'`, 'c']);
    expect(() => measuresNamed(['a', 'z'])).toThrow('There is no measure "z"');
  });

  test('have names of their own', () => {
    const names = measuresNamed([]).flatMap(({ name, others = [] }) => [name, ...others]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('sizes', () => {
  test('are those of the base unless given', () => {
    expect(sizesOf(FULL, {})).toEqual(FULL);
    expect(sizesOf(SMALL, { events: '20000' })).toEqual({ ...SMALL, events: 20_000 });
  });

  test.each(['0', '-1', '1.5', 'many', '20001', ''])('refuse %s periods', (periods) => {
    expect(() => sizesOf(FULL, { periods })).toThrow('--periods');
  });
});

describe('switches', () => {
  test('reach the server that they are for', () => {
    const switches = parseSwitches(['gogc=200', 'synchronous=normal', 'refresh=off', 'pg.autovacuum_naptime=1s']);
    expect(temporalArguments(switches)).toEqual([
      '--sqlite-pragma',
      'synchronous=normal',
      '--dynamic-config-value',
      'system.forceSearchAttributesCacheRefreshOnRead=false',
    ]);
    expect(postgresSettings(switches)).toEqual(['autovacuum_naptime=1s']);
    expect([temporalArguments({}), postgresSettings({})]).toEqual([[], []]);
  });

  test.each(['gogc', 'gogc=', 'speed=high', 'pg.x;y=1'])('refuse %s', (text) => {
    expect(() => parseSwitches([text])).toThrow(`--with ${text}`);
  });
});
