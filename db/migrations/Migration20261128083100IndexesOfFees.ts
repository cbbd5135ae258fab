import { Migration } from '@mikro-orm/migrations';

/** One fee for an event and a charge; lists of fees; the charges in advance of a metric. */
export class Migration20261128083100IndexesOfFees extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql(`drop index concurrently if exists fees_one_of_event`);
    this.addSql(
      `create unique index concurrently fees_one_of_event on fees (event_id, charge_id) where event_id is not null`,
    );
    this.addSql(`drop index concurrently if exists fees_of_event_transaction`);
    this.addSql(
      `create index concurrently fees_of_event_transaction on fees (organization_id, event_transaction_id)
         where event_transaction_id is not null`,
    );
    this.addSql(`drop index concurrently if exists fees_newest`);
    this.addSql(`create index concurrently fees_newest on fees (organization_id, created_at, id)`);
    this.addSql(`drop index concurrently if exists fees_of_customer`);
    this.addSql(`create index concurrently fees_of_customer on fees (organization_id, customer_id, created_at, id)`);
    this.addSql(`drop index concurrently if exists fees_without_invoice`);
    this.addSql(
      `create index concurrently fees_without_invoice on fees (organization_id, customer_id)
         where invoice_id is null and deleted_at is null`,
    );
    this.addSql(`drop index concurrently if exists charges_in_advance`);
    this.addSql(
      `create index concurrently charges_in_advance on charges (organization_id, billable_metric_id)
         where pay_in_advance and deleted_at is null`,
    );
  }
}
