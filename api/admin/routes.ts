import type { MikroORM } from '@mikro-orm/postgresql';
import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import type { ZodOpenApiObject } from 'zod-openapi';
import type { WebhookKeys } from '../../activities/webhook-keys.ts';
import { insideRoot, readBody } from '../body.ts';
import { realTime } from '../clock.ts';
import { problemResponses } from '../openapi.ts';
import { createOrganization } from '../organizations/create-organization.ts';
import { organizationJson } from '../organizations/json.ts';
import { createdOrganizationAnswer, organizationCreateSchema } from '../organizations/schema.ts';
import { refuseUnavailableSettings } from '../organizations/settings.ts';
import { parse } from '../validation.ts';

export interface AdminDependencies {
  readonly orm: MikroORM;
  readonly webhookKeys: WebhookKeys;
  /** Checks each answer against its schema: for tests. */
  readonly checkAnswers: boolean;
}

/** What an operator does, beside all organizations; the caller has checked the admin key. */
export function adminRouter(dependencies: AdminDependencies): Router {
  const router = Router();
  router.post('/organizations', postOrganization(dependencies));
  return router;
}

/** What the OpenAPI document says of it. */
export const adminPaths = {
  '/admin/organizations': {
    post: {
      summary: 'Create an organization',
      tags: ['admin'],
      security: [{ adminKey: [] }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: z.object({ organization: organizationCreateSchema }) } },
      },
      responses: {
        '200': {
          description: 'The organization with its API key, which is shown this once.',
          content: { 'application/json': { schema: createdOrganizationAnswer } },
        },
        ...problemResponses,
      },
    },
  },
} satisfies ZodOpenApiObject['paths'];

const postOrganization =
  ({ orm, webhookKeys, checkAnswers }: AdminDependencies): RequestHandler =>
  async (request, response) => {
    const body = parse(organizationCreateSchema, insideRoot(await readBody(request, response), 'organization'));
    refuseUnavailableSettings(body);
    // What could refuse to make the organization's key should do so before there is an organization.
    await webhookKeys.privateKey();
    const { organization, entity, endpoints, apiKey } = await createOrganization(orm.em.fork(), body, realTime());
    const json = organizationJson(organization, entity, endpoints);
    const answer = {
      organization: { ...json, api_key: apiKey, hmac_key: await webhookKeys.hmacKey(organization.id) },
    };
    if (checkAnswers) createdOrganizationAnswer.parse(answer);
    response.json(answer);
  };
