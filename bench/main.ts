// npm run bench [-- a "a'" b c d e f g h i j]: what billing costs, beside limits and aims.
//   --small                    whether it works, in some minutes; or sizes of one's own: --periods 500 --events 20000
//   --with gogc=200            with a setting under test
//   --record                   writes bench/results/<release>.json
//   compare <commit> [e d f]   this checkout beside another commit, in turn
//   compare --with gogc=200    a setting under test beside the same without it, in turn
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare } from './compare.ts';
import { parseSwitches } from './installation/switches.ts';
import { isMeasure, measuresNamed } from './measures/catalogue.ts';
import { FULL, SMALL, sizesOf } from './measures/sizes.ts';
import type { Figure } from './report/figure.ts';
import { thisMachine } from './report/machine.ts';
import { changesSince, lastRecord, writeRecord } from './report/records.ts';
import { figureTable, partsOf } from './report/table.ts';
import { runMeasure } from './run-measure.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const results = fileURLToPath(new URL('results', import.meta.url));
const say = (text = ''): void => console.log(text);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    with: { type: 'string', multiple: true, default: [] },
    pairs: { type: 'string', default: '2' },
    periods: { type: 'string' },
    rounds: { type: 'string' },
    requests: { type: 'string' },
    events: { type: 'string' },
    live: { type: 'string' },
    crowd: { type: 'string' },
    instant: { type: 'string' },
    fees: { type: 'string' },
  },
});
const sizes = sizesOf(values.small ? SMALL : FULL, values);
const switches = parseSwitches(values.with);

try {
  if (positionals[0] === 'compare') await compareSides(positionals.slice(1));
  else await measureAll(positionals);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function compareSides(given: readonly string[]): Promise<void> {
  const [commit, ...rest] = given.toSorted((one, other) => Number(isMeasure(one)) - Number(isMeasure(other)));
  const hasCommit = commit !== undefined && !isMeasure(commit);
  const named = hasCommit ? rest : given;
  const measures = measuresNamed(named.length === 0 ? ['e', 'd', 'f'] : named).map(({ name }) => name);
  const pairs = Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1 || pairs > 20) throw new Error('--pairs must be a number from 1 to 20.');
  if (!hasCommit && values.with.length === 0) {
    throw new Error('compare what? A commit (compare v0.1.0), or a setting (compare --with gogc=200).');
  }
  const table = await compare({
    repository,
    commit: hasCommit ? commit : undefined,
    measures,
    sizes,
    switches,
    pairs,
    say,
  });
  say();
  say(table);
}

async function measureAll(names: readonly string[]): Promise<void> {
  const measures = measuresNamed(names);
  if (values.record && (measures.length < measuresNamed([]).length || values.with.length > 0)) {
    throw new Error('--record is for all measures, of durabill as it is.');
  }
  const machine = thisMachine();
  say(`durabill bench on ${machine.cores} cores (${machine.processor}), load ${machine.loadBefore}`);
  const figures: Figure[] = [];
  const remarks: string[] = [];
  for (const { name, title } of measures) {
    say(`(${name}) ${title}`);
    const request = { name, sizes, switches, withLimits: true };
    const measured = await runMeasure(repository, request, (text) => say(`  ${text}`));
    figures.push(...measured.figures);
    remarks.push(...(measured.remarks ?? []));
  }
  say();
  say(figureTable(figures));
  say();
  for (const figure of figures) {
    const parts = partsOf(figure);
    if (parts !== undefined) say(parts);
  }
  for (const remark of remarks) say(remark);
  const { version } = JSON.parse(readFileSync(`${repository}/package.json`, 'utf8')) as { readonly version: string };
  const last = lastRecord(results, values.record ? version : '');
  if (last !== undefined) {
    say();
    for (const line of changesSince(last, { machine, sizes, figures })) say(line);
  }
  if (!values.record) return;
  const record = {
    release: version,
    measuredOn: new Date().toISOString().slice(0, 10),
    machine,
    sizes,
    figures,
    remarks,
  };
  say(`written: ${writeRecord(results, record)}`);
}
