/** Where goods go, as it is stored and shown. */
export interface ShippingAddress {
  readonly address_line1: string | null;
  readonly address_line2: string | null;
  readonly city: string | null;
  readonly zipcode: string | null;
  readonly state: string | null;
  readonly country: string | null;
}

export const NO_ADDRESS: ShippingAddress = {
  address_line1: null,
  address_line2: null,
  city: null,
  zipcode: null,
  state: null,
  country: null,
};

/**
 * An address after a request that names parts of it; the others stay (spec, api 3.2): of Rue 1 in Paris, a request with
 * `{city: 'Lyon'}` leaves Rue 1 in Lyon.
 *
 * @param present null: there is none yet.
 * @param changes null: there is to be none.
 */
export const changedAddress = (
  present: ShippingAddress | null,
  changes: Partial<ShippingAddress> | null,
): ShippingAddress | null => changes && { ...NO_ADDRESS, ...present, ...changes };
