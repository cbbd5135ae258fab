import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import type { Pool } from 'pg';
import { releaseBrokenConnections } from './broken-connections.ts';
import { entities, tenantEntityNames } from './entities/index.ts';
import { MIGRATIONS } from './migrations-pending.ts';
import { prepareStatements } from './prepared-statements.ts';

/** The connections of this process, as `pg` has them. */
export interface DatabasePool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  on(event: 'connect', listener: (client: object) => void): unknown;
}

export interface OrmOptions {
  /** Connections at most; a request or act holds one for its transaction. */
  readonly poolSize?: number;
  /** Shown by PostgreSQL in pg_stat_activity. */
  readonly applicationName?: string;
  /** A statement that has no answer by then fails: a server that hangs must not keep those who wait for it. */
  readonly statementAnswerLimitMs?: number;
  /** The folder of the migrations; by default those of this version. */
  readonly migrations?: string;
  /** Told of the pool before its first connection: for figures and traces. */
  readonly onPool?: (pool: DatabasePool) => void;
}

const TENANT = 'tenant';

/** How long a query waits for a free connection before it fails; longer than any queue a healthy server builds up. */
const ACQUIRE_TIMEOUT_MS = 20_000;

/**
 * How long a transaction may do nothing. Whoever holds it is gone without a word then (a machine, a network, a rollback
 * that found no answer), and with it would be held a customer's lock, or the key of a request.
 */
const IDLE_TRANSACTION_LIMIT = '60s';

/**
 * Opens the database. Entities of an organization can only be read through `scopedTo`: an unscoped read is an error.
 *
 * @param databaseUrl a PostgreSQL URL; nothing is migrated here (`db/migrate.ts`).
 */
export function openOrm(databaseUrl: string, options: OrmOptions = {}): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: databaseUrl,
    entities,
    extensions: [Migrator],
    forceUtcTimezone: true,
    logger: () => undefined,
    pool: { max: options.poolSize ?? 16 },
    onCreateConnection: async (connection) => {
      const statement = `set idle_in_transaction_session_timeout = '${IDLE_TRANSACTION_LIMIT}'`;
      await (connection as DatabaseConnection).executeQuery(CompiledQuery.raw(statement));
    },
    driverOptions: {
      // The ORM takes host, user and database out of the URL and leaves the rest behind, TLS above all (`sslmode`).
      connectionString: databaseUrl,
      application_name: options.applicationName ?? 'durabill',
      connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      ...(options.statementAnswerLimitMs && { query_timeout: options.statementAnswerLimitMs }),
      onPoolCreated: (pool: Pool) => {
        prepareStatements(pool);
        releaseBrokenConnections(pool);
        options.onPool?.(pool);
      },
    },
    // A relation says which row is inserted first; whatever points at another organization's row, no query asks for it.
    autoJoinRefsForFilters: false,
    filters: {
      [TENANT]: {
        entity: tenantEntityNames,
        cond: (parameters: { organizationId: string }) => ({ organizationId: parameters.organizationId }),
        default: true,
      },
    },
    migrations: {
      path: options.migrations ?? MIGRATIONS,
      pathTs: options.migrations ?? MIGRATIONS,
      glob: '!(*.d).ts',
      emit: 'ts',
      snapshot: false,
      // A migration and its record commit together, so that a crash leaves whole steps; one after the other, so that no
      // lock lasts longer than its migration, and that an index can be built outside of a transaction.
      transactional: true,
      allOrNothing: false,
    },
  });
}

/** An entity manager that sees one organization only: the one place where queries are scoped. */
export function scopedTo(em: EntityManager, organizationId: string): EntityManager {
  const fork = em.fork();
  fork.setFilterParams(TENANT, { organizationId });
  return fork;
}

/**
 * The organization that this entity manager sees.
 *
 * @throws Error when it is not scoped.
 */
export function organizationOf(em: EntityManager): string {
  const parameters = em.getFilterParams<Partial<{ organizationId: string }>>(TENANT) as
    | { organizationId: string }
    | undefined;
  if (!parameters) throw new Error('This entity manager is not scoped to an organization.');
  return parameters.organizationId;
}

/** For reads that find out which organization is meant, and for the duties of the server itself. */
export const EVERY_ORGANIZATION = { filters: { [TENANT]: false } } as const;
