import type { UsageSelection } from '../../billing/usage/select-charges.ts';
import { isBlank } from '../../billing/blank-text.ts';
import { invalid } from '../../billing/refusal.ts';
import type { KeyLists } from '../../billing/usage/bucket-condition.ts';
import type { CurrentUsageQuery } from './schema.ts';

/** Which usage a query asks for; the names of today before the older ones. */
export const toUsageSelection = (query: CurrentUsageQuery): UsageSelection => ({
  chargeId: firstGiven(query.charge_id, query.filter_by_charge_id),
  chargeCode: firstGiven(query.charge_code, query.filter_by_charge_code),
  metricCode: firstGiven(query.billable_metric_code, query.filter_by_metric_code),
  group: { ...groupOf('filter_by_group', query.filter_by_group), ...groupOf('group', query.group) },
  presentationKeys: namesOf('filter_by_presentation', query.filter_by_presentation),
  fullUsage: query.full_usage === true,
});

/** An empty text asks for nothing. */
const firstGiven = (...texts: readonly (string | undefined)[]): string | null => texts.find(Boolean) ?? null;

/**
 * Which events count: `group[user]=7`, or `{"user":["7","8"]}` as JSON.
 *
 * @throws Refusal 422 `value_is_invalid` under the name of the parameter.
 */
function groupOf(name: string, sent: CurrentUsageQuery['group']): KeyLists {
  if (sent === undefined || (typeof sent === 'string' && isBlank(sent))) return {};
  const group = typeof sent === 'string' ? parsedJson(sent) : sent;
  if (typeof group !== 'object' || group === null || Array.isArray(group)) throw invalid({ [name]: [INVALID] });
  return Object.fromEntries(
    Object.entries(group).map(([key, value]: [string, unknown]) => {
      const values = [value].flat();
      if (!values.every((one) => typeof one === 'string')) throw invalid({ [name]: [INVALID] });
      return [key, values];
    }),
  );
}

/**
 * By which keys units are shown apart: `region`, or `["region","user"]` as JSON; `[]` by none.
 *
 * @throws Refusal 422 `value_is_invalid` under the name of the parameter.
 */
function namesOf(name: string, sent: CurrentUsageQuery['filter_by_presentation']): readonly string[] | null {
  if (sent === undefined || (typeof sent === 'string' && isBlank(sent))) return null;
  const names = typeof sent === 'string' ? [parsedJson(sent) ?? sent].flat() : sent;
  if (!Array.isArray(names) || !names.every((one) => typeof one === 'string')) throw invalid({ [name]: [INVALID] });
  return names;
}

const INVALID = 'value_is_invalid';

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
