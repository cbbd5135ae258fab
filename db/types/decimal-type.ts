import { Type, type EntityProperty, type Platform } from '@mikro-orm/core';
import { Decimal } from '../../billing/money/decimal.ts';

/** A decimal.js value over `numeric`: exact both ways, printed without an exponent. */
export class DecimalType extends Type<Decimal | null, string | null> {
  override convertToDatabaseValue(value: Decimal | null | undefined): string | null {
    return value == null ? null : new Decimal(value).toFixed();
  }

  override convertToJSValue(value: string | null): Decimal | null {
    return value == null ? null : new Decimal(value);
  }

  override compareAsType(): string {
    return 'string';
  }

  /** Otherwise it is `compareAsType`'s, and `assign` refuses a decimal because it is no text. */
  override get runtimeType(): string {
    return 'Decimal';
  }

  override getColumnType(property: EntityProperty, _platform: Platform): string {
    return property.precision === undefined ? 'numeric' : `numeric(${property.precision},${property.scale ?? 0})`;
  }

  override toJSON(value: Decimal | null): string | null {
    return value == null ? null : value.toFixed();
  }
}
