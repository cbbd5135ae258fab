import { invalid } from '../refusal.ts';

/** A charge with its own code, or none yet. */
export interface CodelessCharge {
  /** null: it gets one. */
  readonly code: string | null;
  readonly metricCode: string;
}

/**
 * The codes of a plan's charges, in their order. A charge without one is called like its metric; where that is taken,
 * `<metric>_2`, `<metric>_3` and so on, one above the largest suffix in use (spec, usage 3.2). Of three charges of the
 * metric `calls`, the second with the code `calls_7`: `calls`, `calls_7`, `calls_8`.
 *
 * @throws Refusal 422 `code: value_already_exist` when two have the same.
 */
export function chargeCodes(charges: readonly CodelessCharge[]): string[] {
  const taken = new Set<string>();
  for (const { code } of charges) {
    if (code === null) continue;
    if (taken.has(code)) throw invalid({ code: ['value_already_exist'] });
    taken.add(code);
  }
  return charges.map(({ code, metricCode }) => {
    if (code !== null) return code;
    const free = taken.has(metricCode) ? `${metricCode}_${nextSuffix(metricCode, taken)}` : metricCode;
    taken.add(free);
    return free;
  });
}

function nextSuffix(metricCode: string, taken: ReadonlySet<string>): bigint {
  let largest = 1n;
  for (const code of taken) {
    const suffix = code.startsWith(`${metricCode}_`) ? code.slice(metricCode.length + 1) : '';
    if (/^[1-9]\d*$/.test(suffix) && BigInt(suffix) > largest) largest = BigInt(suffix);
  }
  return largest + 1n;
}
