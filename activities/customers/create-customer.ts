import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { customerSlug } from '../../billing/customers/customer-slug.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { findCustomer } from '../../db/queries/customers/find-customer.ts';
import { findBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import { nextCustomerSequence } from '../../db/queries/organizations/customer-sequence.ts';
import { lockOrganization } from '../../db/queries/organizations/lock-organization.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillingScope } from '../command-scope.ts';
import { saveCustomerTaxes } from '../taxes/save-customer-taxes.ts';
import { announceCustomer } from './announce-customer.ts';
import { changedColumns, type CustomerChanges } from './customer-columns.ts';

export interface NewCustomer {
  readonly externalId: string;
  /** null: the default one. */
  readonly billingEntity: BillingEntity | null;
  /** Of its taxes; null: none but those that follow from its address and number. */
  readonly taxCodes: readonly string[] | null;
  readonly changes: CustomerChanges;
}

export interface CreatedCustomer {
  readonly customer: Customer;
  /** false: it was there, and is unchanged. */
  readonly created: boolean;
  /** Written in the same transaction. */
  readonly acts: readonly WantedAct[];
}

/**
 * Creates a customer in the caller's transaction, with the next sequence of the organization. Creations of one
 * organization take turns, so that two of the same external id make one customer and no sequence is left out: the
 * second request is answered what the first one made.
 *
 * @throws Refusal 422 on `metadata`; 404 `tax_not_found`.
 */
export async function createCustomer(
  em: EntityManager,
  scope: BillingScope,
  { externalId, billingEntity, taxCodes, changes }: NewCustomer,
): Promise<CreatedCustomer> {
  const { organizationId, now } = scope;
  const columns = changedColumns(changes, undefined, now);
  // The number is taken last, when nothing else can go wrong; the lock comes first, so that the look-up after it sees
  // the customer of a request that was quicker.
  await lockOrganization(em, organizationId);
  const present = await findCustomer(em, externalId);
  if (present) return { customer: present, created: false, acts: [] };

  const entity = billingEntity ?? (await findBillingEntity(em, null));
  const sequentialId = await nextCustomerSequence(em, organizationId);
  const customer = em.create(Customer, {
    id: v7(),
    organizationId,
    billingEntityId: entity.id,
    externalId,
    sequentialId,
    slug: customerSlug(entity.documentNumberPrefix, sequentialId),
    metadata: [],
    ...columns,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  const acts = await saveCustomerTaxes(em, scope, { before: null, customer, entity, given: taxCodes });
  await announceCustomer(em, 'customer.created', customer, entity, now);
  return { customer, created: true, acts };
}
