import type { StoredChargeFilter } from '../../../billing/charges/charge-split.ts';

/** A filter as `FILTERS` reads it. */
export interface FilterJson extends Omit<StoredChargeFilter, 'createdAt'> {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** SQL for the filters of a row `charge` of charges, in their order; null: it has none. */
export const FILTERS = `
  (select jsonb_agg(jsonb_build_object('id', filter.id, 'values', filter."values", 'properties', filter.properties,
            'invoiceDisplayName', filter.invoice_display_name,
            'createdAt', (extract(epoch from filter.created_at) * 1000)::bigint) order by filter.position, filter.id)
   from charge_filters filter where filter.charge_id = charge.id and filter.deleted_at is null)`;

/** What the statement has read. */
export const filtersOf = (read: readonly FilterJson[] | null): readonly StoredChargeFilter[] =>
  (read ?? []).map((filter) => ({ ...filter, createdAt: new Date(filter.createdAt) }));
