import type { ActState } from '../entities/acts/act.ts';
import { customersKnownAs, given } from './conditions.ts';
import { list, type Conditions } from './list.ts';

/** What a list of acts asks for; what it leaves out is open. */
export interface ActFilter {
  readonly kind?: string | undefined;
  readonly state?: ActState | undefined;
  readonly customerId?: string | undefined;
  readonly externalCustomerId?: string | undefined;
  readonly subscriptionId?: string | undefined;
  readonly externalSubscriptionId?: string | undefined;
  readonly invoiceId?: string | undefined;
}

/** Acts, newest first. */
export const actList = list({
  table: 'acts',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (filter: ActFilter, { eb, selectFrom }: Conditions<'acts'>) => [
    given(filter.kind, (kind) => eb('acts.kind', '=', kind)),
    given(filter.state, (state) => eb('acts.state', '=', state)),
    given(filter.customerId, (id) => eb('acts.customerId', '=', id)),
    given(filter.externalCustomerId, (id) => eb('acts.customerId', 'in', customersKnownAs(selectFrom, id))),
    given(filter.subscriptionId, (id) => eb('acts.subscriptionId', '=', id)),
    given(filter.externalSubscriptionId, (id) =>
      eb(
        'acts.subscriptionId',
        'in',
        selectFrom('subscriptions').select('subscriptions.id').where('subscriptions.externalId', '=', id),
      ),
    ),
    given(filter.invoiceId, (id) => eb('acts.invoiceId', '=', id)),
  ],
});
