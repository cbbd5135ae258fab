import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Switches } from './installation/switches.ts';
import type { MeasureName } from './measures/catalogue.ts';
import type { Sizes } from './measures/sizes.ts';
import { comparisonTable } from './report/comparison.ts';
import type { Figure } from './report/figure.ts';
import { runMeasure } from './run-measure.ts';

export interface Comparison {
  readonly repository: string;
  /** What this checkout is compared with; undefined: itself, without the switches. */
  readonly commit: string | undefined;
  readonly measures: readonly MeasureName[];
  readonly sizes: Sizes;
  readonly switches: Switches;
  readonly pairs: number;
  readonly say: (text: string) => void;
}

/**
 * Measures two sides in turn, A B A B, so that what else the machine does meanwhile falls on both.
 *
 * @returns the table of both sides' medians.
 */
export async function compare({ repository, commit, ...options }: Comparison): Promise<string> {
  const { measures, sizes, switches, pairs, say } = options;
  const folder = mkdtempSync(join(tmpdir(), 'durabill-compare-'));
  const other = join(folder, 'checkout');
  try {
    if (commit !== undefined) say(checkOut(repository, commit, other));
    const sides = [
      { name: commit ?? 'without', checkout: commit === undefined ? repository : other, switches: {} },
      { name: commit === undefined ? nameOf(switches) : 'this', checkout: repository, switches },
    ].map((side) => ({ ...side, runs: [] as Figure[][] }));
    for (let pair = 1; pair <= pairs; pair += 1) {
      for (const side of sides) {
        const figures: Figure[] = [];
        for (const name of measures) {
          say(`${pair} of ${pairs}: (${name}) ${side.name}`);
          const request = { name, sizes, switches: side.switches, withLimits: false };
          const measured = await runMeasure(side.checkout, request, (text) => say(`  ${text}`));
          figures.push(...measured.figures);
        }
        side.runs.push(figures);
      }
    }
    return comparisonTable(sides[0]!, sides[1]!);
  } finally {
    if (existsSync(other)) {
      rmSync(join(other, 'node_modules'), { force: true });
      git(repository, ['worktree', 'remove', '--force', other]);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

const nameOf = (switches: Switches): string =>
  Object.entries(switches)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || 'again';

/**
 * With this checkout's packages, and measured by its own bench: ours knows our rows and files, not its.
 *
 * @returns what the reader should know.
 * @throws Error when its bench is too old.
 */
function checkOut(repository: string, commit: string, folder: string): string {
  git(repository, ['worktree', 'add', '--detach', folder, commit]);
  if (!existsSync(join(folder, 'bench', 'measure.ts'))) {
    throw new Error(`${commit} cannot be compared: its bench is from before measures were processes of their own.`);
  }
  const lockOf = (path: string): string => readFileSync(join(path, 'package-lock.json'), 'utf8');
  const isSame = lockOf(folder) === lockOf(repository);
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const packages = isSame ? '' : ' It wants other packages than this checkout, and gets those of this one.';
  return `${commit} is measured by its own bench.${packages}`;
}

function git(folder: string, parameters: readonly string[]): void {
  const { status, stderr } = spawnSync('git', parameters, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${parameters.join(' ')}: ${stderr}`);
}
