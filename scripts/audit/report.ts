import { styleText } from 'node:util';
import type { BrokenRule } from '../../db/audit/check.ts';
import type { CheckResult } from '../../db/audit/open-audit.ts';

export interface TimedResult extends CheckResult {
  readonly ms: number;
}

export const errorsOf = (results: readonly CheckResult[]): readonly BrokenRule[] =>
  results.flatMap(({ broken }) => broken.filter(({ severity }) => severity === 'error'));

const countOf = (broken: readonly BrokenRule[]): number => broken.reduce((sum, { count }) => sum + count, 0);

/** One line for a check that has been made. */
export function checkLine({ title, examined, broken, ms }: TimedResult): string {
  const errors = countOf(broken.filter(({ severity }) => severity === 'error'));
  const warnings = countOf(broken) - errors;
  const mark = errors > 0 ? styleText('red', '✗') : warnings > 0 ? styleText('yellow', '!') : styleText('green', '✓');
  const found = [
    ...(errors > 0 ? [`${errors} found`] : []),
    ...(warnings > 0 ? [`${warnings} to look after`] : []),
  ].join(', ');
  return `${mark} ${title.padEnd(38)} ${examined}${found === '' ? '' : `: ${found}`} (${(ms / 1000).toFixed(1)} s)`;
}

/** Every rule that does not hold, with what it was found on and what to do. */
export function findingsText(results: readonly CheckResult[]): string {
  const text = results
    .flatMap(({ broken }) => broken)
    .map((rule) => {
      const shown = rule.findings.map(({ subject, detail }) => `    ${subject}: ${detail}`);
      const more = rule.count > shown.length ? [`    ... and ${rule.count - shown.length} more`] : [];
      const mark = rule.severity === 'error' ? styleText('red', '✗') : styleText('yellow', '!');
      return [`\n${mark} Should hold: ${rule.holds}`, ...shown, ...more, `  What to do: ${rule.advice}`].join('\n');
    });
  return text.join('\n');
}

/** The last line: what it comes to. */
export function summaryLine(results: readonly CheckResult[]): string {
  const errors = countOf(errorsOf(results));
  const warnings = countOf(results.flatMap(({ broken }) => broken)) - errors;
  const rest = warnings > 0 ? `, ${warnings} to look after` : '';
  return errors > 0 ? `\n${errors} found${rest}` : `\nNothing found${rest}`;
}
