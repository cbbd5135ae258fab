import type { EntityManager, EntityName } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';

/**
 * The row with an id that somebody has sent; null where there is none. A text that is no UUID, which PostgreSQL would
 * refuse, is nobody's id.
 *
 * @param refresh reads the row again where this entity manager has it already.
 */
export const findById = <Row extends { readonly id: string }>(
  em: EntityManager,
  entity: EntityName<Row>,
  id: string,
  { refresh = false }: { readonly refresh?: boolean } = {},
): Promise<Row | null> => (isUuid(id) ? em.findOne<Row>(entity, { id } as never, { refresh }) : Promise.resolve(null));
