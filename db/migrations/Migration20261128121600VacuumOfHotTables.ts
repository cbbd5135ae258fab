import { Migration } from '@mikro-orm/migrations';

/**
 * PostgreSQL would clean up after a fifth of a table has changed: of a million events, much too late for scans that
 * read an index alone, and for rows that are written over all day.
 */
export class Migration20261128121600VacuumOfHotTables extends Migration {
  override up(): void {
    this.addSql(
      `alter table "events" set (autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_insert_scale_factor = 0.005,
         autovacuum_analyze_scale_factor = 0.02)`,
    );
    // A new version of a row that is added to finds room on its own page, and no index has to hear of it.
    this.addSql(
      `alter table "usage_rollups" set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02,
         autovacuum_analyze_scale_factor = 0.02)`,
    );
    this.addSql(
      `alter table "acts" set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)`,
    );
    this.addSql(
      `alter table "webhooks" set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)`,
    );
  }
}
