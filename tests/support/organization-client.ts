/** What a test says to the API as one organization. */
export interface OrganizationClient {
  readonly organizationId: string;
  readonly apiKey: string;
  readonly request: (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;
  /** A request that must succeed. @returns the body. */
  readonly ok: (method: string, path: string, body?: unknown) => Promise<any>;
  /** Waits until nothing started for the organization works any more; goes on asking while the server is away. */
  readonly settled: (limitMs?: number) => Promise<void>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

interface Server {
  readonly url: string;
  readonly adminKey: string;
}

const LOOK_EVERY_MS = 50;

async function send(url: string, key: string, method: string, body: unknown): Promise<ApiAnswer> {
  const response = await fetch(url, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** Creates an organization, in test mode unless said otherwise, and speaks for it. */
export async function createOrganization(
  server: Server,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<OrganizationClient> {
  const created = await send(`${server.url}/admin/organizations`, server.adminKey, 'POST', {
    organization: { name: 'Test', test_mode: true, ...settings },
  });
  if (created.status !== 200) throw new Error(`no organization: ${JSON.stringify(created.body)}`);
  const { lago_id: organizationId, api_key: apiKey } = created.body.organization;
  const request = (method: string, path: string, body?: unknown) =>
    send(`${server.url}/api/v1${path}`, apiKey, method, body);
  return {
    organizationId,
    apiKey,
    request,
    ok: async (method, path, body) => {
      const answer = await request(method, path, body);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    settled: async (limitMs = 60_000) => {
      const until = performance.now() + limitMs;
      for (;;) {
        const answer = await request('GET', '/test_clock').catch(() => undefined);
        if (answer?.body?.test_clock?.status === 'ready') return;
        if (performance.now() > until) throw new Error(`not ready after ${limitMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
  };
}

/** Subscribes `count` customers to one monthly plan of 31.00, spread over the given time zones. */
export async function subscribeCustomers(
  organization: OrganizationClient,
  count: number,
  timeZones: readonly string[] = ['UTC'],
): Promise<void> {
  await organization.ok('POST', '/plans', {
    plan: {
      name: 'Monthly',
      code: 'monthly',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'EUR',
      pay_in_advance: false,
      charges: [],
    },
  });
  const subscribe = async (index: number): Promise<void> => {
    const id = `c${index}`;
    const timezone = timeZones[index % timeZones.length];
    await organization.ok('POST', '/customers', { customer: { external_id: id, name: id, currency: 'EUR', timezone } });
    await organization.ok('POST', '/subscriptions', {
      subscription: { external_customer_id: id, external_id: `s${index}`, plan_code: 'monthly' },
    });
  };
  const lanes = 8;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let index = lane; index < count; index += lanes) await subscribe(index);
    }),
  );
}
