import type { EntityManager, EntityName, FilterQuery } from '@mikro-orm/postgresql';
import { invalid } from '../billing/refusal.ts';

/**
 * For a code that is to be unique. Two that race past this check meet the unique index.
 *
 * @param where who has the code already: of its own kind, and not deleted.
 * @throws Refusal 422 `code: value_already_exist`.
 */
export async function refuseTakenCode<Entity extends object>(
  em: EntityManager,
  entity: EntityName<Entity>,
  where: FilterQuery<NoInfer<Entity>>,
): Promise<void> {
  if ((await em.count(entity, where)) > 0) throw invalid({ code: ['value_already_exist'] });
}
