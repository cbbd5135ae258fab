/** What is measured, in what a person reads and a later release is compared by. */
export interface Figure {
  /** The same from release to release. */
  readonly id: string;
  /** With the letter of its measure: "(a) periods billed a second". */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly better: 'lower' | 'higher';
  /** Absent: a figure without an aim, such as a limit that others are measured against. */
  readonly aim?: number;
  /** Where the figure comes from, such as CPU by role. */
  readonly parts?: Readonly<Record<string, number>>;
}

export type Unit = 'ms' | 'CPU ms' | 'CPU µs' | 's' | 'a second' | 'MB' | 'ratio';

/** What one measure found. */
export interface Measured {
  readonly figures: readonly Figure[];
  /** What no figure says, such as a warning. */
  readonly remarks?: readonly string[];
}

export const isMet = ({ value, better, aim }: Figure): boolean | undefined =>
  aim === undefined ? undefined : better === 'lower' ? value <= aim : value >= aim;

/** @example shownValue(79.123, 'CPU ms') // '79.1 CPU ms' */
export function shownValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return 'not told';
  const size = Math.abs(value);
  const digits = unit === 'ratio' || size < 10 ? 2 : size < 100 ? 1 : 0;
  return unit === 'ratio' ? value.toFixed(digits) : `${value.toFixed(digits)} ${unit}`;
}
