/** What a run of jest found in one test file (tests/support/reporter.cjs). */
export interface FileOutcome {
  readonly file: string;
  readonly passed: number;
  /** The names of the tests that failed; `(the file itself)` for what failed outside of them. */
  readonly failed: readonly string[];
  readonly skipped: number;
  readonly seconds: number;
}

export interface Outcome {
  readonly files: readonly FileOutcome[];
  /** What failed outside of any file, or was not run because jest ended. */
  readonly errors: readonly string[];
}

export interface Verdict {
  /** How many tests never failed. */
  readonly passed: number;
  readonly skipped: number;
  /** What failed in both runs, or in the only one: broken. */
  readonly failed: readonly string[];
  /** What failed in one of two runs. */
  readonly flaky: readonly string[];
}

/** What failed outside of a file's tests is called this; it is no test. */
export const FILE_ITSELF = '(the file itself)';

/** @param again the second run, of the files in which something failed; undefined when there was none. */
export function judge(first: Outcome, again?: Outcome): Verdict {
  const second = new Map(again?.files.map((outcome) => [outcome.file, outcome]));
  const judged = first.files.map((outcome) => judgeFile(outcome, second.get(outcome.file)));
  return {
    passed: judged.reduce((sum, { passed }) => sum + passed, 0),
    skipped: judged.reduce((sum, { skipped }) => sum + skipped, 0),
    failed: [...judged.flatMap(({ failed }) => failed), ...first.errors],
    flaky: judged.flatMap(({ flaky }) => flaky),
  };
}

function judgeFile(first: FileOutcome, second: FileOutcome | undefined): Verdict {
  const before = namesOf(first);
  if (second === undefined) return { ...first, failed: before, flaky: [] };
  const after = namesOf(second);
  // A run in which the file itself failed says nothing of its tests: the other one does.
  if (didNotRun(first)) return { ...second, failed: after, flaky: without(before, after) };
  if (didNotRun(second)) return { ...first, failed: before, flaky: [] };
  const flaky = [...without(before, after), ...without(after, before)];
  return { ...first, passed: first.passed - without(after, before).length, failed: without(before, flaky), flaky };
}

const namesOf = ({ file, failed }: FileOutcome): string[] => failed.map((name) => `${file}: ${name.slice(0, 200)}`);

const didNotRun = ({ failed }: FileOutcome): boolean => failed.includes(FILE_ITSELF);

const without = (names: readonly string[], others: readonly string[]): string[] =>
  names.filter((name) => !others.includes(name));
