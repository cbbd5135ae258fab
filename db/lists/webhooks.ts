import { validate as isUuid } from 'uuid';
import type { WebhookStatus } from '../../billing/webhooks/webhook-status.ts';
import { anyOf, anywhere, given } from './conditions.ts';
import { list, type Condition, type Conditions } from './list.ts';

/** What a list of deliveries asks for; what it leaves out is open (spec, api 4.5). */
export interface WebhookFilter {
  readonly endpointId?: string | undefined;
  readonly statuses?: readonly WebhookStatus[] | undefined;
  readonly types?: readonly string[] | undefined;
  /** `404`, or a class: `4xx`. */
  readonly httpStatuses?: readonly string[] | undefined;
  /** Inclusive. */
  readonly createdFrom?: Date | undefined;
  /** Inclusive. */
  readonly createdTo?: Date | undefined;
  /** Part of the type, or the id of the delivery or of its object. */
  readonly searchTerm?: string | undefined;
}

type On = Conditions<'webhooks'>;

/** Deliveries, newest first. */
export const webhookList = list({
  table: 'webhooks',
  order: [
    ['createdAt', 'desc'],
    ['id', 'desc'],
  ],
  conditions: (filter: WebhookFilter, { eb }: On) => [
    given(filter.endpointId, (id) => eb('webhooks.webhookEndpointId', '=', id)),
    given(filter.statuses, (statuses) => eb('webhooks.status', '=', anyOf(statuses))),
    given(filter.types, (types) => eb('webhooks.webhookType', '=', anyOf(types))),
    given(filter.httpStatuses, (statuses) => eb.or(statuses.map((status) => hasHttpStatus(status, eb)))),
    given(filter.createdFrom, (from) => eb('webhooks.createdAt', '>=', from)),
    given(filter.createdTo, (to) => eb('webhooks.createdAt', '<=', to)),
    given(filter.searchTerm, (term) => isFoundBy(term, eb)),
  ],
});

function hasHttpStatus(status: string, eb: On['eb']): Condition {
  if (!status.endsWith('xx')) return eb('webhooks.httpStatus', '=', Number(status));
  const first = Number(status[0]) * 100;
  return eb.and([eb('webhooks.httpStatus', '>=', first), eb('webhooks.httpStatus', '<', first + 100)]);
}

function isFoundBy(term: string, eb: On['eb']): Condition {
  if (!isUuid(term)) return eb('webhooks.webhookType', 'ilike', anywhere(term));
  return eb.or([eb('webhooks.id', '=', term), eb('webhooks.objectId', '=', term)]);
}
