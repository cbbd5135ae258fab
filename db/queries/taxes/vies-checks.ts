import type { EntityManager } from '@mikro-orm/postgresql';
import type { ViesAnswer } from '../../../billing/taxes/vies-answer.ts';
import { sql } from '../../sql.ts';

/**
 * Writes a customer's pending check, or begins the one that there is anew: whatever has been answered until now is of
 * an older question.
 *
 * @param now the organization's clock.
 */
export async function startCheck(
  em: EntityManager,
  check: { readonly id: string; readonly organizationId: string; readonly customerId: string },
  taxIdentificationNumber: string,
  now: Date,
): Promise<void> {
  await sql(
    em,
    `insert into vies_checks (id, organization_id, customer_id, tax_identification_number, created_at)
     values ($1, $2, $3, $4, $5)
     on conflict (customer_id) where answered_at is null do update
       set tax_identification_number = excluded.tax_identification_number, version = vies_checks.version + 1,
           attempts = 0, next_attempt_at = null, last_attempt_at = null, last_error_type = null,
           last_error_message = null, answer = null`,
    [check.id, check.organizationId, check.customerId, taxIdentificationNumber, now.toISOString()],
  );
}

/** @returns whose checks were pending. */
export async function deletePendingChecks(
  em: EntityManager,
  organizationId: string,
  of: { readonly customerId: string } | { readonly billingEntityId: string },
): Promise<readonly string[]> {
  const isOf =
    'customerId' in of
      ? 'customer_id = $2'
      : `exists (select from customers
                 where customers.id = vies_checks.customer_id and customers.billing_entity_id = $2)`;
  const gone = await sql<{ customerId: string }>(
    em,
    `delete from vies_checks where organization_id = $1 and answered_at is null and ${isOf}
     returning customer_id as "customerId"`,
    [organizationId, 'customerId' in of ? of.customerId : of.billingEntityId],
  );
  return gone.map(({ customerId }) => customerId);
}

/**
 * Keeps what VIES said about a number, unless the question has changed meanwhile.
 *
 * @returns whether it was kept.
 */
export async function keepAnswer(
  em: EntityManager,
  check: { readonly organizationId: string; readonly checkId: string; readonly version: number },
  answer: ViesAnswer,
): Promise<boolean> {
  const kept = await sql(
    em,
    `update vies_checks set answer = $4::jsonb
     where organization_id = $1 and id = $2 and version = $3 and answered_at is null and answer is null returning id`,
    [check.organizationId, check.checkId, check.version, JSON.stringify(answer)],
  );
  return kept.length > 0;
}
