import { shownValue, type Figure, type Unit } from './figure.ts';
import { textTable } from './table.ts';

/** Below this, two runs of the same code differ as much. */
const NOISE = 0.03;

/** By which word a change is told: for what takes time, what happens in a time, and what fills memory. */
const WORDS: Readonly<Record<Unit, readonly [better: string, worse: string]>> = {
  ms: ['quicker', 'slower'],
  s: ['quicker', 'slower'],
  'CPU ms': ['cheaper', 'dearer'],
  'CPU µs': ['cheaper', 'dearer'],
  'a second': ['quicker', 'slower'],
  MB: ['smaller', 'larger'],
  ratio: ['better', 'worse'],
};

/**
 * How a figure has changed, in per cent of what it was.
 *
 * @example change({ ...figure, value: 112, unit: 'ms', better: 'lower' }, 100) // '12 % slower'
 * @example change({ ...figure, value: 40, unit: 'a second', better: 'higher' }, 80) // '50 % slower'
 */
export function change({ value, unit, better }: Pick<Figure, 'value' | 'unit' | 'better'>, before: number): string {
  const part = value / before - 1;
  if (!Number.isFinite(part)) return 'not comparable';
  if (Math.abs(part) < NOISE) return 'the same';
  const [good, bad] = WORDS[unit];
  return `${Math.round(Math.abs(part) * 100)} % ${part < 0 === (better === 'lower') ? good : bad}`;
}

/** The middle one; of an even number, the middle of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** Of several runs of a measure, each figure's median. */
export const medians = (runs: readonly (readonly Figure[])[]): Figure[] =>
  (runs[0] ?? []).map((figure) => ({ ...figure, value: median(runs.map((run) => valueOf(run, figure.id))) }));

/**
 * How far the runs of one side lie apart, as a part of their median: what is no larger is noise. NaN: one run says
 * nothing of it.
 */
export function spread(runs: readonly (readonly Figure[])[], id: string): number {
  if (runs.length < 2) return Number.NaN;
  const values = runs.map((run) => valueOf(run, id));
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

export interface Side {
  readonly name: string;
  readonly runs: readonly (readonly Figure[])[];
}

/** Both sides' figures, how the second has changed, and how far apart the runs of one side were. */
export function comparisonTable(before: Side, after: Side): string {
  const earlier = medians(before.runs);
  return textTable([
    ['measure', before.name, after.name, `${after.name} is`, 'spread'],
    ...medians(after.runs).map((figure) => {
      const was = valueOf(earlier, figure.id);
      const apart = Math.max(spread(before.runs, figure.id), spread(after.runs, figure.id));
      return [
        figure.name,
        shownValue(was, figure.unit),
        shownValue(figure.value, figure.unit),
        change(figure, was),
        Number.isFinite(apart) ? `± ${Math.round(apart * 50)} %` : '',
      ];
    }),
  ]);
}

const valueOf = (figures: readonly Figure[], id: string): number =>
  figures.find((figure) => figure.id === id)?.value ?? Number.NaN;
