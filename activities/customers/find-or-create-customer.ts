import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { emitWebhooks } from '../../activities/webhooks/emit-webhooks.ts';
import type { BillingEntity } from '../../db/entities/billing-entity.ts';
import { Customer } from '../../db/entities/customer.ts';
import { sql } from '../../db/sql.ts';
import { extendedCustomerJson } from '../../shapes/customers/customer.ts';
import { findBillingEntity } from '../organizations/billing-entities.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { CustomerAttributes } from './attributes.ts';

/** Digits of the sequence in a slug; longer numbers grow. */
const SEQUENCE_DIGITS = 3;

/** Who asks, and what time it is for them. */
type Asking = Pick<RequestContext, 'organization' | 'now'>;

/**
 * The customer with this external id; when there is none, a new one that has nothing but it, in the caller's transaction
 * (spec, api 2.4).
 */
export async function findOrCreateCustomer(em: EntityManager, asking: Asking, externalId: string): Promise<Customer> {
  const found = await findCustomer(em, externalId);
  return found ?? (await createCustomer(em, asking, externalId)).customer;
}

export const findCustomer = (em: EntityManager, externalId: string): Promise<Customer | null> =>
  em.findOne(Customer, { externalId, deletedAt: null });

/**
 * Creates a customer in the caller's transaction, with the next sequence of the organization. Creations of one organization
 * take turns, so that two of the same external id make one customer and no sequence is left out: whoever comes second is
 * answered what the first one made.
 *
 * @returns `created` false when the customer was there; it is then unchanged.
 */
export async function createCustomer(
  em: EntityManager,
  { organization, now }: Asking,
  externalId: string,
  entity?: BillingEntity,
  attributes: CustomerAttributes = {},
): Promise<{ readonly customer: Customer; readonly created: boolean }> {
  // The number is taken last, when nothing else can go wrong; the lock comes first, so that the look-up after it sees the
  // customer of whoever was quicker. Rows that reference the organization do not wait for it.
  await sql(em, 'select id from organizations where id = $1 for no key update', [organization.id]);
  const present = await findCustomer(em, externalId);
  if (present) return { customer: present, created: false };

  const billingEntity = entity ?? (await findBillingEntity(em, null));
  const sequentialId = await nextSequence(em, organization.id);
  const customer = em.create(Customer, {
    id: v7(),
    organizationId: organization.id,
    billingEntityId: billingEntity.id,
    externalId,
    sequentialId,
    slug: `${billingEntity.documentNumberPrefix}-${String(sequentialId).padStart(SEQUENCE_DIGITS, '0')}`,
    metadata: [],
    ...attributes,
    createdAt: now,
    updatedAt: now,
  });
  await em.flush();
  await emitCustomerWebhook(em, 'customer.created', customer, billingEntity, now);
  return { customer, created: true };
}

/** Tells the endpoints that want to know, in the transaction of the change. @param now the organization's clock. */
export const emitCustomerWebhook = (
  em: EntityManager,
  type: 'customer.created' | 'customer.updated',
  customer: Customer,
  entity: BillingEntity,
  now: Date,
): Promise<void> =>
  emitWebhooks(em, { organizationId: customer.organizationId, now }, [type], () => [
    { type, objectId: customer.id, object: extendedCustomerJson(customer, entity) },
  ]);

async function nextSequence(em: EntityManager, organizationId: string): Promise<number> {
  const [row] = await sql<{ sequence: number }>(
    em,
    'update organizations set customer_sequence = customer_sequence + 1 where id = $1 returning customer_sequence as sequence',
    [organizationId],
  );
  if (!row) throw new Error(`organization ${organizationId} is gone`);
  return row.sequence;
}
