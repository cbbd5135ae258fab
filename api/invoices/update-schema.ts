import { z } from 'zod';
import { oneOf, optionalText } from '../http/validation.ts';
import { PAYMENT_STATUSES } from './list-query.ts';

/** Spec, api 1.5. */
const METADATA_MAX = 5;
const METADATA_KEY_LENGTH = 20;
const METADATA_VALUE_LENGTH = 140;

const metadataItem = z
  .object({
    id: optionalText().meta({ description: 'Of the item to change; without it a new one is made.' }),
    key: optionalText(METADATA_KEY_LENGTH),
    value: optionalText(METADATA_VALUE_LENGTH),
  })
  .meta({ id: 'InvoiceMetadataInput' });

export const invoiceUpdateSchema = z
  .object({
    payment_status: oneOf(PAYMENT_STATUSES).nullish(),
    metadata: z
      .array(metadataItem)
      .refine((items) => items.length <= METADATA_MAX, 'invalid_count')
      .nullish()
      .meta({ description: 'All of it: what is not listed is deleted. 5 at most.' }),
  })
  .meta({ id: 'InvoiceUpdateInput' });

export type InvoiceUpdateInput = z.infer<typeof invoiceUpdateSchema>;
