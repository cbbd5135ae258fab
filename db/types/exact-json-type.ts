import { JsonType, type Platform } from '@mikro-orm/core';
import { keepDigits } from '../../billing/usage/exact-number.ts';

/** JSON over `jsonb`, whose numbers have more digits than JavaScript's: `JSON.parse` of the driver would round them. */
export class ExactJsonType extends JsonType {
  override convertToJSValueSQL(key: string): string {
    return `${key}::text`;
  }

  override convertToJSValue(value: unknown, _platform: Platform): unknown {
    return typeof value === 'string' ? JSON.parse(value, keepDigits) : value;
  }
}
