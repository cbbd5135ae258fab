import type { EntityManager } from '@mikro-orm/postgresql';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { extendedCustomerJson } from '../../shapes/customers/customer.ts';
import { customerDetails } from '../../shapes/customers/load-customer-details.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

/** Tells the endpoints that want to know, in the transaction of the change. @param now the organization's clock. */
export const announceCustomer = (
  em: EntityManager,
  type: 'customer.created' | 'customer.updated',
  customer: Customer,
  entity: BillingEntity,
  now: Date,
): Promise<void> =>
  emitWebhooks(em, { organizationId: customer.organizationId, now }, [type], async () => [
    {
      type,
      objectId: customer.id,
      object: extendedCustomerJson(customer, entity, await customerDetails(em, customer)),
    },
  ]);
