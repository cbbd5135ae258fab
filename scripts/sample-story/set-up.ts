import type { Airport } from './airports.ts';
import { subscriptionOf } from './flight-events.ts';
import { inFlight } from './in-flight.ts';
import { CURRENCY, METRICS, PLAN_CODE, STORY_START, planBody } from './price-list.ts';
import type { Refused, StoryApi } from './story-api.ts';

const REQUESTS_IN_FLIGHT = 8;

const codeIsTaken = ({ status, details }: Refused): boolean =>
  status === 422 && JSON.stringify(details['code']) === '["value_already_exist"]';

/** Makes the metrics and the plan, unless they are there already. */
export async function makePlan(api: StoryApi): Promise<void> {
  const ids = new Map<string, string>();
  for (const metric of METRICS) {
    await api.post('/billable_metrics', { billable_metric: metric }, codeIsTaken);
    const { billable_metric: made } = await api.get<{ billable_metric: { lago_id: string } }>(
      `/billable_metrics/${metric.code}`,
    );
    ids.set(metric.code, made.lago_id);
  }
  await api.post('/plans', { plan: planBody(ids) }, codeIsTaken);
}

/**
 * Makes each airport a customer with a subscription from the first day of the story; what is there already stays as it
 * is.
 *
 * @param tell is told how many have been made.
 * @returns where the first airport's first period is seen in the Temporal UI; null when its subscription was there
 * before.
 */
export async function subscribeAirports(
  api: StoryApi,
  airports: readonly Airport[],
  tell: (made: number) => void,
): Promise<string | null> {
  let made = 0;
  let workflowUrl: string | null = null;
  await inFlight(REQUESTS_IN_FLIGHT, airports, async (airport) => {
    const url = await subscribe(api, airport);
    if (airport === airports[0]) workflowUrl = url;
    made += 1;
    tell(made);
  });
  return workflowUrl;
}

async function subscribe(api: StoryApi, { code, name, city, state }: Airport): Promise<string | null> {
  await api.post('/customers', {
    customer: { external_id: code, name, city, ...(state !== null && { state }), country: 'US', currency: CURRENCY },
  });
  const answer = await api.post('/subscriptions', {
    subscription: {
      external_customer_id: code,
      external_id: subscriptionOf(code),
      plan_code: PLAN_CODE,
      billing_time: 'calendar',
      subscription_at: STORY_START,
    },
  });
  return answer.refused ? null : answer.headers.get('Durabill-Workflow-Url');
}
