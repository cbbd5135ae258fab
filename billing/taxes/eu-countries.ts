/** Member states of the European Union, ISO 3166-1 alpha-2 (spec, money 1.7). */
const EU_COUNTRIES: ReadonlySet<string> = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '),
);

/** Whether a country, in upper case, is in the European Union; no country is not. */
export const isInEu = (country: string | null | undefined): boolean => country != null && EU_COUNTRIES.has(country);
