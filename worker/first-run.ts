import { Client } from 'pg';

/** What the sample story needs to bill over HTTP, and to go on where a killed one ended. */
export interface FirstRunFacts {
  /** Without `/api/v1`. */
  readonly apiUrl: string;
  readonly adminKey: string;
  /** Empty: there is none. */
  readonly temporalUiUrl: string;
  /** Where it may keep what the next start needs to go on with it. */
  readonly memoryFile: string;
  /** Ends it where it is. */
  readonly signal: AbortSignal;
}

/** @returns the key of the organization that it made. */
export type FirstRunStory = (facts: FirstRunFacts) => Promise<{ readonly apiKey: string }>;

/** Whether nobody has made a table yet. */
export async function isEmptyDatabase(databaseUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      `select from pg_class where relkind = 'r' and relnamespace not in (
         select oid from pg_namespace where nspname like 'pg\\_%' or nspname = 'information_schema') limit 1`,
    );
    return rowCount === 0;
  } finally {
    await client.end();
  }
}

/** Instead of the sample story: an organization to begin with. */
export const makeFirstOrganization: FirstRunStory = async ({ apiUrl, adminKey }) => {
  const response = await fetch(`${apiUrl}/admin/organizations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ organization: { name: 'My organization' } }),
  });
  const text = await response.text();
  const key = response.ok ? /"api_key"\s*:\s*"([^"]+)"/.exec(text)?.[1] : undefined;
  if (key === undefined)
    throw new Error(`POST /admin/organizations answered ${response.status}: ${text.slice(0, 300)}`);
  return { apiKey: key };
};
