import type { MikroORM } from '@mikro-orm/postgresql';
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { TemporalConfiguration } from '../activities/acts/temporal-connection.ts';
import { adoptStore } from '../db/acts/heal-acts.ts';
import { reconcileSchedules } from './schedules.ts';
import { registerSearchAttributes } from './search-attributes.ts';

/** How often to ask Temporal whether it is still the same store. */
const ASK_EVERY_MS = 5000;

export interface TemporalStoreParts {
  readonly orm: MikroORM;
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly temporal: TemporalConfiguration;
  readonly log: Logger;
}

/**
 * Sees to it that the acts' workflows can be where the acts say, now and while the process runs. PostgreSQL is the only
 * backup: a store that is new makes every open act wanted again.
 */
export async function keepTemporalStore(parts: TemporalStoreParts): Promise<{ readonly stop: () => Promise<void> }> {
  let known = await adopt(parts);
  let asking = Promise.resolve();
  const timer = setInterval(() => {
    asking = adopt(parts, known).then(
      (id) => void (known = id),
      (error: unknown) => parts.log.debug({ err: error }, 'Temporal does not answer'),
    );
  }, ASK_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await asking;
    },
  };
}

/** @returns the id of the namespace, which a new store makes anew. */
async function adopt({ orm, connection, client, temporal, log }: TemporalStoreParts, known?: string): Promise<string> {
  const { namespace } = temporal;
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  const id = namespaceInfo?.id;
  if (!id) throw new Error(`Temporal does not say which namespace "${namespace}" is`);
  if (id === known) return id;
  await registerSearchAttributes(connection, namespace);
  await reconcileSchedules(client, temporal.queuePrefix);
  const again = await orm.em.fork().transactional((em) => adoptStore(em, id));
  if (again > 0) log.warn({ acts: again }, "Temporal's store is new: every open act is started again");
  return id;
}
