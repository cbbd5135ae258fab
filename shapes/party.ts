import { z } from 'zod';

const text = z.string().nullable();

/** Where somebody is. */
export const addressSchema = {
  country: text,
  address_line1: text,
  address_line2: text,
  state: text,
  zipcode: text,
  city: text,
};

/** What customers and issuers of invoices say of themselves alike. */
export const partySchema = {
  ...addressSchema,
  email: text,
  phone: text,
  legal_name: text,
  legal_number: text,
  tax_identification_number: text,
};

/** A customer or an issuer of invoices. */
export interface Party {
  readonly country?: string | null | undefined;
  readonly addressLine1?: string | null | undefined;
  readonly addressLine2?: string | null | undefined;
  readonly state?: string | null | undefined;
  readonly zipcode?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly legalName?: string | null | undefined;
  readonly legalNumber?: string | null | undefined;
  readonly taxIdentificationNumber?: string | null | undefined;
}

export const partyJson = (party: Party) => ({
  country: party.country ?? null,
  address_line1: party.addressLine1 ?? null,
  address_line2: party.addressLine2 ?? null,
  state: party.state ?? null,
  zipcode: party.zipcode ?? null,
  city: party.city ?? null,
  email: party.email ?? null,
  phone: party.phone ?? null,
  legal_name: party.legalName ?? null,
  legal_number: party.legalNumber ?? null,
  tax_identification_number: party.taxIdentificationNumber ?? null,
});
