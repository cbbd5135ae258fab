/*
 * Standard rates of VAT in the member states of the European Union and in those of their territories that have another
 * one.
 *
 * As of 2026-11-28. Source: spec, money 1.7; the days on which rates began are those of the member states' laws, as the
 * European Commission lists them (Taxes in Europe Database). To be compared with that list before each release: a new
 * rate is a new line with the day from which it is in force, and no line is ever taken away.
 */

/** A rate, in percent, and the first day on which it is in force. */
export interface RatePeriod {
  /** `YYYY-MM-DD`; a country's first line holds for the time before it too. */
  readonly from: string;
  readonly rate: string;
}

/** A part of a member state with a rate of its own. */
export interface EuTerritory {
  /** As it stands in the code of its tax. */
  readonly slug: string;
  /** As it stands in the name of its tax. */
  readonly name: string;
  /** Of a postal code without spaces, from its beginning. */
  readonly zipcode: RegExp;
  readonly rates: readonly RatePeriod[];
  /**
   * Whether the rate is for those alone that state a well-formed number (spec, money 1.7: French departments overseas).
   */
  readonly businessesOnly?: true;
}

export interface EuCountry {
  readonly standard: readonly RatePeriod[];
  readonly territories: readonly EuTerritory[];
}

const EXEMPT: readonly RatePeriod[] = [{ from: '1993-01-01', rate: '0' }];

const overseas = (slug: string, name: string, zipcode: RegExp, rates: readonly RatePeriod[]): EuTerritory => ({
  slug,
  name,
  zipcode,
  rates,
  businessesOnly: true,
});

const OVERSEAS: readonly RatePeriod[] = [{ from: '1995-08-01', rate: '8.5' }];

/** By ISO 3166-1 alpha-2. */
export const EU_RATES = {
  AT: {
    standard: [{ from: '1995-01-01', rate: '20' }],
    territories: [
      { slug: 'jungholz', name: 'Jungholz', zipcode: /^6691/, rates: [{ from: '1995-01-01', rate: '19' }] },
      { slug: 'mittelberg', name: 'Mittelberg', zipcode: /^699[1-3]/, rates: [{ from: '1995-01-01', rate: '19' }] },
    ],
  },
  BE: { standard: [{ from: '1996-01-01', rate: '21' }], territories: [] },
  BG: { standard: [{ from: '1999-01-01', rate: '20' }], territories: [] },
  CY: {
    standard: [
      { from: '2013-01-14', rate: '18' },
      { from: '2014-01-13', rate: '19' },
    ],
    territories: [],
  },
  CZ: { standard: [{ from: '2013-01-01', rate: '21' }], territories: [] },
  DE: {
    standard: [
      { from: '2007-01-01', rate: '19' },
      { from: '2020-07-01', rate: '16' },
      { from: '2021-01-01', rate: '19' },
    ],
    territories: [
      { slug: 'busingen_am_hochrhein', name: 'Busingen am Hochrhein', zipcode: /^78266/, rates: EXEMPT },
      { slug: 'heligoland', name: 'Heligoland', zipcode: /^27498/, rates: EXEMPT },
    ],
  },
  DK: { standard: [{ from: '1992-01-01', rate: '25' }], territories: [] },
  EE: {
    standard: [
      { from: '2009-07-01', rate: '20' },
      { from: '2024-01-01', rate: '22' },
      { from: '2025-07-01', rate: '24' },
    ],
    territories: [],
  },
  ES: {
    standard: [{ from: '2012-09-01', rate: '21' }],
    territories: [
      { slug: 'canary_islands', name: 'Canary Islands', zipcode: /^3[58]\d{3}/, rates: EXEMPT },
      { slug: 'ceuta', name: 'Ceuta', zipcode: /^510(?:0[1-5]|7[01]|81)/, rates: EXEMPT },
      { slug: 'melilla', name: 'Melilla', zipcode: /^520(?:0[0-6]|7[01]|81)/, rates: EXEMPT },
    ],
  },
  FI: {
    standard: [
      { from: '2013-01-01', rate: '24' },
      { from: '2024-09-01', rate: '25.5' },
    ],
    territories: [{ slug: 'aland_islands', name: 'Aland Islands', zipcode: /^22\d{3}/, rates: EXEMPT }],
  },
  FR: {
    standard: [
      { from: '2000-04-01', rate: '19.6' },
      { from: '2014-01-01', rate: '20' },
    ],
    territories: [
      overseas('guadeloupe', 'Guadeloupe', /^971\d{2}/, OVERSEAS),
      overseas('martinique', 'Martinique', /^972\d{2}/, OVERSEAS),
      overseas('reunion', 'Reunion', /^974\d{2}/, OVERSEAS),
      overseas('guyane', 'Guyane', /^973\d{2}/, EXEMPT),
      overseas('mayotte', 'Mayotte', /^976\d{2}/, EXEMPT),
    ],
  },
  GR: {
    standard: [
      { from: '2010-07-01', rate: '23' },
      { from: '2016-06-01', rate: '24' },
    ],
    territories: [{ slug: 'mount_athos', name: 'Mount Athos', zipcode: /^63086/, rates: EXEMPT }],
  },
  HR: { standard: [{ from: '2012-03-01', rate: '25' }], territories: [] },
  HU: { standard: [{ from: '2012-01-01', rate: '27' }], territories: [] },
  IE: {
    standard: [
      { from: '2012-01-01', rate: '23' },
      { from: '2020-09-01', rate: '21' },
      { from: '2021-03-01', rate: '23' },
    ],
    territories: [],
  },
  IT: {
    standard: [
      { from: '2011-09-17', rate: '21' },
      { from: '2013-10-01', rate: '22' },
    ],
    territories: [
      { slug: 'campione_d_italia', name: "Campione d'Italia", zipcode: /^22061/, rates: EXEMPT },
      { slug: 'livigno', name: 'Livigno', zipcode: /^23041/, rates: EXEMPT },
    ],
  },
  LT: { standard: [{ from: '2009-09-01', rate: '21' }], territories: [] },
  LU: {
    standard: [
      { from: '2015-01-01', rate: '17' },
      { from: '2023-01-01', rate: '16' },
      { from: '2024-01-01', rate: '17' },
    ],
    territories: [],
  },
  LV: { standard: [{ from: '2012-07-01', rate: '21' }], territories: [] },
  MT: { standard: [{ from: '2004-01-01', rate: '18' }], territories: [] },
  NL: { standard: [{ from: '2012-10-01', rate: '21' }], territories: [] },
  PL: { standard: [{ from: '2011-01-01', rate: '23' }], territories: [] },
  PT: {
    standard: [{ from: '2011-01-01', rate: '23' }],
    territories: [
      { slug: 'madeira', name: 'Madeira', zipcode: /^9[0-4]\d{2}/, rates: [{ from: '2012-04-01', rate: '22' }] },
      { slug: 'azores', name: 'Azores', zipcode: /^9[5-9]\d{2}/, rates: [{ from: '2014-01-01', rate: '18' }] },
    ],
  },
  RO: {
    standard: [
      { from: '2017-01-01', rate: '19' },
      { from: '2025-08-01', rate: '21' },
    ],
    territories: [],
  },
  SE: { standard: [{ from: '1990-07-01', rate: '25' }], territories: [] },
  SI: { standard: [{ from: '2013-07-01', rate: '22' }], territories: [] },
  SK: {
    standard: [
      { from: '2011-01-01', rate: '20' },
      { from: '2025-01-01', rate: '23' },
    ],
    territories: [],
  },
} as const satisfies Readonly<Record<string, EuCountry>>;

/** A member state. */
export type EuCountryCode = keyof typeof EU_RATES;

/**
 * The rate, in percent, that is in force on a day, `YYYY-MM-DD`: of the periods that have begun the last (spec, money
 * 1.7).
 */
export function rateInForce(periods: readonly RatePeriod[], day: string): string {
  const begun = periods.filter(({ from }) => from <= day);
  const period = begun.at(-1) ?? periods[0];
  if (!period) throw new RangeError('a rate has no period');
  return period.rate;
}
