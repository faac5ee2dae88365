"""Reads of the people room: who a subject may be, what identifies it, what it did, and how it is linked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from threshold.acts.access import Actor, Power, hidden_then, only_visible
from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct, OpenLook
from threshold.people.normalise import address_spellings, fold, port_typed, search_keys

# What a subject is called in a list: the first of these that it has.
_CALLED_BY = ["name", "account", "screen_name", "email", "phone", "device", "profile_url", "display_name"]
_MOST_FOUND = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """A subject that a search found, and by what: an identifier, or the number of a report (or its package)."""

    subject: int
    called: str
    kind: str
    received: str


def mentions(look: OpenLook, subject: int) -> list[Any]:
    """The mentions that make the subject, with the report and sender of each."""
    return query(
        f"""select n.id, n.role, n.place, n.batched, n.compromised, n.report, r.sender, r.service, r.reference,
                   r.incident, r.words, r.urgency, r.delivery, r.received_at, r.happened_text, r.happened_at,
                   r.clearing_house_text, r.clearing_house_at, r.agency_text, r.agency_at, r.unknown
            from member m join mention n on n.id = m.mention left join report r on r.id = n.report
            where m.subject = %s and {standing("m", look.as_at)} order by n.id""",
        [subject],
    )


def identifiers(look: OpenLook, subject: int) -> list[Any]:
    """Identifiers as received, each with its normal form and how many other subjects it stands with."""
    return query(
        f"""select i.*, (select count(distinct om.subject) from identifier o
                         join member om on om.mention = o.mention and {standing("om", look.as_at)}
                         where o.key = i.key and {standing("o", look.as_at)} and om.subject <> %(s)s
                           and visible(%(actor)s, om.subject)
                           and om.subject not in ({hidden_then(look.as_at)})) as elsewhere
            from member m join identifier i on i.mention = m.mention
            where m.subject = %(s)s and {standing("m", look.as_at)} and {standing("i", look.as_at)}
            order by i.kind, i.id""",
        {"s": subject, "actor": look.actor.id},
    )


def connections(look: OpenLook, subject: int) -> list[Any]:
    return query(
        f"""select c.* from member m join connection c on c.mention = m.mention
            where m.subject = %s and {standing("m", look.as_at)} and {standing("c", look.as_at)}
            order by c.at nulls last, c.id""",
        [subject],
    )


def activities(look: OpenLook, subject: int) -> list[Any]:
    """What the subject is said to have done, in order of time; what has no certain time comes last."""
    return query(
        f"""select a.*, n.report from member m
            join activity a on a.mention = m.mention join mention n on n.id = m.mention
            where m.subject = %s and {standing("m", look.as_at)} and {standing("a", look.as_at)}
            order by a.at nulls last, a.id""",
        [subject],
    )


def links(look: OpenLook, subject: int) -> list[Any]:
    """Links of the subject's mentions; ``other`` is the subject at the far end (itself for inner links).

    A link to a subject that this actor may not see is not among them.
    """
    rows = query(
        f"""select l.id, l.a, l.b, l.says, l.strength, l.rule, l.reason, l.asserted_by,
                   act.at, o.full_name as by_whom, far.subject as other
            from member m
            join link l on (l.a = m.mention or l.b = m.mention) and {standing("l", look.as_at)}
            join member far on far.mention = case when l.a = m.mention then l.b else l.a end
                           and {standing("far", look.as_at)}
            left join act on act.id = l.asserted_by
            left join officer o on o.id = act.actor
            where m.subject = %s and {standing("m", look.as_at)} and (far.subject <> m.subject or l.a = m.mention)
            order by l.strength = 'possible', l.id""",
        [subject],
    )
    seen = only_visible(look.actor, sorted({row.other for row in rows} - {subject}), look.as_at) | {subject}
    return [row for row in rows if row.other in seen]


def roles(look: OpenLook, subject: int) -> list[str]:
    """The roles in which reports speak of the subject, each once."""
    rows = query(
        f"""select distinct n.role from member m join mention n on n.id = m.mention
            where m.subject = %s and {standing("m", look.as_at)} order by 1""",
        [subject],
    )
    return [row.role for row in rows]


def first_subject_of(report: int) -> int | None:
    """The subject of the first person in a report, the reported one before others. Whoever shows it checks access."""
    row = one(
        """select m.subject from mention n join member m on m.mention = n.id and m.retracted_by is null
           where n.report = %s order by n.role <> 'reported', n.id limit 1""",
        [report],
    )
    return int(row.subject) if row else None


def holder_of(look: OpenLook, mention: int) -> int | None:
    """The subject that holds (or held, as at the look's date) a mention."""
    row = one(
        f"select m.subject from member m where m.mention = %s and {standing('m', look.as_at)}", [mention]
    )
    return row.subject if row else None


def mentions_of_report(look: OpenLook, report: int) -> list[Any]:
    """The people that a report names, as far as the actor may see them; ``subject`` null: not who it is.

    Whoever may see deliveries sees everybody in the report but those whose subject is closed to them, or with
    another team; whoever may not sees those whose subject they may see.
    """
    rows = query(
        f"""select n.id, n.role, n.place, n.compromised, m.subject, visible(%(actor)s, m.subject) as seen,
                   m.subject in (select hidden_from(%(actor)s))
                       or m.subject in ({hidden_then(look.as_at)}) as hidden
            from mention n join member m on m.mention = n.id and {standing("m", look.as_at)}
            where n.report = %(report)s and {standing("n", look.as_at)} order by n.id""",
        {"actor": look.actor.id, "report": report},
    )
    wide = look.actor.may(Power.SEE_DELIVERIES)
    shown = [row for row in rows if not row.hidden and (row.seen or wide)]
    look.show(sorted({row.subject for row in shown}))
    return [row if row.seen else row._replace(subject=None) for row in shown]


def identifiers_of_mentions(look: OpenLook, mentions: Iterable[int]) -> list[Any]:
    """The identifiers of mentions that were already found fit to be shown."""
    return query(
        f"""select i.* from identifier i where i.mention = any(%s) and {standing("i", look.as_at)}
            order by i.mention, i.id""",
        [list(mentions)],
    )


def hides_somebody(seen: OpenLook | OpenAct, delivery: int) -> bool:
    """Whether a delivery speaks of anybody who is closed to this actor, or with another team."""
    row = one(
        """select exists (
               select from report r join mention n on n.report = r.id
               join member m on m.mention = n.id and m.retracted_by is null
               where r.delivery = %s and m.subject in (select hidden_from(%s))
           ) as hides""",
        [delivery, seen.actor.id],
    )
    return bool(row and row.hides)


def deliveries_hidden_from(look: OpenLook) -> list[int]:
    """The deliveries that speak of somebody who is closed to this actor, or with another team."""
    rows = query(
        """select distinct r.delivery from report r join mention n on n.report = r.id
           join member m on m.mention = n.id and m.retracted_by is null
           where m.subject in (select hidden_from(%s))""",
        [look.actor.id],
    )
    return [row.delivery for row in rows]


def reports_that_open(look: OpenLook, reports: Iterable[int]) -> set[int]:
    """Those of these reports in which whoever sees deliveries may see somebody."""
    rows = query(
        f"""select distinct n.report from mention n join member m on m.mention = n.id and {standing("m", look.as_at)}
            where n.report = any(%s) and m.subject not in (select hidden_from(%s))""",
        [list(reports), look.actor.id],
    )
    return {row.report for row in rows}


def subject_of(mention: int) -> int | None:
    """The subject that holds a mention now."""
    row = one("select subject from member where mention = %s and retracted_by is null", [mention])
    return row.subject if row else None


def mentions_open_to(actor: Actor, report: int) -> list[int]:
    """The mentions of a report but those whose subject is closed to the actor, or with another team."""
    rows = query(
        """select n.id from mention n join member m on m.mention = n.id and m.retracted_by is null
           where n.report = %s and n.retracted_by is null and m.subject not in (select hidden_from(%s))
           order by n.id""",
        [report, actor.id],
    )
    return [row.id for row in rows]


def subjects_near(mentions: Iterable[int]) -> set[int]:
    """The subjects that hold these mentions now."""
    rows = query(
        "select distinct subject from member where mention = any(%s) and retracted_by is null",
        [list(mentions)],
    )
    return {row.subject for row in rows}


def together_with(look: OpenLook, subject: int) -> list[Any]:
    """Other people in the same reports (the harmed child kept in view), as far as the actor may see them."""
    rows = query(
        f"""select distinct n.role, om.subject, n.report
            from member m join mention own on own.id = m.mention
            join mention n on n.report = own.report and n.id <> own.id
            join member om on om.mention = n.id and {standing("om", look.as_at)}
            where m.subject = %s and {standing("m", look.as_at)} and om.subject <> m.subject and n.role <> 'reporter'
            order by n.role, om.subject limit 50""",
        [subject],
    )
    seen = only_visible(look.actor, sorted({row.subject for row in rows}), look.as_at)
    return [row for row in rows if row.subject in seen]


def called(subjects: Iterable[int], as_at: int | None = None) -> dict[int, str]:
    """What to call each subject on a page: its best identifier, as received."""
    numbers = list(subjects)
    rows = query(
        f"""select distinct on (m.subject) m.subject, i.kind, i.received, i.service
            from member m join identifier i on i.mention = m.mention
            where m.subject = any(%s) and {standing("m", as_at)} and {standing("i", as_at)}
              and i.kind = any(%s)
            order by m.subject, array_position(%s, i.kind), i.id""",
        [numbers, _CALLED_BY, _CALLED_BY],
    )
    names = {row.subject: _call(row) for row in rows}
    return {number: names.get(number, "No identifier given") for number in numbers}


def _call(row: Any) -> str:
    if row.kind in ("account", "screen_name") and row.service:
        return f"{row.received} on {row.service}"
    return str(row.received)


def search(look: OpenLook, typed: str) -> list[Hit]:
    """Subjects that have an identifier as a human types it: spaces, case and 0 for +44 do not matter.

    A name or address is found by its words too (all that are typed, in any order), and a report's people by
    any number that the report came with. What is found whole stands before what is found by words. A name is the
    same with its accents and without. An internet address with a port finds who used it with that port, or with
    none that is known.
    """
    typed = look.asked(typed)
    text = fold(typed)
    if not text:
        return []
    # Common words find many: who may be seen is asked in order, and no further than the page goes.
    rows = query(
        f"""with found as (
                select 1 as rank, i.mention, i.kind, i.received from identifier i
                where i.key = any(%(keys)s) and {standing("i", look.as_at)}
                union all
                select 1, i.mention, i.kind, i.received from identifier i
                where i.folded = %(text)s and {standing("i", look.as_at)}
                union all
                select 1, c.mention, 'connection', c.address from connection c
                where c.address = any(%(addresses)s) and {standing("c", look.as_at)}
                  and (%(port)s::integer is null or c.port is null or c.port = %(port)s)
                union all
                select 1, n.mention, n.kind, n.received from ({_by_number(look)}) n
                union all
                select 2, i.mention, i.kind, i.received from identifier i
                where i.kind in ('name', 'display_name', 'address')
                  and search_words(i.folded) @> search_words(%(text)s)
                  and cardinality(search_words(%(text)s)) >= case when i.kind = 'address' then 2 else 1 end
                  and {standing("i", look.as_at)}
            ), subjects as (
                select distinct on (m.subject) m.subject, f.rank, f.kind, f.received
                from found f join member m on m.mention = f.mention and {standing("m", look.as_at)}
                order by m.subject, f.rank, f.kind, f.received
            )
            select s.* from (select * from subjects order by rank, subject offset 0) s
            where visible(%(actor)s, s.subject) and s.subject not in ({hidden_then(look.as_at)})
            limit {_MOST_FOUND}""",
        {
            "keys": search_keys(typed),
            "text": text[:500],
            "addresses": address_spellings(typed),
            "port": port_typed(typed),
            "numbers": list({text, text.replace(" ", "")}),
            "actor": look.actor.id,
        },
    )
    names = called((row.subject for row in rows), look.as_at)
    look.show([row.subject for row in rows])
    return [Hit(row.subject, names[row.subject], row.kind, row.received) for row in rows]


def _by_number(look: OpenLook) -> str:
    """SQL: everybody but the reporter in the reports that came with one of ``%(numbers)s``."""
    return " union all ".join(
        f"""select n.id as mention, '{kind}' as kind, r.{column} as received
            from report r join mention n on n.report = r.id and n.role <> 'reporter'
            where lower(r.{column}) = any(%(numbers)s) and r.{column} is not null
              and {standing("r", look.as_at)} and {standing("n", look.as_at)}"""
        for column, kind in (("reference", "report"), ("package", "package"))
    )
