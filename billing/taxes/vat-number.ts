/** A VAT number as VIES asks for it: the member state's two letters (Greece: `EL`), and the rest. */
export interface VatNumber {
  readonly countryCode: string;
  readonly number: string;
}

/**
 * How numbers of each member state are written, without the two letters, as VIES lists it; `XI` is Northern Ireland,
 * which takes part in VIES.
 */
const FORMATS: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/,
  BE: /^[01]\d{9}$/,
  BG: /^\d{9,10}$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^\d{9}$/,
  DK: /^\d{8}$/,
  EE: /^\d{9}$/,
  EL: /^\d{9}$/,
  // The first or the last character is a letter, or both are.
  ES: /^(?:[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z])$/,
  FI: /^\d{8}$/,
  FR: /^[A-Z0-9]{2}\d{9}$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^(?:\d[A-Z0-9+*]\d{5}[A-Z]|\d{7}[A-Z]{2})$/,
  IT: /^\d{11}$/,
  LT: /^(?:\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^[A-Z0-9+*]{9}B[A-Z0-9+*]{2}$/,
  PL: /^\d{10}$/,
  PT: /^\d{9}$/,
  RO: /^\d{2,10}$/,
  SE: /^\d{12}$/,
  SI: /^\d{8}$/,
  SK: /^\d{10}$/,
  XI: /^(?:\d{9}|\d{12}|GD\d{3}|HA\d{3})$/,
};

/** The country of the rates (`EU_RATES`) that VIES means: it writes `EL` for Greece (spec, money 1.7). */
export const countryOfVies = (viesCode: string): string => (viesCode === 'EL' ? 'GR' : viesCode);

/**
 * Reads the VAT number in a tax id. People write them with spaces, dots and dashes, which are left out.
 *
 * `it 100.000.000-01` is `IT` and `10000000001`; `IT123` and `10000000001` are no VAT numbers: null. Such a one is
 * never sent, it is a negative answer at once (spec, money 1.7; S064).
 */
export function parseVatNumber(taxIdentificationNumber: string): VatNumber | null {
  const written = taxIdentificationNumber.replaceAll(/[\s.\-/]/g, '').toUpperCase();
  const letters = written.slice(0, 2);
  const countryCode = letters === 'GR' ? 'EL' : letters;
  const number = written.slice(2);
  const isWellFormed = Object.hasOwn(FORMATS, countryCode) && FORMATS[countryCode]!.test(number);
  return isWellFormed ? { countryCode, number } : null;
}
