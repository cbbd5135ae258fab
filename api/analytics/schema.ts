import { z } from 'zod';
import { isCurrency } from '../../billing/money/currency.ts';
import { invoicedUsageSchema } from '../../shapes/analytics/invoiced-usage.ts';
import { knownFilter, textFilter } from '../http/filters.ts';

const isMonths = (text: string): boolean => /^[1-9]\d{0,2}$/.test(text);

export const invoicedUsageQuery = z.object({
  currency: knownFilter(isCurrency).meta({ description: 'Only amounts in this currency.' }),
  months: knownFilter(isMonths)
    .transform((text) => (text === undefined ? undefined : Number(text)))
    .meta({
      override: { type: 'integer', minimum: 1, maximum: 999 },
      description: 'The current month and those before it, so many in all.',
    }),
  billing_entity_code: textFilter().meta({ description: 'Only what this billing entity has invoiced.' }),
});

export const invoicedUsageAnswer = z.strictObject({ invoiced_usages: z.array(invoicedUsageSchema) });
