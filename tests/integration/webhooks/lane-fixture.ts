import type { MikroORM } from '@mikro-orm/postgresql';
import { MockActivityEnvironment } from '@temporalio/testing';
import { v7 } from 'uuid';
import { emitWebhooks } from '../../../activities/webhooks/emit-webhooks.ts';
import { readAllowedNetworks } from '../../../activities/webhooks/allowed-networks.ts';
import { makePostWebhook, type PostWebhook } from '../../../activities/webhooks/post-webhook.ts';
import { sendWebhooks, type LaneOutcome, type WebhookSending } from '../../../activities/webhooks/send-webhooks.ts';
import { webhooksAct, type WebhooksArgument } from '../../../activities/webhooks/webhooks-act.ts';
import { wantWebhookLanes } from '../../../activities/webhooks/want-webhook-lanes.ts';
import { makeWebhookKeys, type WebhookKeys } from '../../../activities/webhooks/webhook-keys.ts';
import type { Webhook } from '../../../db/entities/webhooks/webhook.ts';
import { sql } from '../../../db/sql.ts';
import { billingFixture, type BillingFixture } from '../../support/billing-fixture.ts';

const SECRET_KEY = 'the secret key of the tests';

/** The keys of a test file's database; making the RSA key takes a while, so that a file makes it once. */
export const laneKeys = (orm: MikroORM): WebhookKeys => makeWebhookKeys(orm, SECRET_KEY);

/** An organization and what its lanes do, without Temporal: each look is a call. */
export interface LaneFixture {
  readonly organizationId: string;
  readonly billing: BillingFixture;
  /** The lane's clock runs from the system's on; this moves it ahead. */
  readonly passes: (ms: number) => void;
  readonly now: () => Date;
  readonly endpoint: (
    url: string,
    settings?: { readonly algo?: 'jwt' | 'hmac'; readonly types?: string[] },
  ) => Promise<string>;
  /** Emits an update of a customer with this id. */
  readonly emit: (objectId: string, mark?: number) => Promise<void>;
  readonly send: (endpointId: string, options?: SendOptions) => Promise<LaneOutcome>;
  /** Ids of the endpoints whose lanes the dispatcher would start now. */
  readonly wanted: () => Promise<string[]>;
  readonly webhooks: (endpointId: string) => Promise<StoredWebhook[]>;
  readonly act: (endpointId: string) => Promise<{ readonly state: string; readonly dueAt: Date | null } | undefined>;
  readonly rows: <Row extends object>(text: string, parameters?: readonly unknown[]) => Promise<Row[]>;
}

export interface SendOptions {
  readonly post?: PostWebhook;
  readonly limitMs?: number;
  readonly fault?: () => void;
  readonly environment?: MockActivityEnvironment;
}

export interface StoredWebhook {
  readonly id: string;
  readonly objectId: string;
  readonly status: Webhook['status'];
  readonly place: Webhook['place'];
  readonly retries: number;
  readonly httpStatus: number | null;
  readonly response: string | null;
  /** Milliseconds from the lane's now to the next try; null: there is none. */
  readonly waitMs: number | null;
}

export async function laneFixture(orm: MikroORM, keys: WebhookKeys): Promise<LaneFixture> {
  const billing = await billingFixture(orm, '2023-01-15T10:00:00Z');
  const { organizationId } = billing;
  let ahead = 0;
  const now = (): Date => new Date(Date.now() + ahead);
  const rows: LaneFixture['rows'] = (text, parameters) => sql(orm.em.fork(), text, parameters);
  return {
    organizationId,
    billing,
    passes: (ms) => {
      ahead += ms;
    },
    now,
    endpoint: async (url, { algo = 'jwt', types } = {}) => {
      const id = v7();
      await rows(
        `insert into webhook_endpoints (id, organization_id, webhook_url, signature_algo, event_types, created_at, updated_at)
         values ($1, $2, $3, $4, $5::jsonb, now(), now())`,
        [id, organizationId, url, algo, types ? JSON.stringify(types) : null],
      );
      return id;
    },
    emit: (objectId, mark = 0) =>
      orm.em
        .fork()
        .transactional((em) =>
          emitWebhooks(em, { organizationId, now: new Date('2023-01-15T10:00:00Z') }, ['customer.updated'], () => [
            { type: 'customer.updated', objectId, object: { lago_id: objectId, mark } },
          ]),
        ),
    send: (endpointId, { post, limitMs = 5000, fault, environment = new MockActivityEnvironment() } = {}) => {
      const sending: WebhookSending = {
        post: post ?? makePostWebhook({ allowed: readAllowedNetworks('true'), limitMs }),
        keys,
        issuer: 'https://billing.test',
        random: () => 0,
      };
      const dependencies = { ...billing.dependencies, realTime: now, ...(fault && { fault }) };
      const argument = webhooksAct({ organizationId, endpointId }).argument as unknown as WebhooksArgument;
      return environment.run((given: WebhooksArgument) => sendWebhooks(dependencies, sending, given), argument);
    },
    wanted: async () => {
      await orm.em.fork().transactional((em) => wantWebhookLanes(em, now()));
      const acts = await rows<{ id: string }>(
        `select argument->>'endpointId' as id from acts where kind = 'webhooks' and state = 'wanted' and organization_id = $1 order by id`,
        [organizationId],
      );
      return acts.map(({ id }) => id);
    },
    webhooks: async (endpointId) => {
      const stored = await rows<StoredWebhook & { readonly next: string | null }>(
        `select id, object_id as "objectId", status, place, retries, http_status as "httpStatus", response,
                next_attempt_at as next
         from webhooks where webhook_endpoint_id = $1 order by sequence`,
        [endpointId],
      );
      return stored.map(({ next, ...row }) => ({
        ...row,
        waitMs: next === null ? null : new Date(next).getTime() - now().getTime(),
      }));
    },
    act: async (endpointId) => {
      const [act] = await rows<{ state: string; due: string | null }>(
        `select state, due_at as due from acts where kind = 'webhooks' and argument->>'endpointId' = $1`,
        [endpointId],
      );
      return act && { state: act.state, dueAt: act.due === null ? null : new Date(act.due) };
    },
    rows,
  };
}
