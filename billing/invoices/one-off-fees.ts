import type { AddOnFeeFacts } from '../fees/generate-add-on-fee.ts';
import { isWithinJsonRange, roundToCents } from '../money/cents.ts';
import { ZERO, type Decimal } from '../money/decimal.ts';
import { invalid, notFound } from '../refusal.ts';
import type { Tax } from '../taxes/tax.ts';

/** A line of a one-off invoice as a request names it; null: as the add-on says. */
export interface OneOffFeeCommand {
  readonly addOnCode: string;
  readonly unitAmountCents: bigint | null;
  readonly units: Decimal;
  readonly invoiceDisplayName: string | null;
  readonly description: string | null;
  /** null: those that apply anyway. */
  readonly taxCodes: readonly string[] | null;
  /** Both or none; none: now. */
  readonly fromDatetime: Date | null;
  readonly toDatetime: Date | null;
}

/** What of an add-on a line takes over. */
export interface SoldAddOn {
  readonly id: string;
  readonly name: string;
  readonly invoiceDisplayName?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly amountCents: bigint;
}

/** A line at most is taxed with as much as a hundred times itself (`taxes/tax-rate.ts`), and so many taxes. */
const TAXED_TIMES_MAX = 101;

/**
 * The lines of a one-off invoice (spec, subscriptions-and-invoices 9): what the request does not say, the add-on does.
 *
 * @param addOns by code; @param taxes by code; both as far as they exist.
 * @throws Refusal 404 `fees_not_found` without any, `add_on_not_found`, `tax_not_found`; 422 `boundaries:
 * values_are_invalid`, and `fees: value_is_out_of_range` for more than an invoice can say.
 */
export function oneOffFees(
  commands: readonly OneOffFeeCommand[],
  addOns: ReadonlyMap<string, SoldAddOn>,
  taxes: ReadonlyMap<string, Tax>,
  now: Date,
): readonly AddOnFeeFacts[] {
  if (commands.length === 0) throw notFound('fees');
  const fees = commands.map((command) => {
    const addOn = addOns.get(command.addOnCode);
    if (!addOn) throw notFound('add_on');
    return {
      addOnId: addOn.id,
      unitAmountCents: command.unitAmountCents ?? addOn.amountCents,
      units: command.units,
      invoiceDisplayName: command.invoiceDisplayName ?? addOn.invoiceDisplayName ?? addOn.name,
      description: command.description ?? addOn.description ?? null,
      taxes: [...new Set(command.taxCodes ?? [])].map((code) => taxOf(code, taxes)),
      ...boundaries(command, now),
    };
  });
  const sum = fees.reduce((all, { unitAmountCents, units }) => all.plus(units.times(unitAmountCents.toString())), ZERO);
  if (!isWithinJsonRange(roundToCents(sum.times(TAXED_TIMES_MAX)))) throw invalid({ fees: ['value_is_out_of_range'] });
  return fees;
}

function taxOf(code: string, taxes: ReadonlyMap<string, Tax>): Tax {
  const tax = taxes.get(code);
  if (!tax) throw notFound('tax');
  return tax;
}

function boundaries({ fromDatetime, toDatetime }: OneOffFeeCommand, now: Date) {
  if (fromDatetime === null && toDatetime === null) return { fromDatetime: now, toDatetime: now };
  if (fromDatetime === null || toDatetime === null || fromDatetime > toDatetime) {
    throw invalid({ boundaries: ['values_are_invalid'] });
  }
  return { fromDatetime, toDatetime };
}
