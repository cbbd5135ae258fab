import type { EntityManager } from '@mikro-orm/postgresql';
import { ApiKey } from '../../db/entities/organizations/api-key.ts';
import { EVERY_ORGANIZATION } from '../../db/orm.ts';

/** How often `last_used_at` is written. */
const LAST_USED_EVERY_MS = 3_600_000;

/** Notes that a key was used, once an hour at most. @param now real time. */
export async function noteKeyUse(
  em: EntityManager,
  { id, lastUsedAt }: Pick<ApiKey, 'id' | 'lastUsedAt'>,
  now: Date,
): Promise<void> {
  if (lastUsedAt && now.getTime() - lastUsedAt.getTime() <= LAST_USED_EVERY_MS) return;
  await em.nativeUpdate(ApiKey, { id }, { lastUsedAt: now }, EVERY_ORGANIZATION);
}
