import { Migration } from '@mikro-orm/migrations';

/** Two entities of one organization with one prefix gave one number twice: of those the newer ones take a prefix of their own. */
export class Migration20261127212900NumberPrefixes extends Migration {
  override up(): void {
    this.addSql(`alter table "billing_entities" add "former_number_prefixes" jsonb not null default '[]'`);
    // The default entity keeps the shared prefix, else the oldest one. The others take what an entity without a prefix is given: from
    // name and id, with as many characters of the id as it needs.
    this.addSql(`
      -- allow opaque: an organization has a handful of billing entities, and only those that share a prefix are changed
      do $$
      declare
        entity record;
        candidate text;
      begin
        for entity in
          select id, organization_id, upper(left(regexp_replace(name, '[^[:alnum:]]', '', 'g'), 3)) as letters,
                 upper(replace(id::text, '-', '')) as hexadecimal
          from (select *, row_number() over (partition by organization_id, document_number_prefix
                                             order by is_default desc, created_at, id) as place
                from billing_entities) placed
          where place > 1 order by organization_id, created_at, id
        loop
          select prefix into strict candidate from (
            select length as preference, ltrim(entity.letters || '-' || right(entity.hexadecimal, length), '-') as prefix
            from generate_series(4, 6) length
            union all
            select 100 + count, ltrim(entity.letters || '-' || count, '-') from generate_series(1, 1000) count) made
          where not exists (select 1 from billing_entities other
                            where other.organization_id = entity.organization_id and other.document_number_prefix = made.prefix)
          order by preference limit 1;
          update billing_entities set document_number_prefix = candidate where id = entity.id;
        end loop;
      end $$`);
    // Whatever prefix an entity has given numbers with is never another's.
    this.addSql(`
      -- allow changes-rows: an organization has a handful of billing entities; their invoices are only read
      update billing_entities set former_number_prefixes = used.prefixes
      from (select billing_entity_id, jsonb_agg(distinct prefix) as prefixes
            from (select billing_entity_id, regexp_replace(number, '-[0-9]+-[0-9]+$', '') as prefix
                  from invoices where sequential_id is not null group by 1, 2) given
            join billing_entities entity on entity.id = given.billing_entity_id and entity.document_number_prefix <> given.prefix
            group by billing_entity_id) used
      where used.billing_entity_id = billing_entities.id`);
    this.addSql(
      `-- allow builds-index: a table of a handful of rows an organization
      alter table "billing_entities" add constraint "billing_entities_prefix" unique ("organization_id", "document_number_prefix")`,
    );
  }
}
