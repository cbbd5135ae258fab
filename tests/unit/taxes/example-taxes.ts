import { Decimal } from '../../../billing/money/decimal.ts';
import type { TaxableFee } from '../../../billing/taxes/fee-taxes.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';

/** A tax whose id and name are its code. */
export const exampleTax = (code: string, rate: string): Tax => ({
  taxId: code,
  code,
  name: code,
  description: null,
  rate: new Decimal(rate),
});

/** A fee of cents, precisely as much unless told otherwise. */
export const exampleFee = (amountCents: number, coupons = '0', precise = String(amountCents)): TaxableFee => ({
  amountCents: BigInt(amountCents),
  preciseAmountCents: new Decimal(precise),
  preciseCouponsAmountCents: new Decimal(coupons),
});
