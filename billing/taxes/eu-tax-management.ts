import { invalid } from '../refusal.ts';
import { isInEu } from './eu-countries.ts';

/** How an endpoint says that an issuer is outside the European Union. */
export type NotInEu = 'org_must_be_in_eu' | 'billing_entity_must_be_in_eu';

/**
 * Refuses to manage the EU taxes of an issuer outside the EU (spec, money 1.7): when it is asked for, and when an
 * issuer whose taxes are managed would leave.
 *
 * @param isManaged and the country of the issuer once the request is done.
 * @throws Refusal 422 on `eu_tax_management`.
 */
export function refuseEuTaxManagement(isManaged: boolean, country: string | null, notInEu: NotInEu): void {
  if (isManaged && !isInEu(country)) throw invalid({ eu_tax_management: [notInEu] });
}
