import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { Permissions } from '../../billing/api-keys/permissions.ts';
import { ApiKey } from '../../db/entities/organizations/api-key.ts';
import { hashOfKey } from '../../db/hash-of-key.ts';

interface NewApiKey {
  readonly organizationId: string;
  readonly name: string | null;
  /** null: everything. */
  readonly permissions: Permissions;
  readonly expiresAt: Date | null;
  /** Real time. */
  readonly createdAt: Date;
}

export interface CreatedApiKey {
  readonly apiKey: ApiKey;
  /** In clear; only its hash is stored. */
  readonly value: string;
}

/** Makes a key in the caller's transaction; it is written with the next flush. */
export function newApiKey(em: EntityManager, settings: NewApiKey): CreatedApiKey {
  const value = randomUUID();
  const apiKey = em.create(ApiKey, { ...settings, id: v7(), sha256: hashOfKey(value), lastFour: value.slice(-4) });
  return { apiKey, value };
}
