import type { EntityManager } from '@mikro-orm/postgresql';
import { ApiKey } from '../../entities/organizations/api-key.ts';
import { Organization } from '../../entities/organizations/organization.ts';
import { sql } from '../../sql.ts';
import { joinedRows } from '../joined-rows.ts';

/** An API key and whose it is. */
export interface KeyOwner {
  readonly apiKey: ApiKey;
  readonly organization: Organization;
}

/**
 * Whose a key is, for reading only: one prepared statement, since every request asks it.
 *
 * @param sha256 of the key, in hexadecimal (`hashOfKey`).
 */
export async function callerOfKey(em: EntityManager, sha256: string): Promise<KeyOwner | null> {
  const joined = joinedRows(em);
  const [row] = await sql<Record<string, unknown>>(
    em,
    `select ${joined.columns(ApiKey, 'key')}, ${joined.columns(Organization, 'organization')}
     from api_keys key join organizations organization on organization.id = key.organization_id
     where key.sha256 = $1`,
    [sha256],
  );
  if (row === undefined) return null;
  return {
    apiKey: joined.take(ApiKey, 'key', row)!,
    organization: joined.take(Organization, 'organization', row)!,
  };
}
