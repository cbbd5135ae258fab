import { z } from 'zod';
import type { ViesAnswer } from '../../billing/taxes/vies-answer.ts';
import type { ViesCheck } from '../../db/entities/taxes/vies-check.ts';
import { datetime } from '../formats.ts';

/** What a try came to, as webhooks tell it (spec, money 1.7). */
export function viesCheckJson(answer: ViesAnswer) {
  switch (answer.kind) {
    case 'valid':
      return {
        valid: true,
        valid_format: true,
        country_code: answer.countryCode,
        vat_number: answer.vatNumber,
        request_date: answer.requestDate,
        name: answer.name,
        address: answer.address,
        consultation_number: answer.consultationNumber,
      };
    case 'invalid':
      return { valid: false, valid_format: answer.validFormat };
    case 'error':
      // Only well-formed numbers are asked for.
      return { valid: false, valid_format: true, error: answer.message };
    default:
      return answer satisfies never;
  }
}

/** A check that is not answered yet; Lago does not show it. */
export const pendingViesCheckSchema = z
  .strictObject({
    tax_identification_number: z.string(),
    attempts: z.int().meta({ description: 'Failed tries so far.' }),
    last_attempt_at: z.string().nullable().meta({ format: 'date-time' }),
    next_attempt_at: z.string().nullable().meta({ format: 'date-time', description: 'null: at once.' }),
    last_error_type: z.string().nullable(),
    last_error_message: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'PendingViesCheck' });

export const pendingViesCheckJson = (check: ViesCheck) => ({
  tax_identification_number: check.taxIdentificationNumber,
  attempts: check.attempts,
  last_attempt_at: datetime(check.lastAttemptAt),
  next_attempt_at: datetime(check.nextAttemptAt),
  last_error_type: check.lastErrorType ?? null,
  last_error_message: check.lastErrorMessage ?? null,
  created_at: datetime(check.createdAt),
});
