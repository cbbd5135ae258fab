import { z } from 'zod';
import { centsToNumber } from '../../billing/money/cents.ts';
import { Decimal, plainDecimal } from '../../billing/money/decimal.ts';
import type { StoredPricingUnit } from '../../db/entities/invoices/fee.ts';

const decimal = z.string().meta({ examples: ['12.0'] });

/** What a fee costs in the pricing unit of its charge (spec, usage 11); cents are hundredths of the unit. */
export const pricingUnitDetailsSchema = z
  .strictObject({
    lago_pricing_unit_id: z.uuid(),
    pricing_unit_code: z.string(),
    short_name: z.string(),
    amount_cents: z.int(),
    precise_amount_cents: decimal,
    unit_amount_cents: z.int(),
    precise_unit_amount: decimal,
    conversion_rate: decimal,
  })
  .meta({ id: 'PricingUnitDetails' });

const plain = (text: string): string => plainDecimal(new Decimal(text));

/** The rate is that of the moment when the fee was made. */
export const pricingUnitDetailsJson = (
  stored: StoredPricingUnit | null,
): z.infer<typeof pricingUnitDetailsSchema> | null =>
  stored && {
    lago_pricing_unit_id: stored.id,
    pricing_unit_code: stored.code,
    short_name: stored.shortName,
    amount_cents: centsToNumber(BigInt(stored.amountCents)),
    precise_amount_cents: plain(stored.preciseAmountCents),
    unit_amount_cents: centsToNumber(BigInt(stored.unitAmountCents)),
    precise_unit_amount: plain(stored.preciseUnitAmount),
    conversion_rate: plain(stored.conversionRate),
  };
