import type { Permissions } from '../../../billing/api-keys/permissions.ts';
import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { Organization } from './organization.ts';

/** Access of one organization; only the SHA-256 of the key is stored. */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.uuid().primary(),
    /** A relation, so that the ORM inserts the organization first; the foreign key is the migrations'. */
    organizationId: () =>
      p.manyToOne(Organization).mapToPk().joinColumn('organization_id').createForeignKeyConstraint(false),
    name: p.text().nullable(),
    sha256: p.text(),
    lastFour: p.text(),
    /** Resource to its allowed modes; null: everything. */
    permissions: p.json<NonNullable<Permissions>>().nullable(),
    expiresAt: p.datetime(3).nullable(),
    lastUsedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
  },
  uniques: [{ name: 'api_keys_sha256', properties: ['sha256'] }],
  indexes: [{ name: 'api_keys_newest', properties: ['organizationId', 'createdAt', 'id'] }],
});
export type ApiKey = InferEntity<typeof ApiKey>;
