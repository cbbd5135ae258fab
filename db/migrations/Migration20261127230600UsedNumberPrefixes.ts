import { Migration } from '@mikro-orm/migrations';

/**
 * A prefix with which another entity of the organization has given numbers is given up, also by the default entity: its next number for
 * a customer of both might be one that is out already. `NumberPrefixes` let one of those that shared a prefix keep it.
 */
export class Migration20261127230600UsedNumberPrefixes extends Migration {
  override up(): void {
    this.addSql(`
      -- allow opaque: an organization has a handful of billing entities, and only those whose prefix another has used are changed
      do $$
      declare
        entity record;
        candidate text;
      begin
        for entity in
          select id, organization_id, document_number_prefix as prefix,
                 upper(left(regexp_replace(name, '[^[:alnum:]]', '', 'g'), 3)) as letters,
                 upper(replace(id::text, '-', '')) as hexadecimal,
                 exists (select 1 from invoice_sequences given where given.billing_entity_id = billing_entities.id) as has_numbered
          from billing_entities
          where exists (select 1 from billing_entities other
                        where other.organization_id = billing_entities.organization_id and other.id <> billing_entities.id
                          and other.former_number_prefixes ? billing_entities.document_number_prefix)
          order by organization_id, created_at, id
        loop
          select prefix into strict candidate from (
            select length as preference, ltrim(entity.letters || '-' || right(entity.hexadecimal, length), '-') as prefix
            from generate_series(4, 6) length
            union all
            select 100 + count, ltrim(entity.letters || '-' || count, '-') from generate_series(1, 1000) count) made
          where not exists (select 1 from billing_entities other
                            where other.organization_id = entity.organization_id
                              and (other.document_number_prefix = made.prefix or other.former_number_prefixes ? made.prefix))
          order by preference limit 1;
          update billing_entities
          set document_number_prefix = candidate,
              former_number_prefixes = case when entity.has_numbered and not former_number_prefixes ? entity.prefix
                then former_number_prefixes || to_jsonb(entity.prefix) else former_number_prefixes end
          where id = entity.id;
        end loop;
      end $$`);
  }
}
