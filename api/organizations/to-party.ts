import { givenTextOrNull as text } from '../http/validation.ts';

/** What a request says of a customer or of an issuer of invoices. */
export interface PartyInput {
  readonly country?: string | null | undefined;
  readonly address_line1?: string | null | undefined;
  readonly address_line2?: string | null | undefined;
  readonly state?: string | null | undefined;
  readonly zipcode?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly legal_name?: string | null | undefined;
  readonly legal_number?: string | null | undefined;
  readonly tax_identification_number?: string | null | undefined;
}

/** The same in words of the domain; undefined stays as it is, null: there is none. */
export const toParty = (input: PartyInput) => ({
  country: text(input.country),
  addressLine1: text(input.address_line1),
  addressLine2: text(input.address_line2),
  state: text(input.state),
  zipcode: text(input.zipcode),
  city: text(input.city),
  email: text(input.email),
  phone: text(input.phone),
  legalName: text(input.legal_name),
  legalNumber: text(input.legal_number),
  taxIdentificationNumber: text(input.tax_identification_number),
});
