import { z } from 'zod';
import { Decimal, parseDecimalString } from '../../billing/money/decimal.ts';
import { unavailable } from '../document/unavailable.ts';
import { instant } from '../http/instants.ts';
import { optionalText, requiredText, TEXT_LENGTH } from '../http/validation.ts';
import { optionalCurrency } from '../organizations/party-fields.ts';
import { paymentMethod } from '../subscriptions/schema.ts';
import { taxCodes } from '../taxes/schema.ts';

const FEES_MAX = 500;

const optionalInstant = { override: { type: ['string' as const, 'null' as const], format: 'date-time' } };

/** How many; a JSON number or a decimal as a text, of at least 0. */
const units = z
  .unknown()
  .transform((input, context): Decimal => {
    if (input == null || input === '') return new Decimal(1);
    const text = typeof input === 'number' ? new Decimal(input).toFixed() : input;
    const value = typeof text === 'string' ? parseDecimalString(text.replace(/^-/, '')) : undefined;
    if (value === undefined || typeof text !== 'string') {
      context.addIssue({ code: 'custom', message: 'value_is_invalid' });
      return z.NEVER;
    }
    if (text.startsWith('-') && !value.isZero()) {
      context.addIssue({ code: 'custom', message: 'value_is_out_of_range' });
      return z.NEVER;
    }
    return value;
  })
  .meta({ override: { type: ['number', 'string', 'null'], description: '1 when absent.', examples: ['2.5'] } });

const fee = z
  .object({
    add_on_code: requiredText(),
    unit_amount_cents: z.int().min(0).nullish().meta({ description: "The add-on's when absent." }),
    units: units.optional(),
    invoice_display_name: optionalText(),
    description: optionalText(TEXT_LENGTH),
    tax_codes: taxCodes,
    from_datetime: instant().nullish().meta(optionalInstant),
    to_datetime: instant().nullish().meta(optionalInstant),
  })
  .meta({ id: 'OneOffFeeInput' });

export const oneOffInvoiceInput = z
  .object({
    external_customer_id: requiredText(),
    currency: optionalCurrency,
    billing_entity_code: optionalText(),
    fees: z.array(fee).max(FEES_MAX).nullish(),
    skip_psp: z
      .boolean()
      .nullish()
      .meta({ description: 'Whether no payment is asked for. There are no payment providers: none ever is.' }),
    purchase_order_number: optionalText(),
    payment_method: paymentMethod.meta({
      description: 'How it is paid. There are no payment providers: `provider`, the default, asks nobody either.',
    }),
    invoice_custom_section: unavailable(z.unknown().optional(), 'Texts of your own on invoices.'),
  })
  .meta({ id: 'OneOffInvoiceInput' });

export type OneOffInvoiceInput = z.output<typeof oneOffInvoiceInput>;
