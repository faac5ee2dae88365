"""Reads about enquiries: what is out, what came back, what was compared, and which to ask next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from threshold.acts.access import NotVisible, hidden_then, only_visible
from threshold.acts.asat import standing
from threshold.acts.db import query
from threshold.acts.verbs import OpenLook
from threshold.enquiries.kinds import About, about, kind_of, retention
from threshold.enquiries.next_best import Offer, offers
from threshold.enquiries.queries import Assessed
from threshold.enquiries.sheets import Line
from threshold.policy.model import Policy
from threshold.policy.reasons import reach

PAGE = 50


class NoEnquiry(NotVisible):
    """There is no such enquiry for this actor. The same answer whether it is hidden or does not exist."""

    def __init__(self, enquiry: int) -> None:
        super().__init__(enquiry)
        self.args = (f"There is no enquiry {enquiry}.",)


@dataclass(frozen=True, slots=True)
class Asked:
    """One enquiry as it stands: ``state`` is open, overdue, lapsed, or the result that came back."""

    id: int
    subject: int
    mention: int
    kind: str
    about: About
    connection: int | None
    premises: int | None
    asked_of: str
    authority: str
    applied: str
    reference: str
    asked: bytes
    asked_at: datetime
    asked_by: str
    due: datetime
    chased: int
    state: str
    answer: int | None
    document: bytes | None
    document_name: str
    words: str
    received_at: datetime | None
    answered_by: str
    lapsed: str
    compared: bool

    @property
    def waits(self) -> bool:
        return self.state in ("open", "overdue")


def _enquiries(
    look: OpenLook, where: str, order: str, parameters: dict[str, Any], limit: int = 500
) -> list[Asked]:
    """Enquiries about subjects that the actor may see."""
    rows = query(
        f"""select e.id, m.subject, e.mention, e.kind, e.about, e.connection, e.premises, e.asked_of, e.authority,
                   e.applied, e.reference, e.asked, act.at as asked_at, asker.full_name as asked_by, e.due,
                   (select count(*) from enquiry_chased c
                    where c.enquiry = e.id and {standing("c", look.as_at)}) as chased,
                   case when l.id is not null then 'lapsed'
                        when n.id is not null then n.result
                        when e.due <= %(now)s then 'overdue' else 'open' end as state,
                   n.id as answer, n.document, coalesce(n.document_name, '') as document_name,
                   coalesce(n.words, '') as words, n.received_at, coalesce(answerer.full_name, '') as answered_by,
                   coalesce(l.reason, '') as lapsed, coalesce(fully_compared(n.id), false) as compared
            from enquiry e
            join member m on m.mention = e.mention and {standing("m", look.as_at)}
            left join act on act.id = e.asserted_by left join officer asker on asker.id = act.actor
            left join enquiry_answer n on n.enquiry = e.id and {standing("n", look.as_at)}
            left join act came on came.id = n.asserted_by left join officer answerer on answerer.id = came.actor
            left join enquiry_lapse l on l.enquiry = e.id and {standing("l", look.as_at)}
            where {standing("e", look.as_at)} and {where}
              and visible(%(actor)s, m.subject) and m.subject not in ({hidden_then(look.as_at)})
            order by {order} limit {int(limit)}""",
        {"actor": look.actor.id, "now": look.moment, **parameters},
    )
    found = [
        Asked(
            **{**row._asdict(), "asked": bytes(row.asked), "document": row.document and bytes(row.document)}
        )
        for row in rows
    ]
    _note(look, {each.subject for each in found})
    return found


def _note(look: OpenLook, subjects: set[int]) -> None:
    """Note subjects as shown, each once: their page may have noted them already."""
    look.show(sorted(subjects - set(look.shown)))


def enquiry(look: OpenLook, number: int) -> Asked:
    """One enquiry.

    :raises NoEnquiry: there is none for this actor
    """
    found = _enquiries(look, "e.id = %(enquiry)s", "e.id", {"enquiry": number})
    if not found:
        raise NoEnquiry(number)
    return found[0]


def of_subject(look: OpenLook, subject: int) -> list[Asked]:
    """Everything that was asked about a subject, what waits first, then the newest."""
    waits = "l.id is null and n.id is null"
    return _enquiries(look, "m.subject = %(subject)s", f"({waits}) desc, e.id desc", {"subject": subject})


def of_premises(look: OpenLook, premises: int) -> list[Asked]:
    """Everything that was asked about premises, newest first."""
    return _enquiries(look, "e.premises = %(premises)s", "e.id desc", {"premises": premises})


def waiting(look: OpenLook, limit: int = PAGE) -> list[Asked]:
    """The enquiries that wait for an answer, the longest overdue first."""
    return _enquiries(look, "n.id is null and l.id is null", "e.due, e.id", {}, limit)


def to_compare(look: OpenLook, limit: int = PAGE) -> list[Asked]:
    """Answered connections that are not fully compared yet, oldest first."""
    where = "e.connection is not null and n.result = 'answered' and not fully_compared(n.id)"
    return _enquiries(look, where, "n.id", {}, limit)


def by_numbers(look: OpenLook, numbers: Iterable[int]) -> list[Asked]:
    return _enquiries(look, "e.id = any(%(numbers)s)", "e.id", {"numbers": list(numbers)}, limit=10_000)


def items(look: OpenLook, number: int) -> list[Any]:
    """What exactly an enquiry is about."""
    return query(
        f"""select a.kind, a.row, a.value, c.address as connection, p.address as premises, o.name as occupant
            from enquiry_about a
            left join connection c on a.kind = 'connection' and c.id = a.row
            left join premises p on a.kind = 'premises' and p.id = a.row
            left join occupant o on a.kind = 'occupant' and o.id = a.row
            where a.enquiry = %s and {standing("a", look.as_at)} order by a.id""",
        [number],
    )


def chases(look: OpenLook, number: int) -> list[Any]:
    return query(
        f"""select c.id, c.words, act.at, o.full_name as by_whom from enquiry_chased c
            left join act on act.id = c.asserted_by left join officer o on o.id = act.actor
            where c.enquiry = %s and {standing("c", look.as_at)} order by c.id""",
        [number],
    )


def statements(look: OpenLook, answer: int) -> list[Any]:
    """The statements that an answer yielded."""
    return query(
        f"select s.* from statement s where s.answer = %s and {standing('s', look.as_at)} order by s.id",
        [answer],
    )


def resolution(look: OpenLook, answer: int) -> Any | None:
    """What a provider said of a connection in an answer."""
    rows = query(
        f"select r.* from resolution r where r.answer = %s and {standing('r', look.as_at)}", [answer]
    )
    return rows[0] if rows else None


def comparisons(look: OpenLook, number: int) -> list[Any]:
    """Who compared what of an enquiry, and what they found."""
    return query(
        f"""select c.id, c.answer, c.stage, c.agrees, c.differed, c.officer, act.at, o.full_name as by_whom
            from comparison c left join act on act.id = c.asserted_by left join officer o on o.id = c.officer
            where c.enquiry = %s and {standing("c", look.as_at)} order by c.id""",
        [number],
    )


def near_misses(look: OpenLook, limit: int = 500) -> list[Any]:
    """Comparisons that found a difference, newest first: what differed, of which enquiry, caught by whom and when.

    They are counted also when the answer was taken back afterwards; not those that were signed by mistake.
    """
    rows = query(
        f"""select c.id, c.enquiry, c.stage, c.differed, m.subject, e.reference, e.asked_of, act.at,
                   o.full_name as by_whom
            from comparison c join enquiry e on e.id = c.enquiry
            join member m on m.mention = e.mention and {standing("m", look.as_at)}
            left join act on act.id = c.asserted_by left join officer o on o.id = c.officer
            where not c.agrees and not exists (select from comparison_taken_back b where b.comparison = c.id)
            order by c.id desc limit {int(limit)}"""
    )
    seen = only_visible(look.actor, sorted({row.subject for row in rows}), look.as_at)
    _note(look, seen)
    return [row for row in rows if row.subject in seen]


def file_lines(look: OpenLook, file: int) -> list[Any]:
    """What became of each line of an answer file that this actor read in."""
    return query(
        f"""select l.line, l.reference, l.enquiry, l.state, l.reason from answer_line l
            join answer_file f on f.id = l.file left join act on act.id = f.asserted_by
            where f.id = %s and act.actor = %s and {standing("l", look.as_at)} order by l.line, l.id""",
        [file, look.actor.id],
    )


# --- the request sheet

LINES = """
    select c.id, c.mention, c.address, c.port, c.at, c.event, c.port_text, c.at_text, c.place, n.report,
           coalesce(encode(d.sha256, 'hex'), '') as sha256
    from connection c join mention n on n.id = c.mention
    left join report r on r.id = n.report left join delivery d on d.id = r.delivery
    where c.id = any(%s) and c.retracted_by is null"""


def line_of(row: Any, reference: str, authority: str, applied: str) -> Line:
    """The line of a request sheet for a connection's row (as ``LINES`` gives it)."""
    return Line(
        reference=reference,
        address=row.address.strip(),
        port=row.port,
        at=row.at,
        event=row.event,
        address_in_source=row.address,
        port_in_source=row.port_text or "",
        time_in_source=row.at_text or "",
        report=row.report,
        place=row.place,
        sha256=row.sha256,
        authority=authority,
        applied=applied,
    )


def sheet(look: OpenLook, numbers: Sequence[int]) -> list[Line]:
    """The lines of these enquiries about connections, in their order; the subjects are noted as shown.

    :raises NoEnquiry: one of them is not there for this actor, or is not about a connection that stands
    """
    found = {each.id: each for each in by_numbers(look, numbers)}
    rows = {row.id: row for row in query(LINES, [[e.connection for e in found.values() if e.connection]])}
    lines = []
    for number in dict.fromkeys(numbers):
        each = found.get(number)
        if each is None or each.connection not in rows:
            raise NoEnquiry(number)
        lines.append(line_of(rows[each.connection], each.reference, each.authority, each.applied))
    return lines


# --- connections of a subject, and whether they lead to one home


@dataclass(frozen=True, slots=True)
class Reached:
    """A connection of a subject: what became of asking whose line it was, and until when that can be asked.

    ``address``: where an answer says that the line is installed; ``at_end`` that the evidence may be gone.
    """

    row: Any
    enquiry: Asked | None
    address: str
    premises: int | None
    until: datetime | None
    at_end: bool


def reached(look: OpenLook, subject: int, asked: Sequence[Asked]) -> list[Reached]:
    """The subject's connections in order of time, each with the last enquiry about it."""
    rows = query(
        f"""select c.*, r.installation, r.premises, r.answer from member m
            join connection c on c.mention = m.mention and {standing("c", look.as_at)}
            left join lateral (
                select r.* from enquiry e join enquiry_answer n on n.enquiry = e.id and {standing("n", look.as_at)}
                join resolution r on r.answer = n.id and {standing("r", look.as_at)}
                where e.connection = c.id and {standing("e", look.as_at)} order by n.id desc limit 1) r on true
            where m.subject = %s and {standing("m", look.as_at)} order by c.at nulls last, c.id""",
        [subject],
    )
    last = {each.connection: each for each in sorted(asked, key=lambda each: each.id)}
    found = []
    for row in rows:
        enquiry = last.get(row.id)
        until = retention().until(row.at, enquiry.asked_of if enquiry else "") if row.at else None
        found.append(
            Reached(
                row,
                enquiry,
                row.installation or "",
                row.premises,
                until,
                bool(until and until <= look.moment),
            )
        )
    return found


def agreement(found: Sequence[Reached]) -> str:
    """Whether the connections that were answered lead to one home, in a sentence ("": fewer than two were)."""
    answered = [each for each in found if each.premises is not None]
    if len(answered) < 2:
        return ""
    homes = {each.premises for each in answered}
    if len(homes) == 1:
        return f"{len(answered)} connections lead to one and the same premises."
    return (
        f"THE ANSWERS DISAGREE: {len(answered)} connections lead to {len(homes)} premises. "
        "Act on none of them until it is known why."
    )


# --- which enquiry next


def next_best(
    look: OpenLook, subject: int, assessed: Assessed, asked: Sequence[Asked], connections: Sequence[Reached]
) -> list[Offer]:
    """Every enquiry that would settle something about a subject, the best first."""
    policy = assessed.policy
    about_of = {kind.id: about(kind.id) for kind in policy.enquiries}
    waits = [each for each in asked if each.waits]
    out: dict[str, int] = {}
    for each in waits:
        out[each.kind] = out.get(each.kind, 0) + 1
    answering = {fact for each in waits for fact in _answers(policy, each.kind)}
    unresolved = [
        each
        for each in connections
        if each.row.unfit is None
        and not each.at_end
        and (each.enquiry is None or each.enquiry.state == "lapsed")
    ]
    ranks = reach(policy, assessed.judgement, assessed.facts)
    return offers(
        policy.enquiries,
        about_of,
        {fact: ranks.get(fact, 0) for fact in assessed.judgement.outstanding},
        _have(look, subject, unresolved),
        out,
        answering,
        len(unresolved),
    )


def _answers(policy: Policy, kind: str) -> tuple[str, ...]:
    found = kind_of(policy, kind)
    return found.answers if found else ()


def _have(look: OpenLook, subject: int, unresolved: Sequence[Reached]) -> set[About]:
    """What there is to ask about."""
    rows = query(
        f"""select exists (select from member m join identifier i on i.mention = m.mention
                           where m.subject = %(s)s and {standing("m", look.as_at)} and {standing("i", look.as_at)}
                             and i.kind in ('name', 'name_dob')) as person,
                   exists (select from member m join led_to l on l.mention = m.mention
                           where m.subject = %(s)s and {standing("m", look.as_at)}
                             and {standing("l", look.as_at)}) as premises,
                   exists (select from member m join mention n on n.id = m.mention
                           where m.subject = %(s)s and {standing("m", look.as_at)}
                             and n.report is not null) as report""",
        {"s": subject},
    )
    row = rows[0]
    have: set[About] = set()
    if row.person:
        have.add("person")
    if row.premises:
        have.add("premises")
    if row.report:
        have.add("report")
    if unresolved:
        have.add("connection")
    return have


def rungs(look: OpenLook, subject: int) -> tuple[list[Any], list[Any]]:
    """What the subject's second and third rung could rest on: answers fully compared, and occupants with their home."""
    answers = query(
        f"""select n.id, e.id as enquiry, p.address, p.id as premises from member m
            join enquiry e on e.mention = m.mention and {standing("e", look.as_at)}
            join enquiry_answer n on n.enquiry = e.id and {standing("n", look.as_at)} and fully_compared(n.id)
            join resolution r on r.answer = n.id and {standing("r", look.as_at)}
            join premises p on p.id = r.premises
            where m.subject = %s and {standing("m", look.as_at)} order by n.id""",
        [subject],
    )
    occupants = query(
        f"""select distinct o.id, o.name, p.address from member m
            join led_to l on l.mention = m.mention and {standing("l", look.as_at)}
            join premises p on p.id = l.premises
            join occupant o on o.premises = p.id and {standing("o", look.as_at)}
            where m.subject = %s and {standing("m", look.as_at)} order by o.id""",
        [subject],
    )
    return answers, occupants


def uncompared(look: OpenLook, subject: int, premises: int) -> bool:
    """Whether no visit or warrant may rest yet on these premises as where this subject leads."""
    row = query("select address_stands(%s, %s) as stands", [subject, premises])[0]
    return not row.stands


def warned(look: OpenLook, subjects: Sequence[int]) -> list[Any]:
    """Which of these subjects are said to have been warned before (themselves, or at their home)."""
    return query(
        f"""select distinct m.subject, s.as_of, s.source from member m
            join statement s on s.mention = m.mention and {standing("s", look.as_at)}
            where m.subject = any(%s) and {standing("m", look.as_at)} and s.fact = 'earlier_warning' and s.truth
            order by 1, 2""",
        [list(subjects)],
    )
