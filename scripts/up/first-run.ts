import { Client } from 'pg';
import { hasTables } from '../../db/postgres-server.ts';

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
    return !(await hasTables(client));
  } finally {
    await client.end();
  }
}

export const FIRST_ORGANIZATION = 'My organization';

/**
 * The organization to begin with: live, so that its events are of today. A start that was killed here makes no second
 * one.
 */
export const makeFirstOrganization: FirstRunStory = async ({ apiUrl, adminKey, signal }) => {
  const response = await fetch(`${apiUrl}/admin/organizations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${adminKey}`,
      'content-type': 'application/json',
      'idempotency-key': 'the-first-organization',
    },
    body: JSON.stringify({ organization: { name: FIRST_ORGANIZATION } }),
    signal,
  });
  const text = await response.text();
  const key = response.ok ? /"api_key"\s*:\s*"([^"]+)"/.exec(text)?.[1] : undefined;
  if (key === undefined)
    throw new Error(`POST /admin/organizations answered ${response.status}: ${text.slice(0, 300)}`);
  return { apiKey: key };
};

const CLOCK_LIMIT_MS = 5000;

/** Where the test clock of a key's organization stands, for a person to read; undefined: it does not say. */
export async function testClockOf(apiUrl: string, apiKey: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${apiUrl}/api/v1/test_clock`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(CLOCK_LIMIT_MS),
    });
    const time = /"frozen_time"\s*:\s*"([^"]+)"/.exec(await response.text())?.[1];
    return response.ok ? time : undefined;
  } catch {
    return undefined;
  }
}
