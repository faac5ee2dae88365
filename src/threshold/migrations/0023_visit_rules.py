"""What must be true before anybody is warned: asked here once, for the page that lists it and for the row itself.

Design section 8: each condition must be known to hold. A policy may ask for more than this, never for less.
"""

from django.db import migrations

CONDITIONS = """
-- The mentions of a subject hang together by links that officers confirmed.
create function links_are_confirmed(s bigint) returns boolean language sql stable as $$
    with recursive reached as (
        select min(m.mention) as mention from member m where m.subject = s and m.retracted_by is null
        union
        select case when l.a = r.mention then l.b else l.a end
        from reached r join link l on (l.a = r.mention or l.b = r.mention) and l.says = 'same'
             and l.strength = 'confirmed' and l.retracted_by is null
        join member m on m.mention = case when l.a = r.mention then l.b else l.a end
             and m.subject = s and m.retracted_by is null
    )
    select not exists (select from member m where m.subject = s and m.retracted_by is null
                       and m.mention not in (select mention from reached))
$$;

-- Something leads from the subject to these premises, and every answer that does was compared.
create function home_is_compared(s bigint, p bigint) returns boolean language sql stable as $$
    select coalesce(bool_and(l.answer is null or coalesce(fully_compared(l.answer), false)), false)
    from led_to l join member m on m.mention = l.mention and m.retracted_by is null
    where m.subject = s and l.premises = p and l.retracted_by is null
$$;

-- Whether this subject, or this home, was warned before, or another visit is to be made.
create function visited_before(s bigint, p bigint, at_level text) returns boolean language sql stable as $$
    select exists (
        select from visit v join case_file f on f.id = v.case_file
        left join member m on m.mention = f.mention and m.retracted_by is null
        where (m.subject = s or (v.premises = p and 'address' in (v.level, at_level)))
          and not exists (select from visit_result r where r.visit = v.id
                          and r.result in ('wrong_person', 'no_offence')))
$$;

create function fact_is(a assessment, fact text, value text) returns boolean language sql immutable as $$
    select coalesce(a.facts->>('f_' || fact) = value, false)
$$;

create function visit_conditions(c bigint, d bigint, l bigint, p bigint)
returns table (id text, holds boolean, words text) language sql stable as $$
    with x as (select * from decision where decision.id = d and decision.case_file = c and level <> ''),
    f as (select f.mention, m.subject from case_file f
          left join member m on m.mention = f.mention and m.retracted_by is null where f.id = c),
    a as (select a as row, a.* from f join assessment a on a.subject = f.subject and a.retracted_by is null)
    select 'live', case_is_live(c), 'the case is live'
    union all
    select 'decided', exists (select from x) and not exists (
               select from decision later where later.case_file = c and later.id > d),
           'a warning visit is what was decided last'
    union all
    select 'two_signed', exists (select from x join decision_approval s on s.decision = x.id
                                 where s.outcome = 'approved' and s.officer <> x.officer),
           'two different people signed for it'
    union all
    select 'permitted', exists (select from x, jsonb_array_elements(x.options) o where o->>'id' = x.choice
                                and (o->>'permitted')::boolean),
           'the policy permits it on what was known'
    union all
    select 'nothing_new', exists (select from x join a on a.id = x.assessment),
           'nothing has become known since it was decided'
    union all
    select 'subject_confirmed', exists (select from case_basis b where b.case_file = c and b.retracted_by is null
                                        and b.mentions = case_mentions(c)),
           'an officer has confirmed whom the case is about'
    union all
    select 'links_confirmed', exists (select from f where links_are_confirmed(f.subject)),
           'every link that it rests on was confirmed by an officer'
    union all
    select 'adult', exists (select from x, a where a.route = 'adult'
                            or (x.level = 'address' and a.route = 'age_not_established')),
           'this is an adult, established by an officer (at an address: nothing shows a child)'
    union all
    select 'identified', exists (select from x, a where x.level = 'address' or a.ladder = 4),
           'this person is identified, and an officer has confirmed it (at an address: the home is)'
    union all
    select 'home', exists (select from f where home_is_compared(f.subject, p)),
           'what leads to this home was compared with what was asked'
    union all
    select 'not_' || fact, exists (select from a where fact_is(a.row, fact, 'false')), said
    from (values ('contact', 'there is no sign of contact with a child'),
                 ('acts_toward_children', 'there are no acts toward a child'),
                 ('shared', 'nothing was shared'),
                 ('alarming_material', 'none of the material is new, violent or of a very young child'),
                 ('access_to_children', 'there is no access to children'),
                 ('position_of_trust', 'there is no position of trust'),
                 ('relevant_history', 'there are no earlier convictions or allegations'),
                 ('earlier_warning', 'neither this person nor this home was warned before'),
                 ('risk_to_life', 'no risk to life was found'),
                 ('lives_with_children', 'no child is in the home'),
                 ('suicide_risk', 'the risk of suicide was assessed, and a plan meets it'),
                 ('violence_risk', 'the risk of violence was assessed, and a plan meets it'),
                 ('vulnerability', 'the needs of those there were assessed, and a plan meets them'),
                 ('another_agency', 'no other force or agency objects')) as must_be_no (fact, said)
    union all
    select fact, exists (select from a where fact_is(a.row, fact, 'true')), said
    from (values ('occupants_known', 'it is known who lives there'),
                 ('address_confirmed', 'an officer has confirmed the home')) as must_be_yes (fact, said)
    union all
    select 'seen_rarely', exists (select from a where (a.facts->>'f_times_seen_hi') is not null),
           'it is known how often this person was seen'
    union all
    select 'lowest_material', exists (select from a where fact_is(a.row, 'worst_grade_hi', 'none')
                                      or fact_is(a.row, 'worst_grade_hi', 'C')),
           'none of the material is above the lowest grade'
    union all
    select 'answered', (select count(*) = 6 and bool_and(q.answer <> 'asked') from contact_answer q
                        where q.case_file = c and q.retracted_by is null),
           'each question before contact is answered'
    union all
    select 'letter', exists (select from x join letter t on t.case_file = c and t.level = x.level where t.id = l),
           'the letter is made, of the kind that was decided'
    union all
    select 'not_before', exists (select from x, f where not visited_before(f.subject, p, x.level)),
           'no other visit was made to this person or home, or is to be made'
$$;

create function visit_is_permitted() returns trigger language plpgsql as $$
declare
    missing text;
begin
    select string_agg(words, '; ') into missing
    from visit_conditions(new.case_file, new.decision, new.letter, new.premises) where holds is not true;
    if missing is not null then
        raise exception 'no visit: it is not known to be so that %', missing;
    end if;
    if not exists (
           select from decision d join decision_approval a on a.decision = d.id
           join case_file f on f.id = d.case_file join member m on m.mention = f.mention and m.retracted_by is null
           where d.id = new.decision and d.level = new.level and d.officer = new.decider
             and a.officer = new.approver and m.subject = new.subject) then
        raise exception 'no visit: it is not the one that was signed for';
    end if;
    return new;
end $$;
create trigger permitted before insert on visit for each row execute function visit_is_permitted();

create function visit_result_fits() returns trigger language plpgsql as $$
declare
    signed_at timestamptz;
begin
    select act.at into signed_at from visit v join act on act.id = v.asserted_by where v.id = new.visit;
    if signed_at is null or new.at < signed_at or new.at > clock_timestamp() then
        raise exception 'visit %: its result is between its signing and now', new.visit;
    end if;
    return new;
end $$;
create trigger fits before insert on visit_result for each row execute function visit_result_fits();

create function letter_is_no_draft() returns trigger language plpgsql as $$
begin
    if new.language <> 'en' and not exists (
           select from translation_signed s where s.digest_text = new.text_digest and s.template = new.template
           and s.language = new.language and s.retracted_by is null) then
        raise exception 'the text is a draft: no translator stands for it';
    end if;
    if new.pdf_digest <> encode(sha256(new.pdf), 'hex') then
        raise exception 'the digest is not that of the letter';
    end if;
    return new;
end $$;
create trigger no_draft before insert on letter for each row execute function letter_is_no_draft();
"""


class Migration(migrations.Migration):
    dependencies = [("threshold", "0022_case_rules")]

    operations = [migrations.RunSQL(CONDITIONS)]
