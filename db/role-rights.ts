import { Client } from 'pg';

/** What a process does with the tables: brings them to its schema, works with them, or only looks. */
export type Purpose = 'migrate' | 'work' | 'look';

const PRIVILEGES = { work: ['select', 'insert', 'update', 'delete'], look: ['select'] } as const;

interface Place {
  readonly role: string;
  readonly database: string;
  /** null: the role may use none. */
  readonly schema: string | null;
  readonly mayCreate: boolean;
}

/** A server that takes a connection and says nothing must not keep whoever starts. */
const ANSWER_LIMIT_MS = 5000;

/**
 * What the role of `DATABASE_URL` may not do and has to; undefined: nothing is missing. The answer is one sentence with
 * the statement that mends it. A table that is not there yet is not missed.
 *
 * @param limitMs how long PostgreSQL may take for each answer.
 * @throws what PostgreSQL says when it cannot be asked.
 */
export async function missingRights(
  databaseUrl: string,
  purpose: Purpose,
  limitMs: number = ANSWER_LIMIT_MS,
): Promise<string | undefined> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'durabill rights',
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Place>(
      `select quote_ident(current_user) as role, quote_ident(current_database()) as database,
         quote_ident(current_schema()) as schema,
         coalesce(has_schema_privilege(current_schema(), 'create'), false) as "mayCreate"`,
    );
    const place = rows[0]!;
    const rights = purpose === 'migrate' ? 'usage, create' : 'usage';
    if (place.schema === null || (purpose === 'migrate' && !place.mayCreate)) {
      const may = place.schema === null ? 'use the schema' : 'create tables in the schema';
      const schema = place.schema ?? 'public';
      return sentence(place, `may not ${may} ${schema}`, `grant ${rights} on schema ${schema} to ${place.role}`);
    }
    return await (purpose === 'migrate' ? foreignTables(client, place) : closedTables(client, place, purpose));
  } finally {
    await client.end();
  }
}

/** Only a table's owner may change it. */
async function foreignTables(client: Client, place: Place): Promise<string | undefined> {
  const { rows } = await client.query<{ table: string; owner: string }>(
    `select quote_ident(relname) as table, quote_ident(pg_get_userbyid(relowner)) as owner from pg_class
     where relnamespace = current_schema()::regnamespace and relkind = 'r' and not pg_has_role(relowner, 'usage')
     order by relname`,
  );
  const [first] = rows;
  if (!first) return undefined;
  const tables = listed(rows.map(({ table }) => table));
  return sentence(place, `has to change, and does not own, ${tables}`, `grant ${first.owner} to ${place.role}`);
}

async function closedTables(
  client: Client,
  place: Place,
  purpose: Exclude<Purpose, 'migrate'>,
): Promise<string | undefined> {
  const { rows } = await client.query<{ table: string; missing: string[] }>(
    `select quote_ident(relname) as table,
       array(select privilege from unnest($1::text[]) privilege where not has_table_privilege(oid, privilege)
         -- Only migrations write what has been migrated.
         and (privilege = 'select' or relname <> 'mikro_orm_migrations')) as missing
     from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' order by relname`,
    [PRIVILEGES[purpose]],
  );
  const closed = rows.filter(({ missing }) => missing.length > 0);
  if (closed.length === 0) return undefined;
  const missing = PRIVILEGES[purpose].filter((privilege) => closed.some((table) => table.missing.includes(privilege)));
  const tables = listed(closed.map(({ table }) => table));
  const grant = `grant ${missing.join(', ')} on all tables in schema ${place.schema} to ${place.role}`;
  return sentence(place, `may not ${missing.join(', ')} in ${tables}`, grant);
}

function listed(tables: readonly string[]): string {
  const others = tables.length - 1;
  if (others === 0) return `the table ${tables[0]}`;
  return `the table ${tables[0]} and ${others} other${others === 1 ? '' : 's'}`;
}

const sentence = ({ role, database }: Place, problem: string, statement: string): string =>
  `The role ${role} of DATABASE_URL ${problem} of the database ${database}: run \`${statement};\` there, as the owner.`;
