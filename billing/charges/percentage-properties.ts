import { isBlank } from '../blank-text.ts';
import { parseDecimalString, ZERO, type Decimal } from '../money/decimal.ts';
import { present, type Checked, type Json, type ModelProperties, type PropertiesErrorCode } from './property-check.ts';

/**
 * Checks what a percentage charge is made of: `{ rate: '1.2', fixed_amount: '0.1' }`; only the rate is required (spec,
 * usage 3.4).
 */
export function checkPercentage(given: Json): Checked<ModelProperties> {
  const codes: PropertiesErrorCode[] = [];
  const rate = parseDecimalString(given['rate']);
  if (!rate) codes.push('invalid_rate');
  const optional = (value: unknown, code: PropertiesErrorCode): Decimal | null => {
    if (value === undefined || value === null) return null;
    const decimal = parseDecimalString(value);
    if (!decimal) codes.push(code);
    return decimal ?? null;
  };
  const fixedAmount = optional(given['fixed_amount'], 'invalid_fixed_amount');
  const freeEvents = given['free_units_per_events'] ?? null;
  if (freeEvents !== null && !isCount(freeEvents)) codes.push('invalid_free_units_per_events');
  const freeUnits = optional(given['free_units_per_total_aggregation'], 'invalid_free_units_per_total_aggregation');
  const [minimum, maximum] = ['per_transaction_min_amount', 'per_transaction_max_amount'].map((key) =>
    optional(isBlankText(given[key]) ? null : given[key], 'invalid_amount'),
  );
  if (minimum && maximum && minimum.gt(maximum)) codes.push('per_transaction_max_lower_than_per_transaction_min');
  if (codes.length > 0 || !rate) return { codes };
  return {
    value: {
      properties: present(given, KEYS),
      pricing: {
        chargeModel: 'percentage',
        rate,
        fixedAmount: fixedAmount ?? ZERO,
        freeEvents: isCount(freeEvents) ? freeEvents : 0,
        freeUnits: freeUnits ?? ZERO,
        minimum: minimum ?? null,
        maximum: maximum ?? null,
      },
    },
    codes,
  };
}

const KEYS = [
  'rate',
  'fixed_amount',
  'free_units_per_events',
  'free_units_per_total_aggregation',
  'per_transaction_min_amount',
  'per_transaction_max_amount',
];

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const isBlankText = (value: unknown): boolean => typeof value === 'string' && isBlank(value);
