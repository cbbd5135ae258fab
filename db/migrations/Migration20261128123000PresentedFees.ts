import { Migration } from '@mikro-orm/migrations';

/** How the units of a fee are shown apart, by keys that do not touch its price. */
export class Migration20261128123000PresentedFees extends Migration {
  override up(): void {
    this.addSql('alter table "fees" add "presentation" jsonb null');
  }
}
