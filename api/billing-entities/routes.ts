import type { EntityManager } from '@mikro-orm/postgresql';
import { changeBillingEntity } from '../../activities/organizations/change-billing-entity.ts';
import { createBillingEntity } from '../../activities/organizations/create-billing-entity.ts';
import { notFound } from '../../billing/refusal.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { billingEntityList } from '../../db/lists/billing-entities.ts';
import { taxesOf } from '../../db/queries/taxes/attached-taxes.ts';
import { route, type Route } from '../http/route.ts';
import { refuseUnavailable } from '../document/unavailable.ts';
import { refusingDuplicates } from '../http/unique-violation.ts';
import { billingEntityJson, extendedBillingEntityJson } from '../../shapes/organizations/billing-entity.ts';
import { scopeOf } from '../http/command-scope.ts';
import { toEntityChanges } from '../organizations/to-command.ts';
import {
  billingEntityAnswer,
  billingEntityInput,
  billingEntityListAnswer,
  billingEntityUpdateInput,
  extendedBillingEntityAnswer,
  type BillingEntityUpdateInput,
} from './schema.ts';

const permission = 'billing_entity';

/** @throws Refusal 403 `feature_unavailable`: there are no custom sections to attach. */
const refuseAttachments = (input: BillingEntityUpdateInput): void => refuseUnavailable(billingEntityUpdateInput, input);

const shown = async (em: EntityManager, entity: BillingEntity) => ({
  billing_entity: extendedBillingEntityJson(entity, await taxesOf(em, entity)),
});

const list = route({
  method: 'get',
  path: '/billing_entities',
  permission,
  summary: 'The billing entities of the organization, newest first; there is no pagination',
  answer: billingEntityListAnswer,
  handle: async ({ em }) => {
    const entities = await billingEntityList.statement(em, {}).selectAll('billing_entities').execute();
    return { billing_entities: entities.map(billingEntityJson) };
  },
});

const create = route({
  method: 'post',
  path: '/billing_entities',
  permission,
  summary: 'Create a billing entity beside the default one',
  root: 'billing_entity',
  body: billingEntityInput,
  answer: billingEntityAnswer,
  handle: async (context, { body }) => {
    refuseAttachments(body);
    const { code, name } = body;
    const entity = await refusingDuplicates({ billing_entities_code: 'code' }, () =>
      context.em.transactional((em) =>
        createBillingEntity(em, scopeOf(context), {
          ...toEntityChanges(body),
          code,
          name,
          taxCodes: body.tax_codes ?? null,
        }),
      ),
    );
    return { billing_entity: billingEntityJson(entity) };
  },
});

const read = route({
  method: 'get',
  path: '/billing_entities/:code',
  permission,
  summary: 'One billing entity',
  answer: extendedBillingEntityAnswer,
  handle: async ({ em }, { params }) => {
    const entity = await em.findOne(BillingEntity, { code: params['code'] ?? '' }, { populate: ['logoUrl'] });
    if (!entity) throw notFound('billing_entity');
    return shown(em, entity);
  },
});

const update = route({
  method: 'put',
  path: '/billing_entities/:code',
  permission,
  summary: 'Change a billing entity: only attributes that are given change, and never its code',
  root: 'billing_entity',
  body: billingEntityUpdateInput,
  answer: extendedBillingEntityAnswer,
  handle: async (context, { params, body }) => {
    refuseAttachments(body);
    const command = {
      code: params['code'] ?? '',
      notInEu: 'billing_entity_must_be_in_eu',
      taxCodes: body.tax_codes ?? null,
      changes: toEntityChanges(body),
    } as const;
    const { entity, acts } = await context.em.transactional((em) => changeBillingEntity(em, scopeOf(context), command));
    context.startAfterAnswer(acts);
    return shown(context.em, entity);
  },
});

export const routes: readonly Route[] = [list, create, read, update];
