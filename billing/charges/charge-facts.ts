import type { KeyValues } from '../usage/bucket-condition.ts';
import type { Presentation } from '../usage/presentation.ts';
import type { MetricRounding } from '../usage/metric-rounding.ts';
import type { ChargeUsage } from './charge-amount.ts';
import type { ChargePricing } from './charge-model.ts';
import type { PricingUnit } from './pricing-unit.ts';

/** A charge with the usage of a window, split as the charge splits it. */
export interface ChargeFacts {
  readonly chargeId: string;
  readonly invoiceDisplayName: string | null;
  readonly metricName: string;
  readonly payInAdvance: boolean;
  readonly invoiceable: boolean;
  /** What its prices and its minimum are said in; null: the currency. */
  readonly pricingUnit: PricingUnit | null;
  /** What a whole period of it costs at least, in cents of that; 0: nothing. */
  readonly minAmountCents: bigint;
  readonly rounding: MetricRounding;
  /** In the order of the charge's filters, then what none of them takes; of each the groups, at least one. */
  readonly buckets: readonly ChargeBucket[];
}

/** A charge as an invoice bills it. */
export interface InvoicedCharge extends ChargeFacts {
  /** Whether the next subscription of an upgrade bills these units (`continuesAfterUpgrade`). */
  readonly continuesAfterUpgrade: boolean;
  /** Whether its units go on from period to period (`carriesOver`). */
  readonly isCarriedOver: boolean;
}

/** One group of one bucket: what is priced by itself (spec, usage 4.3, 4.4). */
export interface ChargeBucket {
  /** null: what no filter takes. */
  readonly chargeFilterId: string | null;
  /** Empty: not grouped. */
  readonly groupedBy: KeyValues;
  /** The filter's, or the charge's own. */
  readonly pricing: ChargePricing;
  /** Straight from the aggregation: not rounded, possibly negative. */
  readonly usage: ChargeUsage;
  /** null: its charge does not show units apart. */
  readonly presentation: Presentation | null;
}
