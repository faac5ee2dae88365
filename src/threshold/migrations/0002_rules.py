"""What the database itself refuses and promises: digests, one retraction, the act in order, who may see.

The role ``app`` may add claim rows and retract each once, both only under the act that comes next; it may not
change or remove anything else.
"""

from django.db import migrations

from threshold.acts.claim_sql import ACT_ROWS, guarded, refreshable

# Every claim table of this migration, in the order of the rooms. Later ones come with their own migrations.
CLAIMS = [
    "role_request",
    "role_grant",
    "closure",
    "closure_reader",
    "delivery",
    "delivery_part",
    "delivery_read",
    "intake_entry",
    "report",
    "mention",
    "identifier",
    "connection",
    "activity",
    "link_key",
    "link",
    "link_undone",
    "member",
    "statement",
    "policy_in_force",
    "assessment",
    "taken",
]

FUNCTIONS = """
-- The canonical text of a row. Nulls are left out, so that a column added later does not change old digests.
create function row_text(whole jsonb) returns text language sql immutable as $$
    select jsonb_strip_nulls(whole - '{salt,digest,retracted_by}'::text[])::text
$$;

-- The salt is random and the digest binds the row's whole content to the act that writes it.
create function commit_row() returns trigger language plpgsql as $$
begin
    if new.asserted_by is distinct from nullif(current_setting('threshold.act', true), '')::bigint then
        raise exception 'a row must be asserted by the act that is open (%)', current_setting('threshold.act', true);
    end if;
    if new.retracted_by is not null then
        raise exception 'a row cannot come in retracted';
    end if;
    new.salt := uuid_send(gen_random_uuid());
    new.digest := sha256(new.salt || convert_to(
        row_text(to_jsonb(new)), 'UTF8'));
    return new;
end $$;

-- The act that is open must be the one that comes next: nothing is added to acts that are written.
create function act_comes_next() returns trigger language plpgsql as $$
declare
    last_act bigint;
begin
    select id into last_act from act order by id desc limit 1;
    if nullif(current_setting('threshold.act', true), '')::bigint is distinct from coalesce(last_act, 0) + 1 then
        raise exception 'no act is open, or not the one that follows act %', coalesce(last_act, 0);
    end if;
    return null;
end $$;

create function retract_once() returns trigger language plpgsql as $$
begin
    if old.retracted_by is not null then
        raise exception 'row % of % was already retracted by act %', old.id, tg_table_name, old.retracted_by;
    end if;
    if new.retracted_by is distinct from nullif(current_setting('threshold.act', true), '')::bigint then
        raise exception 'a row must be retracted by the act that is open';
    end if;
    return new;
end $$;

create function next_in_chain() returns trigger language plpgsql as $$
declare
    last_id bigint;
    last_hash bytea;
    last_at timestamptz;
begin
    execute format('select id, hash, at from %I order by id desc limit 1', tg_table_name)
        into last_id, last_hash, last_at;
    if new.id <> coalesce(last_id, 0) + 1
       or new.prev <> coalesce(last_hash, decode(repeat('00', 32), 'hex')) then
        raise exception '% % does not follow %', tg_table_name, new.id, last_id;
    end if;
    -- Its time is now. Only where the clock was set back does the time of the one before go on.
    if new.at < last_at
       or not (new.at between transaction_timestamp() and clock_timestamp()
               or (new.at = last_at and last_at > transaction_timestamp())) then
        raise exception '% % does not happen now', tg_table_name, new.id;
    end if;
    return new;
end $$;

-- What a base role lets an officer see, before closed access and other teams' work are taken away.
create function sees(actor bigint) returns text language sql stable as $$
    select case
        when bool_or(role in ('analyst', 'supervisor', 'investigator')) then 'all'
        when bool_or(role = 'safeguarding') then 'children'
        else 'none' end
    from role_grant g join officer o on o.id = g.officer and o.is_active
    where g.officer = actor and g.retracted_by is null
$$;

create function closed_to(actor bigint) returns setof bigint language sql stable as $$
    select m.subject
    from closure c join member m on m.mention = c.mention and m.retracted_by is null
    where c.retracted_by is null
      and not exists (select from closure_reader r
                      where r.closure = c.id and r.officer = actor and r.retracted_by is null)
$$;

-- Subjects on which another team works: an investigator sees only that it does.
create function with_other_team(actor bigint) returns table (subject bigint, team text) language sql stable as $$
    select m.subject, t.team
    from taken t
    join member m on m.mention = t.mention and m.retracted_by is null
    join officer o on o.id = actor
    where t.retracted_by is null and t.team <> o.team
      and not exists (select from role_grant g where g.officer = actor and g.retracted_by is null
                      and g.role in ('analyst', 'supervisor'))
      and exists (select from role_grant g where g.officer = actor and g.retracted_by is null
                  and g.role = 'investigator')
$$;

create function hidden_from(actor bigint) returns setof bigint language sql stable as $$
    select closed_to(actor) union select subject from with_other_team(actor)
$$;

-- A child's subject, or one that a report ties to a child.
create function tied_to_child(s bigint) returns boolean language sql stable as $$
    select exists (select from assessment a where a.subject = s and a.retracted_by is null and a.route = 'child')
        or exists (select from member m join mention n on n.id = m.mention
                   where m.subject = s and m.retracted_by is null and n.role = 'harmed')
        or exists (select from member m
                   join mention n on n.id = m.mention
                   join mention other on other.report = n.report and other.id <> n.id
                   left join member om on om.mention = other.id and om.retracted_by is null
                   left join assessment oa on oa.subject = om.subject and oa.retracted_by is null
                   where m.subject = s and m.retracted_by is null
                     and (other.role = 'harmed' or oa.route = 'child'))
$$;

create function visible(actor bigint, s bigint) returns boolean language sql stable as $$
    select exists (select from member m where m.subject = s)
       and case sees(actor) when 'all' then true when 'children' then tied_to_child(s) else false end
       and s not in (select hidden_from(actor))
$$;

-- The team that holds a subject, where that (and nothing else) is why this actor does not see it.
create function held_elsewhere(actor bigint, s bigint) returns text language sql stable as $$
    select team from with_other_team(actor) w
    where w.subject = s and sees(actor) = 'all' and s not in (select closed_to(actor)) limit 1
$$;
"""


CHAINS = "".join(
    f"""
create trigger next_in_chain before insert on {t} for each row execute function next_in_chain();
grant select, insert on {t} to app;
"""
    for t in ["act", "look"]
) + refreshable(["act", "look"])

# Said by officers only, so few among many links.
INDEXES = """
-- Each list in its own order, with what its counts need: a page of a hundred thousand reads a page of rows.
create index act_list on assessment (known, first_received, subject) include (due)
    where retracted_by is null and listed and route <> 'child' and known > 0;
create index find_out_list on assessment (could_be, (urgency is not null), first_received, subject) include (checks_due)
    where retracted_by is null and listed and route <> 'child' and could_be > known;
create index children_list on assessment (subject)
    where retracted_by is null and listed and route = 'child';
create index link_different_a on link (a) where says = 'different' and retracted_by is null;
create index link_different_b on link (b) where says = 'different' and retracted_by is null;
"""

GRANTS = """
grant select, insert on asked to app;
grant select on stone to app;
grant select, insert on officer to app;
grant update (password, last_login, is_active, must_change_password, failed_sign_ins, locked_until, session_epoch,
              token_digest) on officer to app;
grant select, insert, update, delete on django_session to app;
grant select on django_migrations, django_content_type to app;
grant usage, update on sequence asked_id_seq, officer_id_seq to app;
revoke create on schema public from public;
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0001_rows"), ("sessions", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(guarded(CLAIMS) + CHAINS),
        migrations.RunSQL(ACT_ROWS),
        migrations.RunSQL(INDEXES),
        migrations.RunSQL(GRANTS),
    ]
