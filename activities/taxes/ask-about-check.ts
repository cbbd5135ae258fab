import { parseVatNumber } from '../../billing/taxes/vat-number.ts';
import { isAlarming } from '../../billing/taxes/vies-answer.ts';
import { scopedTo } from '../../db/orm.ts';
import { ViesCheck } from '../../db/entities/taxes/vies-check.ts';
import { keepAnswer } from '../../db/queries/taxes/vies-checks.ts';
import { viesTriesTotal } from '../../telemetry/figures.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { beating } from '../heartbeats.ts';

export interface AskedCheck {
  readonly organizationId: string;
  readonly checkId: string;
  readonly version: number;
}

/**
 * Asks VIES about a pending check and keeps the answer beside it, in no transaction while it asks. An answer that is
 * there already is not asked for again; one to an older question is not kept.
 *
 * @returns `outdated`: the check is over, or asks for something else.
 */
export async function askAboutCheck(
  { orm, askVies, fault, warn }: ActivityDependencies,
  { organizationId, checkId, version }: AskedCheck,
): Promise<{ readonly outcome: 'answered' | 'outdated' }> {
  const em = scopedTo(orm.em, organizationId);
  const check = await em.findOne(ViesCheck, { id: checkId, version, answeredAt: null });
  const number = check && parseVatNumber(check.taxIdentificationNumber);
  if (!check || !number) return { outcome: 'outdated' };
  if (check.answer) return { outcome: 'answered' };
  const answer = await beating(() => askVies(number));
  fault('vies:answered');
  const isKept = await keepAnswer(em, { organizationId, checkId, version }, answer);
  viesTriesTotal.inc({ result: answer.kind === 'error' ? answer.type : answer.kind });
  if (answer.kind === 'error' && isAlarming(answer.type)) {
    warn('VIES refuses to answer us: see to VIES_REQUESTER_NUMBER, or to why we are blocked', {
      errorType: answer.type,
      customerId: check.customerId,
    });
  }
  fault('vies:answer-kept');
  return { outcome: isKept ? 'answered' : 'outdated' };
}
