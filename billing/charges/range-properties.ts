import { Decimal, parseDecimalString } from '../money/decimal.ts';
import type { GraduatedPercentageRange } from './graduated-percentage.ts';
import type { GraduatedRange } from './graduated.ts';
import { asObject, type Checked, type Json, type ModelProperties, type PropertiesErrorCode } from './property-check.ts';

/** Checks `graduated_ranges`: 0-10, 11 onwards, each with its prices (spec, usage 3.4). */
export function checkGraduated(given: Json): Checked<ModelProperties> {
  const { rows, codes } = checkRanges(given['graduated_ranges'], {
    missing: 'missing_graduated_ranges',
    invalid: 'invalid_graduated_ranges',
    gaps: [0, 1],
    prices: UNIT_PRICES,
  });
  if (codes.length > 0) return { codes };
  return {
    value: {
      properties: { graduated_ranges: rows },
      pricing: { chargeModel: 'graduated', ranges: rows.map(graduatedRange) },
    },
    codes,
  };
}

/** Checks `volume_ranges`; they may leave a unit out, as 0-10 and 12 onwards do (spec, usage 3.4). */
export function checkVolume(given: Json): Checked<ModelProperties> {
  const { rows, codes } = checkRanges(given['volume_ranges'], {
    missing: 'missing_volume_ranges',
    invalid: 'invalid_volume_ranges',
    gaps: [1, 2],
    prices: UNIT_PRICES,
  });
  if (codes.length > 0) return { codes };
  return {
    value: {
      properties: { volume_ranges: rows },
      pricing: { chargeModel: 'volume', ranges: rows.map(graduatedRange) },
    },
    codes,
  };
}

/** Checks `graduated_percentage_ranges`: as graduated ones, with a rate for the price of a unit (spec, usage 3.4). */
export function checkGraduatedPercentage(given: Json): Checked<ModelProperties> {
  const { rows, codes } = checkRanges(given['graduated_percentage_ranges'], {
    missing: 'missing_graduated_percentage_ranges',
    invalid: 'invalid_graduated_percentage_ranges',
    gaps: [0, 1],
    prices: [
      ['flat_amount', 'invalid_amount'],
      ['rate', 'invalid_rate'],
    ],
  });
  if (codes.length > 0) return { codes };
  return {
    value: {
      properties: { graduated_percentage_ranges: rows },
      pricing: { chargeModel: 'graduated_percentage', ranges: rows.map(graduatedPercentageRange) },
    },
    codes,
  };
}

interface RangeRules {
  readonly missing: PropertiesErrorCode;
  readonly invalid: PropertiesErrorCode;
  /** How far a range may begin above the end of the one before it; the first one begins at 0 or 1. */
  readonly gaps: readonly number[];
  /** The members that are decimals, and the codes of those that are none. */
  readonly prices: readonly (readonly [key: string, code: PropertiesErrorCode])[];
}

const UNIT_PRICES: RangeRules['prices'] = [
  ['per_unit_amount', 'invalid_amount'],
  ['flat_amount', 'invalid_amount'],
];

function checkRanges(
  sent: unknown,
  rules: RangeRules,
): { readonly rows: readonly Json[]; readonly codes: readonly PropertiesErrorCode[] } {
  if (!Array.isArray(sent) || sent.length === 0) return { rows: [], codes: [rules.missing] };
  const rows = sent.map((row) => keepRangeKeys(row, rules));
  const codes = rules.prices.flatMap(([key, code]) =>
    rows.every((row) => parseDecimalString(row[key]) !== undefined) ? [] : [code],
  );
  const isInBounds = rows.every((row, at) => isRangeInBounds(row, rows[at - 1], at === rows.length - 1, rules.gaps));
  return { rows, codes: [...new Set(codes), ...(isInBounds ? [] : [rules.invalid])] };
}

// A missing upper bound and null mean the same; what is stored says so.
function keepRangeKeys(row: unknown, { prices }: RangeRules): Json {
  const given = asObject(row);
  const { from_value, to_value = null } = given;
  return { from_value, to_value, ...Object.fromEntries(prices.map(([key]) => [key, given[key]])) };
}

// "Bounds rule" of usage 3.4.
function isRangeInBounds(row: Json, previous: Json | undefined, isLast: boolean, gaps: readonly number[]): boolean {
  const { from_value: from, to_value: to } = row;
  const end = previous === undefined ? 0 : previous['to_value'];
  if (!isBound(end) || !isBound(from)) return false;
  const gap = new Decimal(from).minus(end);
  if (!(previous === undefined ? [0, 1] : gaps).some((allowed) => gap.eq(allowed))) return false;
  return isLast ? to === null : isBound(to) && to > from;
}

// Larger numbers have already lost digits when their JSON was read.
function isBound(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

const boundsOf = (row: Json) => ({
  fromValue: row['from_value'] as number,
  toValue: row['to_value'] as number | null,
});

const graduatedRange = (row: Json): GraduatedRange => ({
  ...boundsOf(row),
  perUnitAmount: parseDecimalString(row['per_unit_amount'])!,
  flatAmount: parseDecimalString(row['flat_amount'])!,
});

const graduatedPercentageRange = (row: Json): GraduatedPercentageRange => ({
  ...boundsOf(row),
  rate: parseDecimalString(row['rate'])!,
  flatAmount: parseDecimalString(row['flat_amount'])!,
});
