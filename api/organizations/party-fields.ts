import { z } from 'zod';
import { isBlank } from '../../billing/blank-text.ts';
import { isTimeZone } from '../../billing/calendar/local-date.ts';
import { CURRENCIES, isCurrency, type Currency } from '../../billing/money/currency.ts';
import { NAME_LENGTH, optionalText } from '../http/validation.ts';
import { isCountry } from './country.ts';

/** Characters that a list of e-mail addresses may have at most. */
const EMAILS_LENGTH = 1_000;

/** Days of a payment term at most: a hundred years. Beyond some thousand times that a due date is no date any more. */
const PAYMENT_TERM_DAYS_MAX = 36_500;

/** Days of a grace period at most. */
const GRACE_PERIOD_DAYS_MAX = 3_650;

const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

const isLocale = (text: string): boolean => /^[a-z]{2}(?:-[A-Z]{2})?$/.test(text) && languages.of(text) !== undefined;

const isEmail = (text: string): boolean => z.regexes.html5Email.test(text);

const isUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** A text with a format: absent, null and blank are all fine and mean that there is none. */
const formatted = (isValid: (text: string) => boolean, code: string, length = NAME_LENGTH) =>
  z
    .string()
    .max(length)
    .nullish()
    .refine((text) => text == null || isBlank(text) || isValid(text), code);

export const country = formatted(isCountry, 'not_a_valid_country_code').meta({
  description: 'ISO 3166-1 alpha-2.',
  examples: ['FR'],
});

export const email = formatted(isEmail, 'invalid_email_format');

/** Several addresses are separated by commas (spec, api 3.2). */
export const emails = formatted(
  (text) => text.split(',').every((address) => isEmail(address.trim())),
  'invalid_email_format',
  EMAILS_LENGTH,
).meta({ description: 'One address, or several separated by commas.', examples: ['ada@example.com'] });

export const url = formatted(isUrl, 'url_is_invalid', EMAILS_LENGTH);

export const locale = formatted(isLocale, 'not_a_valid_language_code').meta({
  description: 'ISO 639-1, with or without a region.',
  examples: ['en'],
});

export const timeZone = formatted(isTimeZone, 'invalid_timezone').meta({
  description: 'Name of an IANA time zone.',
  examples: ['Europe/Paris'],
});

/** A currency that must be one where it is given. */
export const currency = z
  .enum(CURRENCIES as readonly [Currency, ...Currency[]])
  .meta({ id: 'Currency', examples: ['EUR'] });

/** A currency that may be missing. */
export const optionalCurrency = z
  .string()
  .nullish()
  .refine((code) => code == null || isBlank(code) || isCurrency(code), 'value_is_invalid')
  .meta({ description: 'ISO 4217.', examples: ['EUR'] });

/** Days between issuing date and due date. */
export const paymentTerm = z.int().min(0).max(PAYMENT_TERM_DAYS_MAX);

/** Days between the end of a period and the finalization of its invoice. */
export const gracePeriod = z.int().min(0).max(GRACE_PERIOD_DAYS_MAX);

export const issuingDateAnchor = z.enum(['current_period_end', 'next_period_start']);
export const issuingDateAdjustment = z.enum(['keep_anchor', 'align_with_finalization_date']);

/** The texts of an address, except the country. */
export const addressTexts = {
  address_line1: optionalText(),
  address_line2: optionalText(),
  city: optionalText(),
  state: optionalText(),
  zipcode: optionalText(),
};
