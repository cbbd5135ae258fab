import { isObject } from '../is-object.ts';
import type { VatNumber } from './vat-number.ts';

/** Why a try did not tell whether a number is valid (spec, money 1.7). */
export type ViesErrorType =
  | 'rate_limit'
  | 'timeout'
  | 'blocked'
  | 'invalid_requester'
  | 'service_unavailable'
  | 'member_state_unavailable'
  | 'unknown';

/** A number that holds, with what its member state tells of whose it is. */
export interface ValidNumber {
  readonly kind: 'valid';
  /** As VIES writes it: `EL` for Greece. */
  readonly countryCode: string;
  readonly vatNumber: string;
  readonly requestDate: string | null;
  readonly name: string | null;
  readonly address: string | null;
  /** Proof of the question, given where we say who asks (`VIES_REQUESTER_NUMBER`). */
  readonly consultationNumber: string | null;
}

/** A number that does not: unknown, or badly formed and then not even asked for. */
export interface InvalidNumber {
  readonly kind: 'invalid';
  readonly validFormat: boolean;
}

export interface ViesError {
  readonly kind: 'error';
  readonly type: ViesErrorType;
  /** For an operator. */
  readonly message: string;
}

/** What a try comes to: the first two are final, an error is tried again. */
export type ViesAnswer = ValidNumber | InvalidNumber | ViesError;

/** The codes of the EU's service, by what they mean for a check; `INVALID_INPUT` is an answer, not an error. */
const ERROR_TYPES: Readonly<Record<string, ViesErrorType>> = {
  GLOBAL_MAX_CONCURRENT_REQ: 'rate_limit',
  GLOBAL_MAX_CONCURRENT_REQ_TIME: 'rate_limit',
  MS_MAX_CONCURRENT_REQ: 'rate_limit',
  MS_MAX_CONCURRENT_REQ_TIME: 'rate_limit',
  TIMEOUT: 'timeout',
  VAT_BLOCKED: 'blocked',
  IP_BLOCKED: 'blocked',
  INVALID_REQUESTER_INFO: 'invalid_requester',
  SERVICE_UNAVAILABLE: 'service_unavailable',
  MS_UNAVAILABLE: 'member_state_unavailable',
};

/**
 * Whether waiting will hardly help and an operator has to do something: we are blocked, or the number that we ask under
 * is wrong. Such a check is tried again like any other, once it is mended it goes on by itself.
 */
export const isAlarming = (type: ViesErrorType): boolean => type === 'blocked' || type === 'invalid_requester';

export const viesError = (type: ViesErrorType, message: string): ViesError => ({ kind: 'error', type, message });

/** A piece of text of an answer that is shown to people: never longer than this. */
const TEXT_LENGTH_MAX = 500;

/**
 * Reads what came back for a number (the EU's REST service). What is not understood is an error and never a negative
 * answer: nobody loses the reverse charge because a proxy answered.
 *
 * `{"valid": true, "countryCode": "DE", ...}` is a valid number, `{"errorWrappers": [{"error": "MS_UNAVAILABLE"}]}` is
 * tried again.
 *
 * @param httpStatus of the answer.
 * @param body its text; null: it was too long to be read.
 */
export function readViesAnswer(asked: VatNumber, httpStatus: number, body: string | null): ViesAnswer {
  const fields = body === null ? null : objectOf(body);
  const code = fields && errorCode(fields);
  if (code === 'INVALID_INPUT') return { kind: 'invalid', validFormat: false };
  if (code != null) return viesError(ERROR_TYPES[code] ?? 'unknown', `VIES answered ${code}`);
  if (httpStatus < 200 || httpStatus > 299) {
    return viesError(httpStatus === 429 ? 'rate_limit' : 'service_unavailable', `VIES answered HTTP ${httpStatus}`);
  }
  if (fields === null) return viesError('unknown', 'VIES answered something that is not a JSON object');
  return verdict(asked, fields);
}

function verdict(asked: VatNumber, fields: Fields): ViesAnswer {
  const { valid } = fields;
  if (typeof valid !== 'boolean') return viesError('unknown', 'VIES did not say whether the number is valid');
  const countryCode = textOf(fields, 'countryCode') ?? asked.countryCode;
  const vatNumber = textOf(fields, 'vatNumber') ?? asked.number;
  const isOfAnother = countryCode !== asked.countryCode || plain(vatNumber) !== plain(asked.number);
  if (isOfAnother) return viesError('unknown', 'VIES answered about another number');
  if (!valid) return { kind: 'invalid', validFormat: true };
  return {
    kind: 'valid',
    countryCode,
    vatNumber,
    requestDate: textOf(fields, 'requestDate'),
    name: textOf(fields, 'name'),
    address: textOf(fields, 'address'),
    consultationNumber: textOf(fields, 'requestIdentifier'),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(body: string): Fields | null {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The service's own error code; undefined: there is none. */
function errorCode({ errorWrappers }: Fields): string | undefined {
  if (!Array.isArray(errorWrappers)) return undefined;
  const first: unknown = errorWrappers[0];
  return isObject(first) ? (textOf(first, 'error') ?? 'UNKNOWN') : 'UNKNOWN';
}

/** A text of the answer; the service writes what it does not know as dashes or as nothing. */
function textOf(fields: Fields, name: string): string | null {
  const value = fields[name];
  if (typeof value !== 'string') return null;
  const text = value.trim().slice(0, TEXT_LENGTH_MAX);
  return text === '' || /^-+$/.test(text) ? null : text;
}

const plain = (number: string): string => number.replaceAll(/\s/g, '').toUpperCase();
