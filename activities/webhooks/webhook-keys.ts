import { createPrivateKey, createPublicKey, generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { findHmacKey, findPrivateKey, storeHmacKey, storePrivateKey } from '../../db/queries/webhooks/sealed-keys.ts';
import { WrongSecretKey, makeSecretSeal } from '../../db/sealed-secret.ts';

/**
 * The keys that sign webhooks: one RSA key of the installation, one HMAC key of each organization. Each is made once.
 */
export interface WebhookKeys {
  /**
   * The RSA key; the first call of all makes it.
   *
   * @throws WrongSecretKey when the stored keys were sealed with another `DURABILL_SECRET_KEY`.
   */
  readonly privateKey: () => Promise<KeyObject>;
  /** Its public half, PEM: what receivers verify with. */
  readonly publicKey: () => Promise<string>;
  /**
   * The HMAC key of an organization, which exists; the first call makes it.
   *
   * @param em for an organization that only this transaction has yet.
   */
  readonly hmacKey: (organizationId: string, em?: EntityManager) => Promise<string>;
}

const RSA_BITS = 2048;
const HMAC_KEY_BYTES = 32;

const PRIVATE_KEY_PLACE = 'server/webhook_private_key';
const hmacKeyPlace = (organizationId: string): string => `organizations/${organizationId}/webhook_hmac_key`;

/** @param secretKey `DURABILL_SECRET_KEY`. */
export function makeWebhookKeys(orm: MikroORM, secretKey: string): WebhookKeys {
  const seal = makeSecretSeal(secretKey);
  let known: Promise<KeyObject> | undefined;
  const privateKey = (): Promise<KeyObject> => {
    known ??= storedPrivateKey(orm, (pem) => seal.seal(pem, PRIVATE_KEY_PLACE)).then((sealed) =>
      createPrivateKey(seal.open(sealed, PRIVATE_KEY_PLACE)),
    );
    // A database that was away is asked again by the next call.
    known.catch(() => (known = undefined));
    return known;
  };
  return {
    privateKey,
    publicKey: async () =>
      createPublicKey((await privateKey()).export({ type: 'pkcs8', format: 'pem' })).export({
        type: 'spki',
        format: 'pem',
      }) as string,
    hmacKey: async (organizationId, em = orm.em.fork()) => {
      // Whoever runs with a wrong key must not seal anything with it.
      await privateKey();
      const place = hmacKeyPlace(organizationId);
      const made = seal.seal(randomBytes(HMAC_KEY_BYTES).toString('hex'), place);
      return seal.open(await storedHmacKey(em, organizationId, made), place);
    },
  };
}

/**
 * For the start of a process. A database that is away does not keep it from starting.
 *
 * @throws WrongSecretKey with one sentence that says what to do.
 */
export async function refuseWrongKey(keys: WebhookKeys): Promise<void> {
  await keys.privateKey().catch((error: unknown) => {
    if (error instanceof WrongSecretKey) throw error;
  });
}

/** The stored sealed key, or a new one: of several processes that make one, the first to store it wins. */
async function storedPrivateKey(orm: MikroORM, sealed: (pem: string) => string): Promise<string> {
  const em = orm.em.fork();
  const present = await findPrivateKey(em);
  if (present) return present;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  await storePrivateKey(em, sealed(pem));
  const stored = await findPrivateKey(em);
  if (!stored) throw new Error('the row of the server is missing: the database is not migrated');
  return stored;
}

async function storedHmacKey(em: EntityManager, organizationId: string, made: string): Promise<string> {
  const present = await findHmacKey(em, organizationId);
  if (present) return present;
  await storeHmacKey(em, organizationId, made);
  const stored = await findHmacKey(em, organizationId);
  if (!stored) throw new Error(`organization ${organizationId} is gone`);
  return stored;
}
