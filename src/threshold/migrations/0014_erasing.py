"""Erase: asked for by one and approved by another; the database destroys the row and sets its stone."""

from django.db import migrations, models

from threshold.acts.claim_sql import ACT_ROWS, guarded

# Runs with the owner's rights, which app has not. It erases only what a request names that the open act approves:
# one written by an earlier act, about a row that no longer stands.
ERASE = """
create function erase_rows(kind text, numbers bigint[], under_rule text, this bigint) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    done bigint;
begin
    if not exists (select from pg_trigger join pg_class c on c.oid = tgrelid
                   where tgname = 'commit_row' and c.relname = kind and c.relnamespace = 'public'::regnamespace) then
        raise exception '% is no table of the record', kind;
    end if;
    execute format('insert into stone (kind, row, act, retracted_by, digest, erased_by, rule)
                    select %L, id, asserted_by, retracted_by, digest, $1, $2 from %I where id = any($3)', kind, kind)
        using this, under_rule, numbers;
    execute format('delete from %I where id = any($1)', kind) using numbers;
    get diagnostics done = row_count;
    if done <> cardinality(numbers) then
        raise exception 'not every row of % is there to be erased', kind;
    end if;
end $$;

create function erase(request bigint) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    this bigint := nullif(current_setting('threshold.act', true), '')::bigint;
    asked erasure;
    stood_until bigint;
    beside text;
    numbers jsonb;
begin
    select * into asked from erasure where id = request and retracted_by = this and asserted_by < this;
    if not found or exists (select from act where id = this) then
        raise exception 'request % to erase is not approved by the act that is open', request;
    end if;
    execute format('select retracted_by from %I where id = $1', asked.kind) into stood_until using asked.row;
    if stood_until is null or stood_until >= this then
        raise exception '% % still stands', asked.kind, asked.row;
    end if;
    perform erase_rows(asked.kind, array[asked.row], asked.rule, this);
    for beside, numbers in select key, value from jsonb_each(asked.with_it) loop
        perform erase_rows(beside, array(select n::bigint from jsonb_array_elements_text(numbers) n), asked.rule, this);
    end loop;
end $$;

revoke execute on function erase_rows(text, bigint[], text, bigint), erase(bigint) from public;
grant execute on function erase(bigint) to app;
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0013_accounts")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asserted_by", models.BigIntegerField()),
                ("retracted_by", models.BigIntegerField(null=True)),
                ("salt", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("kind", models.TextField()),
                ("row", models.BigIntegerField()),
                ("with_it", models.JSONField()),
                ("rule", models.TextField()),
                ("reason", models.TextField()),
                ("asked_by", models.BigIntegerField()),
            ],
            options={"db_table": "erasure"},
        ),
        migrations.RunSQL(guarded(["erasure"])),
        migrations.RunSQL(ACT_ROWS),
        migrations.RunSQL(ERASE),
    ]
