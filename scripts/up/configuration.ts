import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readVariables } from '../../worker/process/variables.ts';

/** What `npm start` is told by the environment. */
export interface Configuration {
  readonly host: string;
  /** 0: any free one, which stays the same over restarts. */
  readonly port: number;
  /** undefined: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** undefined: the embedded Temporal. */
  readonly temporalAddress: string | undefined;
  readonly temporalNamespace: string | undefined;
  readonly temporalUiUrl: string | undefined;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly adminKey: string | undefined;
  readonly secretKey: string | undefined;
  /** undefined: the address at which the API listens. */
  readonly publicUrl: string | undefined;
  /** Whether the sample story may be billed. */
  readonly demo: boolean;
}

const DEFAULT_DATA_DIRECTORY = fileURLToPath(new URL('../../.data', import.meta.url));

/** @throws Error with a sentence for each variable whose value is not possible. */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const data = readVariables(environment);
  return {
    host: data.HOST ?? '127.0.0.1',
    port: Number(data.PORT ?? 3000),
    databaseUrl: data.DATABASE_URL,
    temporalAddress: data.TEMPORAL_ADDRESS,
    temporalNamespace: data.TEMPORAL_NAMESPACE,
    temporalUiUrl: data.TEMPORAL_UI_URL,
    dataDirectory: resolve(data.DURABILL_DATA_DIR ?? DEFAULT_DATA_DIRECTORY),
    adminKey: data.DURABILL_ADMIN_KEY,
    secretKey: data.DURABILL_SECRET_KEY,
    publicUrl: data.DURABILL_PUBLIC_URL,
    demo: data.DURABILL_DEMO !== 'false',
  };
}
