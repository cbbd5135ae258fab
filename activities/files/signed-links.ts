import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { fileNameOf } from '../../billing/data-exports/data-export.ts';
import type { DataExport } from '../../db/entities/data-exports/data-export.ts';
import type { FileLink } from '../../shapes/data-exports/file-link.ts';

/** Links that open a file without an API key: whoever has one may have the file, until it expires. */
export interface SignedLinks {
  readonly linkOf: FileLink;
  /** Whether we gave this link for this file; it says nothing of the time. */
  readonly isSigned: (dataExport: Signable, signature: string) => boolean;
}

type Signable = Pick<DataExport, 'id' | 'createdAt' | 'expiresAt' | 'resourceType'>;

/**
 * @param secretKey any text that is hard to guess; the key of the signatures is derived from it.
 * @param publicUrl where the API is reached from outside.
 */
export function signedLinks(secretKey: string, publicUrl: string): SignedLinks {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'durabill file links', 32));
  const signatureOf = ({ id, expiresAt }: Pick<DataExport, 'id' | 'expiresAt'>): Buffer =>
    createHmac('sha256', key)
      .update(`data_exports/${id}/${expiresAt?.toISOString() ?? ''}`)
      .digest();
  return {
    linkOf: (dataExport) =>
      `${publicUrl}/files/data_exports/${dataExport.id}/${fileNameOf(dataExport)}` +
      `?signature=${signatureOf(dataExport).toString('base64url')}`,
    isSigned: (dataExport, signature) => {
      const given = Buffer.from(signature, 'base64url');
      const right = signatureOf(dataExport);
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
