import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A certificate for localhost that nobody but who is told of it trusts, and its key. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export function makeCertificate(folder: string): Certificate {
  const certificateFile = join(folder, 'server.crt');
  const keyFile = join(folder, 'server.key');
  const files = ['-keyout', keyFile, '-out', certificateFile];
  // Temporal's TLS library refuses the certificate of an authority as that of a server.
  const subject = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ];
  const { status, stderr } = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
  return { certificateFile, keyFile };
}
