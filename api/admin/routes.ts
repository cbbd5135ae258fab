import type { MikroORM } from '@mikro-orm/postgresql';
import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import type { ZodOpenApiObject } from 'zod-openapi';
import { noFault, type FaultPoint } from '../../activities/fault-point.ts';
import type { AllowedNetworks } from '../../activities/webhooks/allowed-networks.ts';
import type { WebhookKeys } from '../../activities/webhooks/webhook-keys.ts';
import { insideRoot, readBody } from '../http/body.ts';
import { realTime } from '../http/clock.ts';
import { answerRequest } from '../idempotency/answer-request.ts';
import { idempotencyKeyHeader } from '../idempotency/key-header.ts';
import { sendAnswer } from '../idempotency/send-answer.ts';
import { otherMethods } from '../http/other-methods.ts';
import { answerExample, requestExample } from '../document/examples.ts';
import { problemsOf } from '../http/problems.ts';
import { ADMIN_TAG } from '../document/tags.ts';
import { createOrganization } from '../../activities/organizations/create-organization.ts';
import { toCreateOrganization } from '../organizations/to-command.ts';
import { organizationJson } from '../../shapes/organizations/organization.ts';
import { createdOrganizationAnswer, organizationCreateSchema } from '../organizations/schema.ts';
import { parse } from '../http/validation.ts';

export interface AdminDependencies {
  readonly orm: MikroORM;
  readonly webhookKeys: WebhookKeys;
  readonly allowedNetworks: AllowedNetworks;
  /** Checks each answer against its schema: for tests. */
  readonly checkAnswers: boolean;
  readonly workflowUrl: (workflowId: string) => string;
  readonly fault?: FaultPoint;
}

/** What an operator does, beside all organizations; the caller has checked the admin key. */
export function adminRouter(dependencies: AdminDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.post('/organizations', postOrganization(dependencies));
  router.all('/organizations', otherMethods(['post']));
  return router;
}

/** What the OpenAPI document says of it. */
export const adminPaths = {
  '/admin/organizations': {
    post: {
      operationId: 'createOrganization',
      summary: 'Create an organization',
      tags: [ADMIN_TAG.name],
      security: [{ adminKey: [] }],
      requestParams: { header: idempotencyKeyHeader },
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: z.object({ organization: organizationCreateSchema }),
            ...requestExample('createOrganization'),
          },
        },
      },
      responses: {
        '200': {
          description: 'The organization with its API key, which is shown this once.',
          content: {
            'application/json': { schema: createdOrganizationAnswer, ...answerExample('createOrganization') },
          },
        },
        ...problemsOf({ method: 'post', hasBody: true }),
      },
    },
  },
} satisfies ZodOpenApiObject['paths'];

const postOrganization =
  ({
    orm,
    webhookKeys,
    allowedNetworks,
    checkAnswers,
    workflowUrl,
    fault = noFault,
  }: AdminDependencies): RequestHandler =>
  async (request, response) => {
    const body = await readBody(request, response);
    // What could refuse to make the organization's key should do so before there is an organization.
    await webhookKeys.privateKey();
    const asked = { organizationId: null, body, secretAnswer: true };
    const { given, repeated } = await answerRequest(orm.em.fork(), request, asked, fault, async (em) => {
      const input = parse(organizationCreateSchema, insideRoot(body, 'organization'));
      const scope = { realTime: realTime(), allowedNetworks };
      const created = await createOrganization(em, scope, toCreateOrganization(input));
      const { organization, entity, endpoints, apiKey } = created;
      const json = organizationJson(organization, entity, endpoints, []);
      const hmacKey = await webhookKeys.hmacKey(organization.id, em);
      const answer = { organization: { ...json, api_key: apiKey, hmac_key: hmacKey } };
      if (checkAnswers) createdOrganizationAnswer.parse(answer);
      return { status: 200, body: JSON.stringify(answer), workflowId: null };
    });
    sendAnswer(response, given, { workflowUrl, repeated });
  };
