"""Whether everything that came in a period is accounted for, how long it was on its way, and who is silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook
from threshold.intake.queries import PAGE
from threshold.intake.silence import RULE, Silence, silence
from threshold.times import start_of_uk_day, uk_day

# Older than this, what is held and what is half read needs somebody.
UNEXPLAINED_AFTER = timedelta(days=1)
MOST_LISTED = 50

# By what the sums of a period can be told apart.
_KEYS = {
    "day": "(d.received_at at time zone 'Europe/London')::date",
    "month": "date_trunc('month', d.received_at at time zone 'Europe/London')::date",
    "road": "d.road",
    "sender": "left(r.sender, 200)",
}


@dataclass(frozen=True, slots=True)
class Period:
    """From one instant to before another; of one road or one sender (by one of its reports) where they are named."""

    start: datetime
    end: datetime
    road: str | None = None
    sender_of: int | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "road": self.road, "sender": self.sender_of}


def period_of(first: date, last: date, road: str | None = None, sender_of: int | None = None) -> Period:
    """The UK days from the first to the last, both in it."""
    return Period(start_of_uk_day(first), start_of_uk_day(last + timedelta(days=1)), road, sender_of)


def _came(look: OpenLook) -> str:
    return f"""{standing("d", look.as_at)} and d.received_at >= %(start)s and d.received_at < %(end)s
               and (%(road)s::text is null or d.road = %(road)s)"""


_OF_SENDER = """(%(sender)s::bigint is null
                 or r.sender = (select sender from report where id = %(sender)s))"""

_STATES = """count(e.id) as received,
             count(e.id) filter (where e.state = 'registered') as registered,
             count(e.id) filter (where e.state = 'duplicate') as duplicate,
             count(e.id) filter (where e.state = 'held') as held,
             count(e.id) filter (where e.state = 'refused') as refused"""


def sums(look: OpenLook, period: Period, by: str) -> list[Any]:
    """received = registered + duplicate + held + refused for each *by* (a key of ``_KEYS``).

    Of what was held or refused before it was read, the sender is not known: its key is None. ``report`` is one
    report of the sender.
    """
    return query(
        f"""select {_KEYS[by]} as key, count(distinct d.id) as deliveries, min(r.id) as report, {_STATES}
            from delivery d
            left join intake_entry e on e.delivery = d.id and {standing("e", look.as_at)}
            left join report r on r.id = e.report
            where {_came(look)} and {_OF_SENDER}
            group by 1 order by 1 nulls last""",
        period.parameters,
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole period: its sum, and how many entries reading to the end found. ``unread``: begun, not ended."""

    deliveries: int
    received: int
    registered: int
    duplicate: int
    held: int
    refused: int
    found: int
    unread: int
    unequal: int

    @property
    def holds(self) -> bool:
        return not self.unequal


def whole(look: OpenLook, period: Period) -> Whole:
    row = one(
        f"""with each as (
                select d.id, x.received as found, {_STATES}
                from delivery d
                left join intake_entry e on e.delivery = d.id and {standing("e", look.as_at)}
                left join delivery_read x on x.delivery = d.id and {standing("x", look.as_at)}
                where {_came(look)} group by d.id, x.received)
            select count(*) as deliveries, coalesce(sum(received), 0)::bigint as received,
                   coalesce(sum(registered), 0)::bigint as registered,
                   coalesce(sum(duplicate), 0)::bigint as duplicate,
                   coalesce(sum(held), 0)::bigint as held, coalesce(sum(refused), 0)::bigint as refused,
                   coalesce(sum(found), 0)::bigint as found,
                   count(*) filter (where found is null) as unread,
                   count(*) filter (where found <> received) as unequal
            from each""",
        period.parameters,
    )
    assert row is not None
    return Whole(*row)


def deliveries_in(look: OpenLook, period: Period, page: int = 1) -> tuple[list[Any], int]:
    """The deliveries of a period, newest first, each with its sum; and how many there are."""
    mine = f"""{_came(look)} and (%(sender)s::bigint is null or exists (
                   select from intake_entry s join report r on r.id = s.report
                   where s.delivery = d.id and {standing("s", look.as_at)} and {_OF_SENDER}))"""
    rows = query(
        f"""select d.id, d.name, d.road, d.received_at, x.received as found, {_STATES}
            from (select * from delivery d where {mine} order by d.id desc limit {PAGE} offset %(offset)s) d
            left join intake_entry e on e.delivery = d.id and {standing("e", look.as_at)}
            left join delivery_read x on x.delivery = d.id and {standing("x", look.as_at)}
            group by d.id, d.name, d.road, d.received_at, x.received order by d.id desc""",
        {**period.parameters, "offset": (page - 1) * PAGE},
    )
    total = one(f"select count(*) as n from delivery d where {mine}", period.parameters)
    assert total is not None
    return rows, total.n


def unread(look: OpenLook) -> tuple[list[Any], int]:
    """Deliveries that were begun more than a day ago and not read to their end, the oldest first; and how many."""
    rows = query(
        f"""select d.id, d.received_at, count(*) over () as total from delivery d
            where {standing("d", look.as_at)} and d.received_at < %s
              and not exists (select from delivery_read x where x.delivery = d.id
                              and {standing("x", look.as_at)})
            order by d.received_at limit {MOST_LISTED}""",
        [look.moment - UNEXPLAINED_AFTER],
    )
    return rows, rows[0].total if rows else 0


def unseen(look: OpenLook) -> tuple[list[Any], int]:
    """Entries held for more than a day at which nobody has looked, nor at their delivery; and how many.

    The oldest first. To see them in the list of everything held is not to have looked at one.
    """
    rows = query(
        f"""select e.id, e.delivery, d.received_at, count(*) over () as total
            from intake_entry e join delivery d on d.id = e.delivery
            where e.state = 'held' and {standing("e", look.as_at)} and d.received_at < %s
              and not exists (select from look l where l.body ? 'delivery' and not l.body ? 'failed'
                              and (l.body->>'delivery')::bigint = e.delivery)
              and not exists (select from look l where l.body ? 'entry' and not l.body ? 'failed'
                              and (l.body->>'entry')::bigint = e.id)
            order by d.received_at, e.id limit {MOST_LISTED}""",
        [look.moment - UNEXPLAINED_AFTER],
    )
    return rows, rows[0].total if rows else 0


HAND_OVERS = {
    "event_to_house": ("From what happened to the clearing house", "r.happened_at", "r.clearing_house_at"),
    "house_to_agency": (
        "From the clearing house to the national agency",
        "r.clearing_house_at",
        "r.agency_at",
    ),
    "agency_to_force": ("From the national agency to the force", "r.agency_at", "r.received_at"),
    "event_to_force": ("From what happened to the force", "r.happened_at", "r.received_at"),
}


@dataclass(frozen=True, slots=True)
class HandOver:
    """How long reports waited on one stretch of their way. ``backwards``: the later time is before the earlier."""

    words: str
    known: int
    not_known: int
    backwards: int
    median: timedelta | None
    longest: timedelta | None


def hand_overs(look: OpenLook, period: Period) -> list[HandOver]:
    """Each stretch of the way of the reports registered in a period; old cases apart, which say nothing of it."""
    columns = ", ".join(
        f"""count(*) filter (where {b} >= {a}) as {key}_known,
            count(*) filter (where {a} is null or {b} is null) as {key}_not_known,
            count(*) filter (where {b} < {a}) as {key}_backwards,
            percentile_cont(0.5) within group (order by {b} - {a}) filter (where {b} >= {a}) as {key}_median,
            max({b} - {a}) filter (where {b} >= {a}) as {key}_longest"""
        for key, (_, a, b) in HAND_OVERS.items()
    )
    row = one(
        f"""select {columns} from report r join delivery d on d.id = r.delivery
            where {standing("r", look.as_at)} and r.history is null and {_came(look)} and {_OF_SENDER}""",
        period.parameters,
    )
    told = ("known", "not_known", "backwards", "median", "longest")
    return [
        HandOver(words, *(getattr(row, f"{key}_{each}") for each in told))
        for key, (words, _, _) in HAND_OVERS.items()
    ]


# Of each sender the last days on which something came; a step for each sender and day, not one for each report.
_DAYS = """
    with recursive sender as (
        (select left(sender, 200) as name from report where retracted_by is null and history is null
         order by 1 limit 1)
        union all
        select (select left(r.sender, 200) from report r where r.retracted_by is null and r.history is null
                and left(r.sender, 200) > s.name order by 1 limit 1)
        from sender s where s.name is not null)
    select s.name, array(
        with recursive last as (
            (select (received_at at time zone 'Europe/London')::date as day, 1 as n from report r
             where r.retracted_by is null and r.history is null and left(r.sender, 200) = s.name
             order by 1 desc limit 1)
            union all
            select (select (r.received_at at time zone 'Europe/London')::date from report r
                    where r.retracted_by is null and r.history is null and left(r.sender, 200) = s.name
                      and (r.received_at at time zone 'Europe/London')::date < l.day order by 1 desc limit 1),
                   l.n + 1
            from last l where l.day is not null and l.n <= %s)
        select day from last where day is not null order by n) as days
    from sender s where s.name is not null"""


def silent_senders(look: OpenLook) -> list[Silence]:
    """Senders that have sent nothing for longer than is usual for them, the longest silence first."""
    today = uk_day(look.moment)
    found = (silence(row.name, row.days, today) for row in query(_DAYS, [RULE.gaps]))
    return sorted((each for each in found if each), key=lambda each: -each.days)
