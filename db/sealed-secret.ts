import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Seals the secrets that are stored in PostgreSQL, with `DURABILL_SECRET_KEY`. */
export interface SecretSeal {
  /** @param place what the secret is, and whose: a sealed text opens only where it was put. */
  seal(secret: string, place: string): string;
  /** @throws WrongSecretKey when it was sealed with another key, for another place, or was changed. */
  open(sealed: string, place: string): string;
}

/** The installation runs with another `DURABILL_SECRET_KEY` than the one that sealed its secrets. */
export class WrongSecretKey extends Error {
  constructor() {
    super(
      "DURABILL_SECRET_KEY is not the key that sealed this database's secrets: set the one of the first start (the " +
        'data folder keeps it in the file secret-key).',
    );
    this.name = 'WrongSecretKey';
  }
}

/**
 * The first word of a sealed text: what follows is nonce, tag and ciphertext of AES-256-GCM. A later form has another
 * word.
 */
const VERSION = 'v1';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param secretKey any text that is hard to guess; the key of the cipher is derived from it. */
export function makeSecretSeal(secretKey: string): SecretSeal {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'durabill sealed secret', KEY_BYTES));
  return {
    seal(secret, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return [VERSION, ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join('.');
    },
    open(text, place) {
      const [version, ...parts] = text.split('.');
      if (version !== VERSION)
        throw new Error(`a secret is sealed in a form that this version does not know: ${version}`);
      const [nonce = Buffer.alloc(0), tag = Buffer.alloc(0), sealed = Buffer.alloc(0)] = parts.map((part) =>
        Buffer.from(part, 'base64url'),
      );
      try {
        const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
        cipher.setAAD(Buffer.from(place)).setAuthTag(tag);
        return Buffer.concat([cipher.update(sealed), cipher.final()]).toString('utf8');
      } catch {
        throw new WrongSecretKey();
      }
    },
  };
}
