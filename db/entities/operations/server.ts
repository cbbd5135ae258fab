import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** Facts about the installation as a whole; one row. */
export const Server = defineEntity({
  name: 'Server',
  tableName: 'server',
  properties: {
    id: p.integer().primary().autoincrement(false),
    /** The Temporal namespace whose workflows the acts belong to; another one means that Temporal's store was lost. */
    temporalNamespaceId: p.text().nullable(),
    /** The RSA key that signs webhooks as JWT, PEM, sealed (`db/sealed-secret.ts`); null until it is first needed. */
    webhookPrivateKey: p.text().nullable(),
    /** What the file `store-id` says where the workers keep files: who reads another one reads another store. */
    fileStoreId: p.text().nullable(),
  },
});
export type Server = InferEntity<typeof Server>;
