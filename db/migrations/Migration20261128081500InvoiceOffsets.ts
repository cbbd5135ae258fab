import { Migration } from '@mikro-orm/migrations';

/** What an invoice's own credit notes took off what is due on it. */
export class Migration20261128081500InvoiceOffsets extends Migration {
  override up(): void {
    this.addSql(`alter table "invoices" add "total_offset_amount_cents" bigint not null default '0'`);
  }
}
