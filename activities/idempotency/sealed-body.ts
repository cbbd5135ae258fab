import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/*
 * An answer that holds a secret (a new API key) is kept for whoever repeats the request with the same API key, and for
 * nobody else: of that key the database holds a hash, so the database alone opens nothing.
 */

const CIPHER = 'aes-256-gcm';
const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const keyFrom = (credential: string, salt: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', credential, salt, 'durabill kept answer', 32));

/** Encrypts a body with the caller's API key. @returns base64 of salt, initialization vector, tag and text. */
export function sealBody(body: string, credential: string): string {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
  const cipher = createCipheriv(CIPHER, keyFrom(credential, salt), iv);
  const text = Buffer.concat([cipher.update(body, 'utf8'), cipher.final()]);
  return Buffer.concat([salt, iv, cipher.getAuthTag(), text]).toString('base64');
}

/** @throws Error when another API key has sealed it. */
export function openBody(sealed: string, credential: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const [ivAt, tagAt, textAt] = [SALT_BYTES, SALT_BYTES + IV_BYTES, SALT_BYTES + IV_BYTES + TAG_BYTES];
  const decipher = createDecipheriv(CIPHER, keyFrom(credential, bytes.subarray(0, ivAt)), bytes.subarray(ivAt, tagAt));
  decipher.setAuthTag(bytes.subarray(tagAt, textAt));
  return Buffer.concat([decipher.update(bytes.subarray(textAt)), decipher.final()]).toString('utf8');
}
