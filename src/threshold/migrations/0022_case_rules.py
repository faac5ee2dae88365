"""What the database refuses of cases and decisions, whatever the code above it does, and who may see a case.

Who a row names as its officer is compared with who did its act when the act is complete: at the commit.
"""

from django.db import migrations

SEEN = """
-- A case is seen by whoever may see its subject.
create function case_visible(actor bigint, c bigint) returns boolean language sql stable as $$
    select exists (select from case_file f join member m on m.mention = f.mention and m.retracted_by is null
                   where f.id = c and visible(actor, m.subject))
$$;

-- The team that works on it, where that (and nothing else) is why this actor does not see a case.
create function case_held_elsewhere(actor bigint, c bigint) returns text language sql stable as $$
    select held_elsewhere(actor, m.subject) from case_file f
    join member m on m.mention = f.mention and m.retracted_by is null where f.id = c
$$;

create function case_is_live(c bigint) returns boolean language sql stable as $$
    select exists (select from case_state s where s.case_file = c and s.retracted_by is null
                   and s.state in ('open', 'parked', 'watched'))
$$;

create function is_supervisor(o bigint) returns boolean language sql stable as $$
    select exists (select from role_grant g where g.officer = o and g.role = 'supervisor' and g.retracted_by is null)
$$;

-- The mentions that make the subject of a case now, in order.
create function case_mentions(c bigint) returns bigint[] language sql stable as $$
    select array_agg(m.mention order by m.mention) from case_file f
    join member own on own.mention = f.mention and own.retracted_by is null
    join member m on m.subject = own.subject and m.retracted_by is null where f.id = c
$$;

create function open_tasks(c bigint) returns bigint language sql stable as $$
    select count(*) from case_task t where t.case_file = c
    and not exists (select from case_task_done d where d.task = t.id)
$$;
"""

SIGNED = """
create function officer_did_the_act() returns trigger language plpgsql as $$
begin
    if new.officer is distinct from (select actor from act where id = new.asserted_by) then
        raise exception 'row % of % names officer %, who did not do act %',
            new.id, tg_table_name, new.officer, new.asserted_by;
    end if;
    return null;
end $$;

create function never_taken_back() returns trigger language plpgsql as $$
begin
    raise exception 'row % of % is never taken back', old.id, tg_table_name;
end $$;

create function something_stands() returns trigger language plpgsql as $$
declare
    stands boolean;
begin
    execute format('select exists (select from %I where case_file = $1 and retracted_by is null)', tg_table_name)
        into stands using old.case_file;
    if not stands then
        raise exception 'case % would be left without a row of %', old.case_file, tg_table_name;
    end if;
    return null;
end $$;
"""

RULES = """
create function case_is_the_only_one() returns trigger language plpgsql as $$
declare
    other text;
begin
    select f.reference into other from case_file f
    join member m on m.mention = f.mention and m.retracted_by is null
    join member own on own.subject = m.subject and own.mention = new.mention and own.retracted_by is null
    where f.id <> new.id and case_is_live(f.id) limit 1;
    if other is not null then
        raise exception 'there is a case about this subject: %', other;
    end if;
    return new;
end $$;
create trigger only_one before insert on case_file for each row execute function case_is_the_only_one();

create function case_state_follows() returns trigger language plpgsql as $$
declare
    before case_state;
    watched_until timestamptz;
    tasks bigint;
begin
    select * into before from case_state where case_file = new.case_file order by id desc limit 1;
    if before.id is null then
        if new.state <> 'open' then raise exception 'a case begins open'; end if;
        return new;
    end if;
    if before.retracted_by is distinct from new.asserted_by then
        raise exception 'the state before ends in the act that begins the next';
    end if;
    if before.state in ('closed', 'merged') and new.state <> 'open' then
        raise exception 'case % is %: it can only be opened again', new.case_file, before.state;
    end if;
    select max(until) into watched_until from case_state where case_file = new.case_file and state = 'watched';
    if new.state = 'parked' and not (is_supervisor(new.officer) and new.until > clock_timestamp()) then
        raise exception 'only a supervisor parks a case, until a day to come';
    end if;
    if new.state = 'watched' and (new.until <= clock_timestamp() or new.until < watched_until) then
        raise exception 'watching ends on a day to come, and never earlier than was said before';
    end if;
    if new.state = 'merged' then
        if not case_is_live(new.merged_into) or new.merged_into = new.case_file
           or case_mentions(new.merged_into) is distinct from case_mentions(new.case_file) then
            raise exception 'a case is merged only into another that is about the same subject';
        end if;
    end if;
    if new.state = 'closed' then
        tasks := open_tasks(new.case_file);
        if tasks > 0 then
            raise exception 'case % has % open tasks: it is not closed before they are done', new.case_file, tasks;
        end if;
        if watched_until > clock_timestamp() then
            raise exception 'case % is watched until %: it is not closed before', new.case_file, watched_until;
        end if;
        if watched_until is null and not exists (
               select from decision d left join decision_approval a on a.decision = d.id
               where d.id = new.decision and d.case_file = new.case_file and not d.watched_after and not d.warns
                 and (not d.second_person or a.outcome = 'approved')
               union all
               select from visit_result r join visit v on v.id = r.visit
               where r.id = new.result and v.case_file = new.case_file and r.result = 'wrong_person') then
            raise exception 'case % was never watched, and no decision ends it', new.case_file;
        end if;
    end if;
    return new;
end $$;
create trigger follows before insert on case_state for each row execute function case_state_follows();

create function decision_rests_on_today() returns trigger language plpgsql as $$
declare
    about bigint;
    permitted boolean;
begin
    if not case_is_live(new.case_file) then
        raise exception 'case % is not live: nothing is decided on it', new.case_file;
    end if;
    if not is_supervisor(new.officer) and not exists (
           select from case_owner o where o.case_file = new.case_file and o.owner = new.officer
           and o.retracted_by is null) then
        raise exception 'only the owner of a case or a supervisor decides on it';
    end if;
    select m.subject into about from case_file f
    join member m on m.mention = f.mention and m.retracted_by is null where f.id = new.case_file;
    if about is distinct from new.subject then
        raise exception 'the decision is about % and the case about %', new.subject, about;
    end if;
    if not exists (
           select from case_basis b where b.case_file = new.case_file and b.retracted_by is null
           and b.mentions = case_mentions(new.case_file)) then
        raise exception 'the subject that case % rested on has changed: confirm it again', new.case_file;
    end if;
    if new.assessment is distinct from
           (select id from assessment where subject = about and retracted_by is null) then
        raise exception 'what is known has changed since: read it, and decide again';
    end if;
    select (o->>'permitted')::boolean into permitted from jsonb_array_elements(new.options) o
    where o->>'id' = new.choice;
    if permitted is null or new.override <> not permitted then
        raise exception 'choice % is not an option, or not said to be an override', new.choice;
    end if;
    return new;
end $$;
create trigger rests before insert on decision for each row execute function decision_rests_on_today();

create function approval_is_of_another() returns trigger language plpgsql as $$
declare
    of decision;
begin
    select * into of from decision where id = new.decision;
    if of.id is null or new.decider <> of.officer or new.officer = of.officer or not of.second_person then
        raise exception 'decision % is approved by another supervisor than who decided', new.decision;
    end if;
    if not is_supervisor(new.officer) then
        raise exception 'only a supervisor approves';
    end if;
    return new;
end $$;
create trigger of_another before insert on decision_approval
    for each row execute function approval_is_of_another();
"""

# Whose officer is compared with the act's; what is never taken back; what always has a standing row.
SIGNED_TABLES = [
    "case_file", "case_owner", "case_state", "crime_number", "case_basis", "case_task", "case_task_moved",
    "case_task_done", "decision", "decision_approval", "contact_answer", "support", "translation_signed",
    "letter", "visit", "visit_result",
]
KEPT_TABLES = [
    "case_file", "case_task", "case_task_moved", "case_task_done", "decision", "decision_approval", "support",
    "letter", "visit", "visit_result",
]
ALWAYS_ONE = ["case_owner", "case_state"]

TRIGGERS = "".join(
    [
        f"""
create constraint trigger signed after insert on {table} deferrable initially deferred
    for each row execute function officer_did_the_act();"""
        for table in SIGNED_TABLES
    ]
    + [
        f"""
create trigger kept before update on {table} for each row execute function never_taken_back();"""
        for table in KEPT_TABLES
    ]
    + [
        f"""
create constraint trigger stands after update on {table} deferrable initially deferred
    for each row execute function something_stands();"""
        for table in ALWAYS_ONE
    ]
)


class Migration(migrations.Migration):
    dependencies = [("threshold", "0021_cases")]

    operations = [
        migrations.RunSQL(SEEN),
        migrations.RunSQL(SIGNED),
        migrations.RunSQL(RULES),
        migrations.RunSQL(TRIGGERS),
    ]
