import { Type } from '@mikro-orm/core';
import { microsecondsFromSql, microsecondsToSql } from './microseconds.ts';

/** Microseconds since 1970 over `timestamptz(6)`; a JS Date would lose the last three digits (spec, usage 2.2). */
export class MicrosecondsType extends Type<bigint, string> {
  override convertToDatabaseValue(value: bigint | string): string {
    return typeof value === 'bigint' ? microsecondsToSql(value) : value;
  }

  override convertToJSValue(value: string | bigint): bigint {
    return typeof value === 'bigint' ? value : microsecondsFromSql(value);
  }

  override getColumnType(): string {
    return 'timestamptz(6)';
  }

  override compareAsType(): string {
    return 'bigint';
  }
}
