"""SQL that a migration runs for new claim tables: what guards their rows, and how an act names them.

A migration that makes claim tables runs ``guarded`` for those and then ``ACT_ROWS``. (The functions named here
are made by migration 0002.)
"""

from __future__ import annotations

from collections.abc import Sequence


def guarded(tables: Sequence[str]) -> str:
    """Triggers, indexes and grants of claim tables: digest, one retraction, only under the act that comes next."""
    return "".join(
        f"""
create index {t}_asserted on {t} (asserted_by);
create index {t}_retracted on {t} (retracted_by) where retracted_by is not null;
create trigger act_comes_next before insert or update on {t} for each statement execute function act_comes_next();
create trigger commit_row before insert on {t} for each row execute function commit_row();
create trigger retract_once before update on {t} for each row execute function retract_once();
grant select, insert on {t} to app;
grant update (retracted_by) on {t} to app;
grant usage, update on sequence {t}_id_seq to app;
"""
        for t in tables
    ) + refreshable(tables)


def refreshable(tables: Sequence[str]) -> str:
    """From PostgreSQL 17 on, app may refresh the planner's statistics; older servers do it themselves, later."""
    names = ", ".join(f"'{t}'" for t in tables)
    return f"""
do $$
declare t text;
begin
    if current_setting('server_version_num')::int >= 170000 then
        foreach t in array array[{names}] loop
            execute format('grant maintain on %I to app', t);
        end loop;
    end if;
end $$;
"""


# Makes the function that names, for an act, each table's first and last number, count and digest of digests of
# the rows it asserted, and the numbers of those it retracted or erased: over all the claim tables there are.
ACT_ROWS = """
do $make$
declare
    asserted text;
    retracted text;
begin
    select string_agg(format(
               $one$select %L, jsonb_build_array(min(id), max(id), count(*),
                    encode(sha256(string_agg(digest, ''::bytea order by id)), 'hex'))
                    from %I where asserted_by = n having count(*) > 0$one$, relname, relname), ' union all '),
           string_agg(format(
               $one$select %L, jsonb_agg(id order by id) from %I where retracted_by = n having count(*) > 0$one$,
               relname, relname), ' union all ')
    into asserted, retracted
    from pg_trigger join pg_class c on c.oid = tgrelid
    where tgname = 'commit_row' and c.relnamespace = current_schema::regnamespace;
    execute format($function$
create or replace function act_rows(n bigint) returns jsonb language sql stable as $body$
    select jsonb_strip_nulls(jsonb_build_object(
        'asserted', (select jsonb_object_agg(t, r) from (%s) a(t, r)),
        'retracted', (select jsonb_object_agg(t, r) from (%s) a(t, r)),
        'erased', (select jsonb_object_agg(kind, r) from
                   (select kind, jsonb_agg("row" order by "row") as r from stone where erased_by = n group by kind) e)))
$body$$function$, asserted, retracted);
end $make$;
"""
