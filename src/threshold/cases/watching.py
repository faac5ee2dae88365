"""Watched: after a warning or no further action, any new mention opens the case again.

Activity after the warning is a breach: said in the same act, told to whoever owns the case and whoever warned, and
never low. Activity before it asks again whether this person was really seen once. A time that is not known is a
pile of its own. What rests on a link goes when the link goes. Runs inside an act that is open, before bands are
worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows
from threshold.cases.casebook import add_task, enter, standing
from threshold.enquiries.assess import asked_of
from threshold.enquiries.drafting import DraftStatement
from threshold.enquiries.verbs import retract_statement, write_statements

HAPPENED = {"after": "after the warning", "before": "before the warning", "unknown": "at a time not known"}
_DECIDE_WITHIN = timedelta(days=1)
_ASK_WITHIN = timedelta(days=7)

# Live cases that were watched at some time, with the act and time from which on a mention is new, and the warning.
_WATCHED = """
    select f.id, f.mention, m.subject, o.owner, w.act as since, coalesce(r.at, w.at) as at, r.at as warned_at,
           r.officer as warned_by, v.decider, v.approver, case when v.level = 'address' then v.premises end as home
    from case_file f
    join case_state s on s.case_file = f.id and s.retracted_by is null and s.state in ('open', 'parked', 'watched')
    join lateral (select min(w.asserted_by) as act, min(act.at) as at from case_state w
                  left join act on act.id = w.asserted_by
                  where w.case_file = f.id and w.state = 'watched') w on w.act is not null
    join case_owner o on o.case_file = f.id and o.retracted_by is null
    join member m on m.mention = f.mention and m.retracted_by is null
    left join visit v on v.case_file = f.id
         and exists (select from visit_result x where x.visit = v.id and x.result = 'warned')
    left join visit_result r on r.visit = v.id and r.result = 'warned'"""

# Mentions that are new to a case: of its subject, asked about, or led to the home that was warned.
_NEW = """
    with found as (
        select m.mention, 'confirmed' as strength from member m
        where m.subject = %(subject)s and m.retracted_by is null
          and not exists (select from member x join member y on y.subject = x.subject
                          where x.mention = m.mention and y.mention = %(mention)s
                            and x.asserted_by <= %(since)s and y.asserted_by <= %(since)s
                            and (x.retracted_by is null or x.retracted_by > %(since)s)
                            and (y.retracted_by is null or y.retracted_by > %(since)s))
        union all
        select case when l.a = m.mention then l.b else l.a end, 'possible'
        from member m join link l on (l.a = m.mention or l.b = m.mention) and l.says = 'same'
             and l.strength <> 'confirmed' and l.retracted_by is null and l.asserted_by > %(since)s
        join member far on far.mention = case when l.a = m.mention then l.b else l.a end
             and far.retracted_by is null and far.subject <> m.subject
        where m.subject = %(subject)s and m.retracted_by is null
          and not exists (select from link d join member dm on dm.mention = d.a and dm.retracted_by is null
                          join member df on df.mention = d.b and df.retracted_by is null
                          where d.says = 'different' and d.retracted_by is null
                            and (dm.subject, df.subject) in ((m.subject, far.subject), (far.subject, m.subject)))
        union all
        select l.mention, 'possible' from led_to l
        join member m on m.mention = l.mention and m.retracted_by is null and m.subject <> %(subject)s
        where l.premises = %(home)s and l.retracted_by is null and l.asserted_by > %(since)s
    )
    select n.id as mention, n.report, min(f.strength) as strength,
           (select max(a.at) from activity a where a.mention = n.id and a.retracted_by is null) as acted_at,
           (select max(s.as_of) from statement s where s.mention = n.id and s.fact = 'times_seen'
            and s.officer is null and s.retracted_by is null) as seen_at,
           r.happened_at, r.history
    from found f join mention n on n.id = f.mention and n.retracted_by is null and n.role = 'reported'
    left join report r on r.id = n.report
    group by n.id, n.report, r.happened_at, r.history order by n.id"""


@dataclass(frozen=True, slots=True)
class _New:
    """A mention that is new to a watched case."""

    mention: int
    report: int | None
    strength: str
    happened: str

    def is_said_by(self, row: Any) -> bool:
        return bool((self.strength, self.happened) == (row.strength, row.happened))


def look_again(opened: OpenAct, subjects: Iterable[int]) -> list[int]:
    """Open again every watched case that one of these subjects is new to; the subjects of those cases."""
    numbers = set(subjects)
    if not numbers or one("select from case_state where state = 'watched' limit 1") is None:
        return []
    near = numbers | asked_of(numbers)
    homes = """exists (select from led_to l join member lm on lm.mention = l.mention and lm.retracted_by is null
                       where l.premises = v.premises and v.level = 'address' and lm.subject = any(%(near)s)
                         and l.retracted_by is null)"""
    touched = query(
        f"""{_WATCHED} where m.subject = any(%(near)s) or {homes}
            or exists (select from reopening old join member om on om.mention = old.mention
                       and om.retracted_by is null
                       where old.case_file = f.id and old.retracted_by is null and om.subject = any(%(near)s))
            order by f.id""",
        {"near": sorted(near)},
    )
    for case in touched:
        _look_at(opened, case)
    return [case.subject for case in touched]


def _look_at(opened: OpenAct, case: Any) -> None:
    new = {
        row.mention: _New(row.mention, row.report, row.strength, _happened(case.at, row))
        for row in query(
            _NEW, {"subject": case.subject, "mention": case.mention, "since": case.since, "home": case.home}
        )
        if not row.history
    }
    known = query(
        "select * from reopening where case_file = %s and retracted_by is null order by id", [case.id]
    )
    gone = [
        row
        for row in known
        if row.mention not in new
        or (new[row.mention].strength, new[row.mention].happened) != (row.strength, row.happened)
    ]
    for row in gone:
        _take_back(opened, row)
    stands = {row.mention for row in known} - {row.mention for row in gone}
    for each in new.values():
        if each.mention not in stands:
            _reopen(opened, case, each)


def _happened(warned_at: datetime, row: Any) -> str:
    """When what a mention tells was done, against the warning; its latest time decides."""
    moments = [moment for moment in (row.acted_at, row.seen_at, row.happened_at) if moment is not None]
    if not moments:
        return "unknown"
    return "after" if max(moments) > warned_at else "before"


def _take_back(opened: OpenAct, row: Any) -> None:
    retract_rows(opened, "reopening", [row.id])
    if row.statement is not None:
        stands = one("select from statement where id = %s and retracted_by is null", [row.statement])
        if stands is not None:
            retract_statement(opened, row.statement, "What it rested on is no longer about this person.")


def _reopen(opened: OpenAct, case: Any, new: _New) -> None:
    breach = case.warned_at is not None and new.happened == "after" and new.strength == "confirmed"
    statement = _say_breach(opened, case, new) if breach else None
    claim_rows(
        opened,
        "reopening",
        ["case_file", "officer", "mention", "report", "strength", "happened", "statement"],
        [(case.id, opened.actor.id, new.mention, new.report, new.strength, new.happened, statement)],
    )
    now = standing(case.id)
    told = "Seen again" if new.strength == "confirmed" else "Perhaps seen again"
    which = f"report {new.report}" if new.report is not None else f"mention {new.mention}"
    if now.state != "open":
        enter(opened, now, "open", f"{told}, {HAPPENED[new.happened]}: {which}")
    add_task(opened, case.id, *_what_next(opened, new, breach=breach, which=which))
    if new.report is not None:
        whom = {case.owner, case.warned_by, case.decider, case.approver} - {None}
        kind = "breach" if breach else "seen again"
        claim_rows(
            opened,
            "notice",
            ["officer", "mention", "report", "kind"],
            [(officer, case.mention, new.report, kind) for officer in sorted(whom)],
        )


def _what_next(opened: OpenAct, new: _New, *, breach: bool, which: str) -> tuple[str, str, datetime]:
    if breach:
        words = f"Active after the warning ({which}): decide what follows. No second warning is given"
        return "breach", words, opened.at + _DECIDE_WITHIN
    if new.strength == "possible":
        return (
            "same_person",
            f"Is this the same person, or the same home? ({which})",
            opened.at + _DECIDE_WITHIN,
        )
    if new.happened == "before":
        words = f"Was this person really seen once? Something earlier has become known ({which})"
        return "seen_once", words, opened.at + _ASK_WITHIN
    if new.happened == "unknown":
        words = f"Find out when it happened: before the warning, or after it ({which})"
        return "time_not_known", words, opened.at + _DECIDE_WITHIN
    return (
        "seen_again",
        f"Seen again after no further action ({which}): decide again",
        opened.at + _DECIDE_WITHIN,
    )


def _say_breach(opened: OpenAct, case: Any, new: _New) -> int:
    draft = DraftStatement(
        "activity_after_warning",
        True,
        truth=True,
        as_of=opened.at,
        words=f"Worked out from the times of report {new.report}"
        if new.report
        else "Worked out from its times",
    )
    return write_statements(
        opened,
        [(case.mention, draft)],
        received_at=opened.at,
        mark="intelligence",
        source="Watching after a warning",
    )[0]


def reopenings_of(case: int) -> list[Any]:
    """What was seen again on a case, the latest first."""
    return query(
        """select r.*, act.at, m.subject from reopening r left join act on act.id = r.asserted_by
           left join member m on m.mention = r.mention and m.retracted_by is null
           where r.case_file = %s and r.retracted_by is null order by r.id desc""",
        [case],
    )
