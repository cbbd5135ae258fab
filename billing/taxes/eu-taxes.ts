import { EU_COUNTRIES, euCountry } from './eu-countries.ts';
import { rateInForce, type EuCountryCode } from './eu-rates.ts';

/** A tax that turning EU tax management on makes in the organization, or makes anew (spec, money 1.7). */
export interface GeneratedTax {
  readonly code: string;
  readonly name: string;
  readonly description: string;
  /** Percent. */
  readonly rate: string;
}

export const REVERSE_CHARGE = 'lago_eu_reverse_charge';
export const TAX_EXEMPT = 'lago_eu_tax_exempt';

export const standardCode = (country: EuCountryCode): string => `lago_eu_${country.toLowerCase()}_standard`;

export const exceptionCode = (country: EuCountryCode, slug: string): string =>
  `lago_eu_${country.toLowerCase()}_exception_${slug}`;

/** Whether a tax is one of those, by its code, however it is written (spec, money 1.7). */
export const isEuTaxCode = (code: string): boolean => code.toLowerCase().startsWith('lago_eu');

/**
 * All of them with the rates of a day, `YYYY-MM-DD`.
 *
 * On 2026-11-28, for Finland: `lago_eu_fi_standard` at 25.5 and `lago_eu_fi_exception_aland_islands` at 0.
 */
export function generatedTaxes(day: string): readonly GeneratedTax[] {
  return [
    ...EU_COUNTRIES.flatMap((country) => taxesOfCountry(country, day)),
    {
      code: REVERSE_CHARGE,
      name: 'Reverse Charge',
      description: 'Reverse charge: the customer owes the VAT in its own member state',
      rate: '0',
    },
    {
      code: TAX_EXEMPT,
      name: 'Tax Exempt',
      description: 'No VAT: the customer is outside of the European Union',
      rate: '0',
    },
  ];
}

function taxesOfCountry(country: EuCountryCode, day: string): readonly GeneratedTax[] {
  const { standard, territories } = euCountry(country);
  return [
    {
      code: standardCode(country),
      name: `${country} Standard`,
      description: `Standard rate of VAT in ${country}`,
      rate: rateInForce(standard, day),
    },
    ...territories.map(({ slug, name, rates }) => ({
      code: exceptionCode(country, slug),
      name: `${country} ${name} Standard`,
      description: `Standard rate of VAT in ${country}, ${name}`,
      rate: rateInForce(rates, day),
    })),
  ];
}
