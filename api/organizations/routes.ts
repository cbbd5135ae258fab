import { updateOrganization } from '../../activities/organizations/update-organization.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { scopeWith } from '../http/command-scope.ts';
import { taxesOf } from '../../db/queries/taxes/attached-taxes.ts';
import { route, type Route } from '../http/route.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { allEndpoints } from '../../db/queries/webhooks/all-endpoints.ts';
import { ENDPOINT_CONSTRAINTS } from '../webhook-endpoints/to-command.ts';
import { organizationJson } from '../../shapes/organizations/organization.ts';
import { organizationAnswer, organizationUpdateSchema } from './schema.ts';
import { toUpdateOrganization } from './to-command.ts';

const read = route({
  method: 'get',
  path: '/organizations',
  permission: 'organization',
  summary: 'The organization of the API key, with the settings of its default billing entity',
  answer: organizationAnswer,
  handle: async ({ em, organization }) => {
    const entity = await em.findOneOrFail(BillingEntity, { isDefault: true });
    return { organization: organizationJson(organization, entity, await allEndpoints(em), await taxesOf(em, entity)) };
  },
});

const update = route({
  method: 'put',
  path: '/organizations',
  permission: 'organization',
  summary:
    'Change the organization and its default billing entity; changed invoice settings reach its drafts in the ' +
    'background',
  root: 'organization',
  body: organizationUpdateSchema,
  answer: organizationAnswer,
  handle: async (context, { body }) => {
    const scope = scopeWith(context, { allowedNetworks: context.allowedNetworks });
    const { organization, entity, acts } = await refusingDuplicates(ENDPOINT_CONSTRAINTS, () =>
      context.em.transactional((em) => updateOrganization(em, scope, toUpdateOrganization(body))),
    );
    context.startAfterAnswer(acts);
    const taxes = await taxesOf(context.em, entity);
    return { organization: organizationJson(organization, entity, await allEndpoints(context.em), taxes) };
  },
});

export const routes: readonly Route[] = [read, update];
