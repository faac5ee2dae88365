"""The monthly report: the sentence, the counts, the volumes, what became of what came in, and what is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from threshold.acts.access import Power
from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook
from threshold.oversight import counting, queries
from threshold.oversight.counting import Count, Reading, Scope
from threshold.oversight.months import Month
from threshold.oversight.sentences import sentence
from threshold.oversight.volumes import NOT_STATED, ROADS, Volume, volumes, when

STATES = ("registered", "duplicate", "held", "refused")
NOT_KNOWN = "Not known: held or refused before it was read"


@dataclass(frozen=True, slots=True)
class IntakeSum:
    """received = registered + duplicate + held + refused, of one sender, one road, or everything."""

    name: str
    registered: int
    duplicate: int
    held: int
    refused: int

    @property
    def received(self) -> int:
        return self.registered + self.duplicate + self.held + self.refused


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the entries of the month's deliveries. ``found``: how many reading to the end found in them.

    Whoever sees no delivery is given the whole alone. ``unread``: deliveries that were not yet read to their end.
    """

    whole: IntakeSum
    by_sender: list[IntakeSum]
    by_road: list[IntakeSum]
    found: int
    unread: int

    @property
    def holds(self) -> bool:
        return not self.unread and self.found == self.whole.received


# How long something is held: up to so many days.
AGES = {1: "Up to 1 day", 7: "Up to 7 days", 30: "Up to 30 days", None: "Longer than 30 days"}


@dataclass(frozen=True, slots=True)
class HeldFor:
    """Entries held for about so long: how many, and since when the oldest. Their reasons may quote what came."""

    age: str
    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """Everything that the report of a month says, as known at one reading, for one reader."""

    month: Month
    when: str
    reading: Reading
    scope: Scope
    sentence: str
    count: Count
    volumes: list[Volume]
    intake: Intake | None
    held: list[HeldFor] | None

    def days_held(self, since: datetime) -> int:
        return max(0, (self.reading.about - since) // timedelta(days=1))


def usual_date(month: Month, now: datetime) -> datetime | None:
    """The date as at which a month is reported where none is said: its end; none (now) until it is over."""
    end = month.end - timedelta(microseconds=1)
    return end if end < now else None


def monthly_report(look: OpenLook, reading: Reading, month: Month) -> MonthlyReport:
    """The report of a month as this reader may have it."""
    count = queries.counts(look, reading)
    return MonthlyReport(
        month,
        when(reading, month),
        reading,
        count.scope,
        sentence(count),
        count,
        volumes(look, reading, month),
        _intake(look, reading, month),
        _held(look, reading),
    )


def _sees_entries(look: OpenLook) -> bool:
    """Of deliveries: all of them, or (intake) one's own; the force's sums where the force is counted."""
    return Scope.of(look.actor) is not Scope.SEEN or look.actor.may(Power.SEE_DELIVERIES)


def _intake(look: OpenLook, reading: Reading, month: Month) -> Intake | None:
    if not _sees_entries(look):
        return None
    given = {**counting.parameters(look.actor, reading), "start": month.start, "end": month.end}
    came = f"{counting.deliveries(look.actor, reading)} and d.received_at >= %(start)s and d.received_at < %(end)s"
    entries = f"""from (select d.* {came}) d join intake_entry e on e.delivery = d.id
        and {standing("e", reading.act)}"""
    read = one(
        f"""select coalesce(sum(x.received), 0)::bigint as found, count(*) filter (where x.id is null) as unread
            from (select d.* {came}) d left join delivery_read x on x.delivery = d.id
                 and {standing("x", reading.act)}""",
        given,
    )
    whole = _sums(f"select 'Everything' as name, {_STATES} {entries}", given)
    assert read is not None and len(whole) == 1
    by_sender: list[IntakeSum] = []
    by_road: list[IntakeSum] = []
    if Scope.of(look.actor) is not Scope.FORCE:
        by_sender = _sums(
            f"""select coalesce(nullif(r.sender, ''), '{NOT_KNOWN}') as name, {_STATES}
                {entries} left join report r on r.id = e.report group by 1 order by count(*) desc, 1""",
            given,
        )
        by_road = _sums(
            f"select d.road as name, {_STATES} {entries} group by 1 order by count(*) desc, 1", given
        )
    return Intake(whole[0], by_sender, by_road, read.found, read.unread)


_STATES = ", ".join(f"count(*) filter (where e.state = '{state}') as {state}" for state in STATES)


def _sums(sql: str, given: dict[str, Any]) -> list[IntakeSum]:
    return [
        IntakeSum(ROADS.get(row.name, row.name or NOT_STATED), *(getattr(row, state) for state in STATES))
        for row in query(sql, given)
    ]


def _held(look: OpenLook, reading: Reading) -> list[HeldFor] | None:
    """Everything that is held at the reading, whenever it came."""
    if not _sees_entries(look):
        return None
    rows = query(
        f"""select d.received_at as since, count(*) as n
            from (select d.* {counting.deliveries(look.actor, reading)}) d
            join intake_entry e on e.delivery = d.id and e.state = 'held' and {standing("e", reading.act)}
            group by 1 order by 1""",
        counting.parameters(look.actor, reading),
    )
    by_age: dict[str, list[Any]] = {age: [] for age in AGES.values()}
    for row in rows:
        held = reading.about - row.since
        by_age[next(a for days, a in AGES.items() if days is None or held <= timedelta(days))].append(row)
    return [HeldFor(age, sum(row.n for row in rows), rows[0].since) for age, rows in by_age.items() if rows]
