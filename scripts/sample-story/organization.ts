import { ORGANIZATION } from './price-list.ts';
import type { SampleStoryMemory, SampleStoryMemoryStore } from './memory.ts';
import { UnexpectedAnswer, makeStoryApi, postOnce, type StoryApiOptions } from './story-api.ts';

/** Where the server is, and how it is spoken to. */
export type Server = Pick<StoryApiOptions, 'fetch' | 'signal'> & {
  readonly apiUrl: string;
  readonly adminKey: string;
};

/** How the organization's own requests are sent. */
export const withKey = ({ apiUrl, fetch, signal }: Server, key: string): StoryApiOptions => ({
  baseUrl: `${apiUrl}/api/v1`,
  key,
  fetch,
  signal,
});

/**
 * The organization of an earlier start that was killed, or a new one, which is remembered before anything is done with
 * it.
 */
export async function findOrCreateOrganization(
  server: Server,
  memory: SampleStoryMemoryStore,
): Promise<SampleStoryMemory> {
  const remembered = await memory.read();
  if (remembered && (await isKnown(server, remembered))) return remembered;
  const { organization } = await postOnce<{ organization: { lago_id: string; api_key: string } }>(
    { ...withKey(server, server.adminKey), baseUrl: server.apiUrl },
    '/admin/organizations',
    { organization: ORGANIZATION },
  );
  const created = {
    organizationId: organization.lago_id,
    apiKey: organization.api_key,
    workflowUrl: null,
    finished: false,
  };
  await memory.write(created);
  return created;
}

/** The data folder may outlive the database. */
async function isKnown(server: Server, { apiKey }: SampleStoryMemory): Promise<boolean> {
  try {
    await makeStoryApi(withKey(server, apiKey)).get('/test_clock');
    return true;
  } catch (error) {
    if (error instanceof UnexpectedAnswer && error.status === 401) return false;
    throw error;
  }
}
