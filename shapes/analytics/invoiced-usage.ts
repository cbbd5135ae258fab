import { z } from 'zod';
import { centsToNumber } from '../../billing/money/cents.ts';
import type { InvoicedUsageRow } from '../../db/queries/analytics/invoiced-usage.ts';

export const invoicedUsageSchema = z
  .strictObject({
    month: z.string().meta({ format: 'date-time', examples: ['2026-01-01T00:00:00.000Z'] }),
    code: z.string().meta({ description: 'Of the billable metric.' }),
    currency: z.string(),
    amount_cents: z.int().meta({ description: 'Without taxes, after coupons.' }),
  })
  .meta({ id: 'InvoicedUsage' });

/** What a metric brought in a month (spec, usage 7.6). */
export const invoicedUsageJson = ({
  month,
  code,
  currency,
  amountCents,
}: InvoicedUsageRow): z.infer<typeof invoicedUsageSchema> => ({
  month: `${month}-01T00:00:00.000Z`,
  code,
  currency,
  amount_cents: centsToNumber(amountCents),
});
