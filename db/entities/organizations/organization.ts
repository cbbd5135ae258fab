import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

/** A tenant. Everything else a row holds of its issuer's settings is in its default billing entity. */
export const Organization = defineEntity({
  name: 'Organization',
  tableName: 'organizations',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    slug: p.text().nullable(),
    testMode: p.boolean().default(false),
    /** The frozen moment of a test-mode organization's clock; null: the clock is real time. */
    clockNow: p.datetime(3).nullable(),
    /** How often the clock was moved: names each move's workflow. */
    clockMoves: p.integer().default(0),
    premiumIntegrations: p
      .json<string[]>()
      .onCreate(() => [])
      .defaultRaw(`'[]'`),
    /** The sequence of the customer created last; the next one takes it plus one. */
    customerSequence: p.integer().default(0),
    /** Signs webhooks with HMAC; sealed (`db/sealed-secret.ts`), null until it is first needed. */
    webhookHmacKey: p.text().nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
  },
});
export type Organization = InferEntity<typeof Organization>;
