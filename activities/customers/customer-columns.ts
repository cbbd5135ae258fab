import { v7 } from 'uuid';
import { replacedCustomerMetadata, type CustomerMetadataInput } from '../../billing/customers/customer-metadata.ts';
import { changedAddress, type ShippingAddress } from '../../billing/customers/shipping-address.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { datetime } from '../../shapes/formats.ts';

/** Columns that a request may set. */
type CustomerColumns = Partial<
  Omit<
    Customer,
    'id' | 'organizationId' | 'billingEntityId' | 'externalId' | 'sequentialId' | 'slug' | 'createdAt' | 'updatedAt'
  >
>;

/** What a request says of a customer; what is absent stays as it is, null: there is none. */
export type CustomerChanges = Omit<CustomerColumns, 'shippingAddress' | 'metadata' | 'deletedAt'> & {
  readonly shippingAddress?: Partial<ShippingAddress> | null;
  /** All of it: what is not listed is deleted. */
  readonly metadata?: readonly CustomerMetadataInput[];
};

/**
 * Columns of a customer after a change.
 *
 * @param present the customer as it is; absent for a new one.
 * @param now the organization's clock.
 * @throws Refusal 422 on `metadata`.
 */
export function changedColumns(
  { shippingAddress, metadata, ...columns }: CustomerChanges,
  present: Customer | undefined,
  now: Date,
): CustomerColumns {
  const made = { id: v7, createdAt: datetime(now) };
  return {
    ...columns,
    ...(shippingAddress !== undefined && {
      shippingAddress: changedAddress(present?.shippingAddress ?? null, shippingAddress),
    }),
    ...(metadata && { metadata: replacedCustomerMetadata(present?.metadata ?? [], metadata, made) }),
  };
}
