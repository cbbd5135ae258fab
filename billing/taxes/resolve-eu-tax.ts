import { isInEu, territoryOf } from './eu-countries.ts';
import { exceptionCode, isEuTaxCode, REVERSE_CHARGE, standardCode, TAX_EXEMPT } from './eu-taxes.ts';
import { countryOfVies, parseVatNumber } from './vat-number.ts';

/** What a customer says of where and what it is; countries in upper case. */
export interface EuTaxCustomer {
  readonly country: string | null;
  readonly zipcode: string | null;
  readonly taxIdentificationNumber: string | null;
}

/** What decides on a customer's EU tax. */
export interface EuTaxFacts {
  readonly customer: EuTaxCustomer;
  /** Of the customer's billing entity. */
  readonly billingEntityCountry: string | null;
}

/**
 * `tax`: that code applies now, and a check that waits is over; `check`: VIES is asked, and until then nothing changes.
 */
export type EuTaxDecision = { readonly kind: 'tax'; readonly code: string } | { readonly kind: 'check' };

/**
 * What a saved customer is taxed with under EU tax management (spec, money 1.7, the synchronous part).
 *
 * Of a French entity: a German customer without a number gets `lago_eu_de_standard`, one with a number is checked, one
 * from the US gets `lago_eu_tax_exempt`.
 */
export function resolveEuTax(facts: EuTaxFacts): EuTaxDecision {
  const territory = territoryCode(facts.customer);
  if (territory !== null) return { kind: 'tax', code: territory };
  if (isPresent(facts.customer.taxIdentificationNumber)) return { kind: 'check' };
  return { kind: 'tax', code: codeWithoutVies(facts) };
}

/** The territory that a customer's address is in, where that decides by itself. */
function territoryCode({ country, zipcode, taxIdentificationNumber }: EuTaxCustomer): string | null {
  if (!isInEu(country)) return null;
  const territory = territoryOf(country, zipcode);
  if (territory === null) return null;
  const isBusiness = isPresent(taxIdentificationNumber) && parseVatNumber(taxIdentificationNumber) !== null;
  if (territory.businessesOnly && !isBusiness) return null;
  return exceptionCode(country, territory.slug);
}

/** The tax of whoever has no number that holds (spec, money 1.7, "no VIES" rule). */
export function codeWithoutVies({ customer, billingEntityCountry }: EuTaxFacts): string {
  const country = isPresent(customer.country) ? customer.country : billingEntityCountry;
  return isInEu(country) ? standardCode(country) : TAX_EXEMPT;
}

/**
 * The tax of a customer whose number VIES calls valid (spec, money 1.7; S066).
 *
 * Of a French entity: a German number is `lago_eu_reverse_charge`, a French one `lago_eu_fr_standard`, and with the
 * postal code 97440 `lago_eu_fr_exception_reunion`.
 *
 * @param viesCountry as VIES writes it: `EL` for Greece.
 */
export function codeOfValidNumber(viesCountry: string, { customer, billingEntityCountry }: EuTaxFacts): string {
  const country = countryOfVies(viesCountry);
  if (country !== billingEntityCountry || !isInEu(country)) return REVERSE_CHARGE;
  const territory = territoryOf(country, customer.zipcode);
  return territory === null ? standardCode(country) : exceptionCode(country, territory.slug);
}

/** What is known of a saved customer before and after, for the question whether its EU tax is decided anew. */
export interface CustomerChange {
  /** null: it is new. */
  readonly before: (EuTaxCustomer & { readonly billingEntityId: string }) | null;
  readonly after: EuTaxCustomer & { readonly billingEntityId: string };
  /** Codes of the taxes that it has. */
  readonly taxCodes: readonly string[];
}

/**
 * Whether a saved customer's EU tax is decided anew, given that its billing entity has EU tax management (spec, money
 * 1.7): a new customer's is, and one's that has no tax at all, or whose number, postal code, country or billing entity
 * has changed. Taxes set by hand stay until then (S066; decisions).
 *
 * Somebody gives a customer `banking` in the place of `lago_eu_it_standard`: a new name or address leaves it, another
 * number does not.
 */
export function isEuTaxDue({ before, after, taxCodes }: CustomerChange): boolean {
  if (before === null || taxCodes.length === 0) return true;
  return (
    before.taxIdentificationNumber !== after.taxIdentificationNumber ||
    before.zipcode !== after.zipcode ||
    before.country !== after.country ||
    before.billingEntityId !== after.billingEntityId
  );
}

/** What decides on the taxes that a saved customer has in the end. */
export interface CustomerTaxChange {
  /** Codes of the request; null: it says nothing of taxes. */
  readonly given: readonly string[] | null;
  /** null: it is not decided anew. */
  readonly decision: EuTaxDecision | null;
  /** Codes of the taxes that it has. */
  readonly current: readonly string[];
  readonly billingEntityChanged: boolean;
}

/**
 * The codes that replace a saved customer's taxes, null when they stay (spec, money 1.7, after the synchronous part).
 *
 * Nothing given and `lago_eu_de_standard` decided: that alone. `banking` given too: both. Neither, and another billing
 * entity: what it has without its EU taxes.
 */
export function taxCodesOfCustomer(change: CustomerTaxChange): readonly string[] | null {
  const { given, decision, current, billingEntityChanged } = change;
  if (decision?.kind === 'tax') return [...new Set([...(given ?? []), decision.code])];
  if (given !== null) return given;
  return billingEntityChanged ? current.filter((code) => !isEuTaxCode(code)) : null;
}

const isPresent = (text: string | null): text is string => text !== null && text.trim() !== '';
