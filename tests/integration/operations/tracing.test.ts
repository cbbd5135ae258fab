// One trace from an HTTP request through its act and its workflow to the activity and the SQL; and no billing that
// depends on it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { freePort } from '../../support/servers/free-port.ts';
import { createOrganization, subscribeCustomers, type OrganizationClient } from '../../support/organization-client.ts';
import { manyInvoices } from '../../support/many-invoices.ts';
import { runningDurabill, type RunningDurabill } from '../../support/processes/running-durabill.ts';
import { traceCollector, type CollectedSpan, type TraceCollector } from '../../support/servers/trace-collector.ts';
import { until } from '../../support/until.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

async function billAMonth(organization: OrganizationClient): Promise<void> {
  await organization.ok('PUT', '/test_clock', {
    test_clock: { frozen_time: '2024-02-02T00:00:00Z', mode: 'advance' },
  });
  await organization.settled();
}

async function newOrganization(durabill: RunningDurabill): Promise<OrganizationClient> {
  const organization = await createOrganization(durabill);
  await organization.ok('PUT', '/test_clock', {
    test_clock: { frozen_time: '2024-01-01T00:00:00Z', mode: 'jump' },
  });
  await subscribeCustomers(organization, 1);
  return organization;
}

describe('with a collector', () => {
  let collector: TraceCollector;
  let durabill: RunningDurabill;
  let organization: OrganizationClient;
  const ofTrace = (): readonly CollectedSpan[] => collector.spans().filter(({ traceId }) => traceId === TRACE);
  const named = (name: string): CollectedSpan => {
    const span = ofTrace().find((one) => one.name === name);
    if (!span)
      throw new Error(
        `no span ${name} among: ${ofTrace()
          .map((one) => one.name)
          .join()}`,
      );
    return span;
  };

  beforeAll(async () => {
    collector = await traceCollector();
    durabill = await runningDurabill({
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100', LOG_LEVEL: 'debug' },
    });
    organization = await newOrganization(durabill);
    // A customer of its own: subscriptions that fall due together are billed by whichever is first.
    await organization.ok('POST', '/customers', { customer: { external_id: 'c1', name: 'c1', currency: 'EUR' } });
    const answer = await fetch(`${durabill.url}/api/v1/subscriptions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${organization.apiKey}`,
        'content-type': 'application/json',
        traceparent: `00-${TRACE}-${CALLER}-01`,
      },
      body: JSON.stringify({
        subscription: { external_customer_id: 'c1', external_id: 'traced', plan_code: 'monthly' },
      }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    await organization.settled();
    await billAMonth(organization);
    await until(() => ofTrace().some(({ name }) => name === 'RunWorkflow:period'), 'the workflow has been traced');
  });
  afterAll(async () => {
    await durabill.stop();
    await collector.close();
  });

  test('the request, the start, the workflow and its activity are one trace', () => {
    const request = named('POST /api/v1/subscriptions');
    expect(request).toMatchObject({
      service: 'durabill-api',
      parentSpanId: CALLER,
      attributes: {
        'http.route': '/api/v1/subscriptions',
        'http.response.status_code': 200,
        organization_id: organization.organizationId,
      },
    });
    const start = named('StartWorkflow:period');
    expect(start.parentSpanId).toBe(request.spanId);
    const workflow = named('RunWorkflow:period');
    expect([workflow.service, workflow.parentSpanId]).toEqual(['durabill-worker', start.spanId]);
    const activity = named('RunActivity:billPeriod');
    expect(activity.parentSpanId).toBe(named('StartActivity:billPeriod').spanId);
    expect(String(activity.attributes['temporalWorkflowId'])).toMatch(/^period\//);
  });

  test('statements have spans named after what they do, below the request or activity that sent them', () => {
    const request = named('POST /api/v1/subscriptions');
    const activity = named('RunActivity:billPeriod');
    const below = ({ spanId }: CollectedSpan): readonly string[] =>
      ofTrace()
        .filter(({ parentSpanId }) => parentSpanId === spanId)
        .map(({ name }) => name);
    expect(below(request)).toEqual(expect.arrayContaining(['select api_keys', 'insert subscriptions', 'insert acts']));
    expect(below(activity)).toEqual(expect.arrayContaining(['insert billing_claims', 'insert invoices', 'commit']));
  });

  test('the act remembers the trace, for whoever starts it; the next period begins one of its own', async () => {
    const client = new Client({ connectionString: durabill.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ state: string; traceparent: string | null }>(
      `select acts.state, acts.traceparent from acts join subscriptions on subscriptions.id = acts.subscription_id
       where acts.kind = 'period' and subscriptions.external_id = 'traced' order by acts.due_at`,
    );
    await client.end();
    expect(rows).toEqual([
      { state: 'done', traceparent: expect.stringMatching(`^00-${TRACE}-[0-9a-f]{16}-01$`) },
      { state: 'waiting', traceparent: null },
    ]);
  });

  test('the parts of an export, made side by side, stay in the trace of its request (S117)', async () => {
    const exporting = await createOrganization(durabill);
    await manyInvoices(durabill.databaseUrl, exporting, 80);
    const traceId = randomUUID().replaceAll('-', '');
    const answer = await fetch(`${durabill.url}/api/v1/data_exports`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${exporting.apiKey}`,
        'content-type': 'application/json',
        traceparent: `00-${traceId}-${CALLER}-01`,
      },
      body: JSON.stringify({ data_export: { resource_type: 'invoices' } }),
    });
    expect(answer.status).toBe(200);
    const spansOf = (name: string) =>
      collector.spans().filter((span) => span.traceId === traceId && span.name === name);
    await until(() => spansOf('RunActivity:assembleExport').length > 0, 'the export has been traced');
    // Four parts of 20 invoices, each a lane of its own.
    const parts = spansOf('RunActivity:exportParts');
    expect(new Set(parts.map(({ parentSpanId }) => parentSpanId))).toEqual(
      new Set(spansOf('StartActivity:exportParts').map(({ spanId }) => spanId)),
    );
    expect(parts).toHaveLength(4);
  });

  test('a log line leads to its trace', () => {
    const lines = durabill.log('api').split('\n');
    const line = lines.find((text) => text.includes('"route":"/api/v1/subscriptions"') && text.includes(TRACE));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      trace_id: TRACE,
      span_id: named('POST /api/v1/subscriptions').spanId,
    });
  });

  /** Asks within a trace of the test's own. @returns the lines about it, and the span of the request. */
  async function failing(method: string, path: string, body?: string) {
    const traceId = randomUUID().replaceAll('-', '');
    const { status } = await fetch(`${durabill.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${organization.apiKey}`, traceparent: `00-${traceId}-${CALLER}-01` },
      ...(body !== undefined && { body }),
    });
    const isOurs = (span: CollectedSpan): boolean => span.traceId === traceId && span.parentSpanId === CALLER;
    const lines = () =>
      durabill
        .log('api')
        .split('\n')
        .filter((line) => line.includes(traceId))
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    await until(() => collector.spans().some(isOurs), 'the request has been traced');
    await until(() => lines().some(({ msg }) => msg === 'request'), 'the request has its line');
    return { status, traceId, lines: lines(), span: collector.spans().find(isOurs)! };
  }

  test.each([
    ['POST', '/plans', '{"plan":{"name":""}}', 422],
    ['POST', '/plans', '{', 400],
    ['GET', '/plans/nobody', undefined, 404],
    ['GET', '/nothing', undefined, 404],
  ])('the line of a refused %s %s leads to its trace', async (method, path, body, status) => {
    const { traceId, lines, span, ...answer } = await failing(method, path, body);
    expect(answer.status).toBe(status);
    expect(span.attributes).toMatchObject({ 'http.response.status_code': status });
    expect(lines).toMatchObject([{ msg: 'request', status, trace_id: traceId, span_id: span.spanId }]);
  });

  test('both lines of a failed request lead to its trace', async () => {
    const database = new Client({ connectionString: durabill.databaseUrl });
    await database.connect();
    await database.query('alter table webhook_endpoints rename to webhook_endpoints_gone');
    const { status, traceId, lines, span } = await failing('GET', '/webhook_endpoints');
    await database.query('alter table webhook_endpoints_gone rename to webhook_endpoints');
    await database.end();
    expect(status).toBe(500);
    expect(span.attributes).toMatchObject({ 'http.response.status_code': 500 });
    const leads = { trace_id: traceId, request_id: span.attributes['request_id'] };
    expect(lines).toMatchObject([
      { level: 'error', msg: 'request failed', ...leads },
      { level: 'info', msg: 'request', status: 500, ...leads, span_id: span.spanId },
    ]);
  });

  test("an activity's line names the workflow and the run of its span", () => {
    const { attributes } = named('RunActivity:billPeriod');
    const lines = durabill
      .log('worker')
      .split('\n')
      .filter((line) => line.includes('"activity":"billPeriod"'))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const own = lines.filter((line) => line['workflow_id'] === attributes['temporalWorkflowId']);
    expect(own.map((line) => line['run_id'])).toContain(attributes['run_id']);
  });

  test('no span holds what a customer has sent', () => {
    const text = JSON.stringify(ofTrace());
    for (const sent of ['"c1"', '"traced"', organization.apiKey]) expect(text).not.toContain(sent);
  });
});

test('a collector that is not there disturbs nobody', async () => {
  const durabill = await runningDurabill({
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
  const organization = await newOrganization(durabill);
  await billAMonth(organization);
  const { invoices } = await organization.ok('GET', '/invoices');
  expect(invoices.map((invoice: { status: string }) => invoice.status)).toEqual(['finalized']);
  await until(() => durabill.log('api').includes('tracing does not work'), 'it is said once');
  // Ends with exit code 0, or throws.
  await durabill.stop();
  for (const role of ['api', 'worker'] as const) {
    expect(
      durabill
        .log(role)
        .split('\n')
        .filter((line) => line.includes('tracing does not work')).length,
    ).toBeLessThan(3);
  }
});
