import type { EntityManager } from '@mikro-orm/postgresql';
import type { ViesAnswer } from '../../billing/taxes/vies-answer.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { extendedCustomerJson } from '../../shapes/customers/customer.ts';
import { customerDetails } from '../../shapes/customers/load-customer-details.ts';
import { viesCheckJson } from '../../shapes/taxes/vies-check.ts';
import type { CommandScope } from '../command-scope.ts';
import { emitWebhooks } from '../webhooks/emit-webhooks.ts';

/** Tells the endpoints what a try came to, also one that failed (spec, money 1.7; decisions). */
export const announceViesCheck = (
  em: EntityManager,
  { organizationId, now }: CommandScope,
  customer: Customer,
  entity: BillingEntity,
  answer: ViesAnswer,
): Promise<void> =>
  emitWebhooks(em, { organizationId, now }, ['customer.vies_check'], async () => [
    {
      type: 'customer.vies_check',
      objectId: customer.id,
      object: {
        ...extendedCustomerJson(customer, entity, await customerDetails(em, customer)),
        vies_check: viesCheckJson(answer),
      },
    },
  ]);
