import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { serverVersion } from '../../db/postgres-server.ts';

const ANSWER_LIMIT_MS = 10_000;
const OLDEST_POSTGRES = 15;

/**
 * Sees whether the PostgreSQL of `DATABASE_URL` can be used.
 *
 * @throws Error with one sentence that says what is wrong; it never holds the password.
 */
export async function checkDatabase(databaseUrl: string): Promise<{ readonly version: string }> {
  const { hostname, port, username, pathname } = new URL(databaseUrl);
  const where = `${hostname || 'the local socket'}:${port || '5432'}`;
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: ANSWER_LIMIT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const version = await serverVersion(client);
    if (Number.parseInt(version, 10) >= OLDEST_POSTGRES) return { version: version.split(' ')[0] ?? version };
    throw new Error(
      `PostgreSQL at ${where} (DATABASE_URL) is version ${version}: durabill needs ${OLDEST_POSTGRES} or newer.`,
    );
  } catch (error) {
    const database = decodeURIComponent(pathname.slice(1));
    throw new Error(databaseProblem(error, { where, user: decodeURIComponent(username), database }), { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Target {
  readonly where: string;
  readonly user: string;
  readonly database: string;
}

function databaseProblem(error: unknown, { where, user, database }: Target): string {
  const { code = '', message } = error as { readonly code?: string; readonly message: string };
  const correct = 'correct DATABASE_URL';
  if (message.includes('(DATABASE_URL)')) return message;
  if (['ECONNREFUSED', 'ENOENT'].includes(code))
    return `No PostgreSQL answers at ${where}: start it there, or ${correct}.`;
  if (['ENOTFOUND', 'EAI_AGAIN'].includes(code)) return `The host of ${where} is not known: ${correct}.`;
  if (/timeout/i.test(message) || /^E(TIMEDOUT|HOSTUNREACH|NETUNREACH)$/.test(code)) {
    return `PostgreSQL at ${where} cannot be reached (${message}): ${correct}, or open the network.`;
  }
  if (['28P01', '28000'].includes(code)) {
    return (
      `PostgreSQL at ${where} refused the user "${user}" (${message}): correct the user or the password in ` +
      'DATABASE_URL.'
    );
  }
  if (/client password must be/.test(message)) {
    return `PostgreSQL at ${where} asks for the password of "${user}": add it to DATABASE_URL.`;
  }
  if (code === '42501') {
    return (
      `PostgreSQL at ${where} does not let the role "${user}" into the database "${database}": run ` +
      `\`grant connect on database "${database}" to "${user}";\` as its owner, or ${correct}.`
    );
  }
  if (code === '3D000') return `PostgreSQL at ${where} has no database "${database}": create it, or ${correct}.`;
  return `PostgreSQL at ${where} (DATABASE_URL) cannot be used: ${message}.`;
}

/**
 * Sees whether the cluster of `TEMPORAL_ADDRESS` and its namespace can be used, with the key and the certificates of
 * Temporal's own variables.
 *
 * @throws Error with one sentence that says what is wrong.
 */
export async function checkTemporal(): Promise<{ readonly address: string; readonly namespace: string }> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const address = connectionOptions.address ?? '';
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: ANSWER_LIMIT_MS }).catch(
    (error: unknown) => {
      const reason = detailsOf(error);
      throw new Error(
        `No Temporal answers at ${address}${reason}: start it there, or correct TEMPORAL_ADDRESS (and ` +
          'TEMPORAL_TLS, TEMPORAL_API_KEY).',
        { cause: error },
      );
    },
  );
  try {
    await connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return { address, namespace };
  } catch (error) {
    const isMissing = (error as { readonly code?: number }).code === GRPC_NOT_FOUND;
    throw new Error(
      isMissing
        ? `Temporal at ${address} has no namespace "${namespace}": create it, or correct TEMPORAL_NAMESPACE.`
        : `Temporal at ${address} refused the namespace "${namespace}"${detailsOf(error)}: correct ` +
            'TEMPORAL_NAMESPACE or TEMPORAL_API_KEY.',
      { cause: error },
    );
  } finally {
    await connection.close();
  }
}

const GRPC_NOT_FOUND = 5;

function detailsOf(error: unknown): string {
  const { details } = error as { readonly details?: string };
  return details ? ` (${details})` : '';
}
