import { EU_RATES, type EuCountry, type EuCountryCode, type EuTerritory } from './eu-rates.ts';

/** Whether a country, in upper case, is in the European Union; no country is not (spec, money 1.7). */
export const isInEu = (country: string | null | undefined): country is EuCountryCode =>
  country != null && Object.hasOwn(EU_RATES, country);

/** Every member state, in the order of its code. */
export const EU_COUNTRIES = Object.keys(EU_RATES) as readonly EuCountryCode[];

export const euCountry = (code: EuCountryCode): EuCountry => EU_RATES[code];

/**
 * The territory with a rate of its own that a postal code of a country is in (spec, money 1.7). Postal codes are
 * written in many ways: spaces are left out, and the pattern is looked for at the beginning.
 *
 * `ES`, `350 01`: the Canary Islands.
 */
export function territoryOf(code: EuCountryCode, zipcode: string | null): EuTerritory | null {
  if (zipcode === null) return null;
  const written = zipcode.replaceAll(/\s/g, '');
  return euCountry(code).territories.find((territory) => territory.zipcode.test(written)) ?? null;
}
