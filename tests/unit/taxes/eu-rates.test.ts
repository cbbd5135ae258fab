import { describe, expect, test } from '@jest/globals';
import { EU_COUNTRIES, euCountry, isInEu, territoryOf } from '../../../billing/taxes/eu-countries.ts';
import { rateInForce, type EuCountryCode } from '../../../billing/taxes/eu-rates.ts';
import { generatedTaxes } from '../../../billing/taxes/eu-taxes.ts';

const TODAY = '2026-11-28';

/** Spec, money 1.7, word for word. */
const STANDARD = `AT 20, BE 21, BG 20, CY 19, CZ 21, DE 19, DK 25,
EE 24, ES 21, FI 25.5, FR 20, GR 24, HR 25, HU 27, IE 23, IT 22, LT 21, LU 17, LV 21, MT 18, NL 21,
PL 23, PT 23, RO 21, SE 25, SI 22, SK 23`;

const rateOf = (code: string, day = TODAY): string | undefined =>
  generatedTaxes(day).find((tax) => tax.code === code)?.rate;

describe('rates of the European Union (spec, money 1.7)', () => {
  test('the standard rates of today', () => {
    const listed = EU_COUNTRIES.map((country) => `${country} ${rateInForce(euCountry(country).standard, TODAY)}`);
    expect(listed).toEqual(STANDARD.split(/,\s*/));
  });

  test.each([
    ['FI', '2024-08-31', '24'],
    ['FI', '2024-09-01', '25.5'],
    ['EE', '2025-06-30', '22'],
    ['EE', '2025-07-01', '24'],
    ['LU', '2023-07-01', '16'],
    ['DE', '2020-12-31', '16'],
    ['DE', '1990-01-01', '19'],
  ] as const)('%s on %s: %s', (country, day, rate) => {
    expect(rateInForce(euCountry(country).standard, day)).toBe(rate);
  });

  test('periods are in the order of their days', () => {
    for (const country of EU_COUNTRIES) {
      const { standard, territories } = euCountry(country);
      for (const periods of [standard, ...territories.map(({ rates }) => rates)]) {
        const days = periods.map(({ from }) => from);
        expect(days).toEqual(days.toSorted());
        for (const day of days) expect(new Date(day).toISOString()).toContain(day);
      }
    }
  });

  test('no country is not in the union, nor is what only looks like one', () => {
    expect(isInEu('FR')).toBe(true);
    for (const other of [null, undefined, '', 'US', 'GB', 'EL', 'fr', 'toString', '__proto__'])
      expect(isInEu(other)).toBe(false);
  });
});

describe('territories with a rate of their own (spec, money 1.7)', () => {
  test.each<[EuCountryCode, string, string, string]>([
    ['ES', 'canary_islands', '35000 35999 38000 38612', '0'],
    ['ES', 'ceuta', '51001 51005 51070 51071 51081', '0'],
    ['ES', 'melilla', '52000 52006 52070 52071 52081', '0'],
    ['IT', 'campione_d_italia', '22061', '0'],
    ['IT', 'livigno', '23041', '0'],
    ['FI', 'aland_islands', '22100 22999', '0'],
    ['GR', 'mount_athos', '63086', '0'],
    ['FR', 'guadeloupe', '97100 97110', '8.5'],
    ['FR', 'martinique', '97200', '8.5'],
    ['FR', 'reunion', '97410 97440', '8.5'],
    ['FR', 'guyane', '97300', '0'],
    ['FR', 'mayotte', '97600', '0'],
    ['DE', 'busingen_am_hochrhein', '78266', '0'],
    ['DE', 'heligoland', '27498', '0'],
    ['PT', 'madeira', '9000 9499-123', '22'],
    ['PT', 'azores', '9500 9999', '18'],
    ['AT', 'jungholz', '6691', '19'],
    ['AT', 'mittelberg', '6991 6992 6993', '19'],
  ])('%s %s: %s at %s', (country, slug, zipcodes, rate) => {
    for (const zipcode of zipcodes.split(' ')) expect(territoryOf(country, zipcode)?.slug).toBe(slug);
    expect(rateOf(`lago_eu_${country.toLowerCase()}_exception_${slug}`)).toBe(rate);
  });

  test.each<[EuCountryCode, string | null]>([
    ['ES', '28035'],
    ['ES', '3500'],
    ['ES', '51006'],
    ['IT', '00146'],
    ['FI', '00220'],
    ['FR', '75018'],
    ['FR', '9741'],
    ['PT', '1970-401'],
    ['AT', '6990'],
    ['DE', null],
    ['DE', ''],
    ['IT', '35001'],
  ])('%s %s is none', (country, zipcode) => {
    expect(territoryOf(country, zipcode)).toBeNull();
  });

  test('spaces in a postal code do not matter, and it is read from its beginning', () => {
    expect(territoryOf('ES', ' 350 01 ')?.slug).toBe('canary_islands');
    expect(territoryOf('ES', '12 35001')).toBeNull();
  });
});

describe('the taxes that are made in an organization', () => {
  test('each code once: 27 countries, 18 territories, reverse charge and exempt', () => {
    const codes = generatedTaxes(TODAY).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toHaveLength(27 + 18 + 2);
    expect(rateOf('lago_eu_reverse_charge')).toBe('0');
    expect(rateOf('lago_eu_tax_exempt')).toBe('0');
  });

  test('have the names of the rules and the rates of the day', () => {
    expect(generatedTaxes(TODAY)).toContainEqual(
      expect.objectContaining({ code: 'lago_eu_fr_standard', name: 'FR Standard', rate: '20' }),
    );
    expect(generatedTaxes(TODAY)).toContainEqual(
      expect.objectContaining({ code: 'lago_eu_fr_exception_reunion', name: 'FR Reunion Standard', rate: '8.5' }),
    );
    expect(rateOf('lago_eu_fi_standard', '2024-03-01')).toBe('24');
  });
});
