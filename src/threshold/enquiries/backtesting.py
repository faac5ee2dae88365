"""What a new policy would have said over the past: every day with what was known on that day, in DuckDB.

PostgreSQL gives what was said of each subject as the record stood at the end of a day; DuckDB combines and judges
it under the new policy, by the same generated text. Nothing that came later is in it, and no row is written. A day
is looked at again where an act touched the subject, somebody that a link ties to it, or where the calendar did
(an answer lapsed, a birthday). Beside it stands the band that was really stored that day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from threshold.acts.asat import as_it_stood, standing
from threshold.acts.db import one, query
from threshold.enquiries.assess import said_query
from threshold.policy.engines import facts_query_on_duckdb, judgement_query_on
from threshold.policy.model import Policy, band_name
from threshold.times import end_of_uk_day

_AT_ONCE = 20_000

# Whom the acts of a day touched: directly, or as somebody that a link ties to a mention that they touched.
_TOUCHED = """
    with moved as (
        select mention from statement where asserted_by between %(first)s and %(last)s
        union select mention from statement where retracted_by between %(first)s and %(last)s
        union select mention from member where asserted_by between %(first)s and %(last)s
        union select mention from member where retracted_by between %(first)s and %(last)s
        union select unnest(array[a, b]) from link where asserted_by between %(first)s and %(last)s
        union select unnest(array[a, b]) from link where retracted_by between %(first)s and %(last)s
        union select mention from statement where expires > %(start)s and expires <= %(end)s
        union select mention from statement
              where born_from is not null
                and array[to_char(born_from, 'MMDD'), to_char(born_to, 'MMDD')]
                    && array[to_char(%(day)s::date, 'MMDD'), to_char(%(day)s::date - 1, 'MMDD')]
    ), near as (
        select mention from moved
        union select l.b from link l join moved on moved.mention = l.a
        union select l.a from link l join moved on moved.mention = l.b
    )
    select distinct m.subject from near join member m on m.mention = near.mention
    union select subject from assessment where asserted_by between %(first)s and %(last)s
    union select subject from assessment where retracted_by between %(first)s and %(last)s"""

_SAID_TABLE = """
    create table said (subject bigint, fact varchar, known boolean, truth boolean, low integer, high integer,
                       choice varchar, as_of timestamptz, number bigint, possible boolean);
    create table points (subject bigint, who bigint, day integer, known_then smallint, could_then smallint);"""


@dataclass(frozen=True, slots=True)
class Move:
    """Subjects and days on which the new policy says ``new`` where ``then`` was stored."""

    then: str
    new: str
    subjects: int
    days: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """``subjects`` seen on ``days`` days; ``judged``: times that one was worked out under the new policy.

    ``moves`` are of the known band; ``could_be`` of the band that it could be. ``higher`` and ``lower``: subjects
    that the new policy would have put higher, or lower, on at least one day.
    """

    policy: str
    first: date
    last: date
    subjects: int
    judged: int
    higher: int
    lower: int
    moves: tuple[Move, ...] = ()
    could_be: tuple[Move, ...] = ()
    clauses: dict[str, int] = field(default_factory=dict)


def backtest(
    policy: Policy, first: date, last: date, progress: Callable[[int, int], None] | None = None
) -> Backtest:
    """Judge the caseload of every day from ``first`` to ``last`` (UK days, both included) under ``policy``.

    ``progress`` is told the days done and the days there are.
    """
    days = (last - first).days + 1
    with duckdb.connect() as duck:
        duck.execute("set timezone = 'UTC'")
        duck.execute(_SAID_TABLE)
        points = 0
        for number in range(days):
            points = _take_day(duck, policy, first + timedelta(days=number), number, points)
            if progress:
                progress(number + 1, days)
        return _judged(duck, policy, first, last, days)


def _take_day(duck: duckdb.DuckDBPyConnection, policy: Policy, day: date, number: int, points: int) -> int:
    """Bring one day's subjects and what was said of them over to DuckDB; how many points there are now."""
    end = end_of_uk_day(day)
    act = _last_act(end)
    if number == 0:
        who = query(f"select distinct subject from assessment a where {standing('a', act)}")
    else:
        begin = end_of_uk_day(day - timedelta(days=1))
        who = query(
            _TOUCHED, {"first": _last_act(begin) + 1, "last": act, "start": begin, "end": end, "day": day}
        )
    subjects = sorted(row.subject for row in who)
    for start in range(0, len(subjects), _AT_ONCE):
        points = _take(duck, policy, subjects[start : start + _AT_ONCE], day, end, act, number, points)
    return points


def _last_act(moment: datetime) -> int:
    row = one("select coalesce(max(id), 0) as id from act where at <= %s", [moment])
    assert row is not None
    return int(row.id)


def _take(
    duck: duckdb.DuckDBPyConnection,
    policy: Policy,
    subjects: list[int],
    day: date,
    end: datetime,
    act: int,
    number: int,
    points: int,
) -> int:
    stored = {
        row.subject: row
        for row in query(
            f"select subject, known, could_be from assessment a where subject = any(%s) and {standing('a', act)}",
            [subjects],
        )
    }
    point_of = {subject: points + place for place, subject in enumerate(subjects, start=1)}
    rows = [
        (
            point,
            subject,
            number,
            *((stored[subject].known, stored[subject].could_be) if subject in stored else (None, None)),
        )
        for subject, point in point_of.items()
    ]
    _append(duck, "points", ["bigint", "bigint", "integer", "smallint", "smallint"], rows)
    sql, parameters = said_query(policy)
    graded = sorted(stored)
    said = query(as_it_stood(sql), {**parameters, "subjects": graded, "now": end, "day": day, "act": act})
    kinds = ["bigint", "varchar", "boolean", "boolean", "integer", "integer", "varchar", "timestamptz", "bigint",
             "boolean"]  # fmt: skip
    _append(duck, "said", kinds, [(point_of[row.subject], *row[1:]) for row in said])
    return points + len(subjects)


def _append(
    duck: duckdb.DuckDBPyConnection, table: str, kinds: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    if rows:
        lists = [list(column) for column in zip(*rows, strict=True)]
        values = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
        duck.execute(f"insert into {table} select {values}", lists)


def _judged(duck: duckdb.DuckDBPyConnection, policy: Policy, first: date, last: date, days: int) -> Backtest:
    asked = "select subject from points where known_then is not null"
    duck.execute(f"create table facts as {facts_query_on_duckdb(policy, 'said', asked)}")
    duck.execute(f"create table again as {judgement_query_on('duckdb', policy, 'facts')}")
    duck.execute(
        f"""create table held as
            select p.*, again.known, again.could_be, again.deciding,
                   lead(p.day, 1, {days}) over (partition by who order by p.day) - p.day as lasted
            from points p left join again on again.subject = p.subject"""
    )
    duck.execute("delete from held where known_then is null")
    row = duck.execute(
        """select count(distinct who), count(*), count(distinct who) filter (where known > known_then),
                  count(distinct who) filter (where known < known_then) from held"""
    ).fetchone()
    assert row is not None
    subjects, judged, higher, lower = row
    return Backtest(
        f"{policy.name} {policy.version}",
        first,
        last,
        subjects,
        judged,
        higher,
        lower,
        _moves(duck, "known_then", "known"),
        _moves(duck, "could_then", "could_be"),
        _clauses(duck),
    )


def _moves(duck: duckdb.DuckDBPyConnection, then: str, new: str) -> tuple[Move, ...]:
    rows = duck.execute(
        f"""select {then}, {new}, count(distinct who), sum(lasted) from held
            group by 1, 2 order by 1 desc, 2 desc"""
    ).fetchall()
    return tuple(Move(band_name(a), band_name(b), n, int(days)) for a, b, n, days in rows)


def _clauses(duck: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many subjects each clause of the new policy would have decided on at least one day."""
    rows = duck.execute(
        """select clause, count(distinct who) from (
               select who, unnest(string_split(rtrim(deciding, ','), ',')) as clause from held where deciding <> '')
           group by 1 order by 2 desc, 1"""
    ).fetchall()
    return dict(rows)
