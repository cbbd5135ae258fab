import { createHash } from 'node:crypto';

/** SHA-256 of an API key, in hexadecimal: all that the database holds of it. */
export const hashOfKey = (key: string): string => createHash('sha256').update(key).digest('hex');
