"""Counting: who is counted for whom, at which act, and how many there are.

One condition (``counted``) says which subjects are counted. The numbers, the lists behind them, the doubt and
what changed since all ask it, so that they agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from threshold.acts.access import Actor, Power, hidden_then
from threshold.acts.asat import act_at, standing
from threshold.acts.db import one, query
from threshold.oversight.definitions import ALL, CELLS, EVERYTHING, SUMS, Cell, Definition, What
from threshold.oversight.doubt import Doubt, doubt
from threshold.oversight.small_cells import SMALL, to_hide

ReadingName = Literal["today", "known-at", "now-known"]
State = Literal["counted", "hidden", "not recorded", "not for your role"]


class Scope(StrEnum):
    """What is counted for whom.

    Whoever may see subjects is counted just those, whatever else they are: the force's own total beside it
    would tell how many are closed to them.
    """

    SEEN = "what you may see"
    FORCE = "the whole force"
    DELIVERIES = "your own deliveries"

    @classmethod
    def of(cls, actor: Actor) -> Scope:
        if actor.may(Power.SEE_SUBJECTS):
            return cls.SEEN
        return cls.FORCE if actor.may(Power.COUNT_FORCE) else cls.DELIVERIES


@dataclass(frozen=True, slots=True)
class Reading:
    """The claims that stood after act ``act``; of these, with ``received_by``, only what had reached us by then.

    ``about`` is the date that the reading is about.
    """

    name: ReadingName
    act: int
    about: datetime
    received_by: datetime | None = None

    @classmethod
    def of(cls, name: str, at: datetime | None) -> Reading:
        """The reading with this name at a date (none: now)."""
        now = datetime.now(UTC)
        last = act_at(now) or 0
        if at is None or at > now:
            return cls("today", last, now)
        if name == "now-known":
            return cls("now-known", last, at, at)
        return cls("known-at", act_at(at) or 0, at)


@dataclass(frozen=True, slots=True)
class Number:
    """One number as this reader gets it; ``value`` is None unless it was counted."""

    definition: Definition
    value: int | None
    state: State = "counted"


@dataclass(frozen=True, slots=True)
class Count:
    """All numbers at one reading, for one reader."""

    reading: Reading
    scope: Scope
    numbers: Mapping[str, Number]
    doubt: Doubt | None = None
    in_doubt: Mapping[str, int] | None = None

    def value(self, key: str) -> int | None:
        return self.numbers[key].value


def seen(subject: str, reading: Reading, scope: Scope) -> str:
    """SQL: this reader may have the subject in that column counted (``%(actor)s``)."""
    match scope:
        case Scope.FORCE:
            return "true"
        case Scope.DELIVERIES:
            return "false"
    return f"""{subject} not in (select hidden_from(%(actor)s))
        and {subject} not in ({hidden_then(reading.act)})
        and case (select sees(%(actor)s)) when 'all' then true
            when 'children' then {subject} in (select tied_to_children()) else false end"""


def counted(reading: Reading, scope: Scope) -> str:
    """SQL: the assessment ``a`` is of a subject that is counted at this reading for this reader."""
    received = ""
    if reading.received_by is not None:
        received = "and least(a.first_received, a.history_from) <= %(received_by)s"
    return f"{standing('a', reading.act)} {received} and {seen('a.subject', reading, scope)}"


def parameters(actor: Actor, reading: Reading) -> dict[str, Any]:
    return {"actor": actor.id, "received_by": reading.received_by}


def in_role(reading: Reading, scope: Scope, role: str) -> str:
    """SQL: the subjects that a report names in a role (``role`` is ours, never a user's)."""
    received = ""
    if reading.received_by is not None:
        received = "join report r on r.id = n.report and r.received_at <= %(received_by)s"
    return f"""select distinct m.subject from mention n {received}
        join member m on m.mention = n.id and {standing("m", reading.act)}
        where n.role = '{role}' and {standing("n", reading.act)} and {seen("m.subject", reading, scope)}"""


def reports(actor: Actor, reading: Reading) -> str:
    """SQL: the reports that are counted for this reader."""
    conditions = [standing("r", reading.act)]
    if reading.received_by is not None:
        conditions.append("r.received_at <= %(received_by)s")
    scope = Scope.of(actor)
    if scope is Scope.DELIVERIES:
        conditions.append(f"r.delivery in (select d.id {deliveries(actor, reading)})")
    elif scope is Scope.SEEN and not actor.may(Power.SEE_DELIVERIES):
        conditions.append(
            f"""exists (select from mention n join member m on m.mention = n.id and {standing("m", reading.act)}
                        where n.report = r.id and {standing("n", reading.act)}
                          and {seen("m.subject", reading, scope)})"""
        )
    return f"from report r where {' and '.join(conditions)}"


def deliveries(actor: Actor, reading: Reading) -> str:
    """SQL: the deliveries that are counted for this reader. One is its own who took it in."""
    conditions = [standing("d", reading.act)]
    if reading.received_by is not None:
        conditions.append("d.received_at <= %(received_by)s")
    if Scope.of(actor) is Scope.DELIVERIES:
        conditions.append("exists (select from act where act.id = d.asserted_by and act.actor = %(actor)s)")
    return f"from delivery d where {' and '.join(conditions)}"


def count(
    actor: Actor, reading: Reading, *, what: Collection[What] = EVERYTHING, with_doubt: bool = False
) -> Count:
    """Every number at this reading, as this reader gets it: small cells are hidden where the force is counted.

    ``what``: only the numbers that count this.
    """
    scope = Scope.of(actor)
    given = parameters(actor, reading)
    cells = _cells(reading, scope, given)
    wanted = (each for each in ALL.values() if each.what in what)
    numbers = {each.key: _number(each, cells, actor, reading, given) for each in wanted}
    asked = _questions(reading, scope, given) if with_doubt and scope is not Scope.DELIVERIES else None
    total = sum(cells.values())
    ranged = doubt(total, asked.counted, asked.pairs, asked.different) if asked else None
    doubtful = _doubtful(asked.counted) if asked else None
    if scope is Scope.FORCE:
        numbers, doubtful = _small_hidden(cells, numbers), None
        ranged = ranged if ranged and numbers["subjects"].state == "counted" else None
    return Count(reading, scope, numbers, ranged, doubtful)


def _cells(reading: Reading, scope: Scope, given: dict[str, Any]) -> dict[Cell, int]:
    rows = query(
        f"select a.ladder, a.route, count(*) as n from assessment a where {counted(reading, scope)} group by 1, 2",
        given,
    )
    return dict.fromkeys(CELLS, 0) | {(row.ladder, row.route): row.n for row in rows}


def _number(
    definition: Definition, cells: dict[Cell, int], actor: Actor, reading: Reading, given: dict[str, Any]
) -> Number:
    scope = Scope.of(actor)
    match definition.what:
        case "not recorded":
            return Number(definition, None, "not recorded")
        case "reports":
            return Number(definition, _how_many(f"select count(*) as n {reports(actor, reading)}", given))
        case "deliveries" if scope is not Scope.SEEN or actor.may(Power.SEE_DELIVERIES):
            return Number(definition, _how_many(f"select count(*) as n {deliveries(actor, reading)}", given))
        case "roles" if scope is not Scope.DELIVERIES:
            named = in_role(reading, scope, definition.role)
            return Number(definition, _how_many(f"select count(*) as n from ({named}) named", given))
        case "subjects" if scope is not Scope.DELIVERIES:
            return Number(definition, sum(cells[cell] for cell in definition.cells))
    return Number(definition, None, "not for your role")


def _how_many(sql: str, given: dict[str, Any]) -> int:
    row = one(sql, given)
    assert row is not None
    return int(row.n)


def _small_hidden(cells: dict[Cell, int], numbers: Mapping[str, Number]) -> dict[str, Number]:
    """Those in a role are added up with nothing, so each is hidden by itself."""
    hidden = to_hide(cells, (each.cells for each in SUMS))

    def hides(number: Number) -> bool:
        if number.definition.what == "roles":
            return number.value is not None and 0 < number.value < SMALL
        return number.definition.cells in hidden

    return {
        key: Number(number.definition, None, "hidden") if hides(number) else number
        for key, number in numbers.items()
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """The open questions between subjects: pairs, what officers said is different, and who of them is counted."""

    pairs: list[tuple[int, int]]
    different: list[tuple[int, int]]
    counted: dict[int, Cell]


def _questions(reading: Reading, scope: Scope, given: dict[str, Any]) -> _Asked:
    # An automatic link between two subjects joins nobody: it stands in review, and is a question like the others.
    pairs = _linked(reading, scope, given, "l.says = 'same' and l.strength <> 'confirmed'")
    named = list({subject for pair in pairs for subject in pair})
    rows = query(
        f"""select a.subject, a.ladder, a.route from assessment a
            where a.subject = any(%(named)s) and {counted(reading, scope)}""",
        {**given, "named": named},
    )
    different = _linked(reading, scope, given, "l.says = 'different'") if pairs else []
    return _Asked(pairs, different, {row.subject: (row.ladder, row.route) for row in rows})


def _linked(reading: Reading, scope: Scope, given: dict[str, Any], condition: str) -> list[tuple[int, int]]:
    rows = query(
        f"""select distinct least(x.subject, y.subject) as a, greatest(x.subject, y.subject) as b
            from link l join member x on x.mention = l.a and {standing("x", reading.act)}
            join member y on y.mention = l.b and {standing("y", reading.act)}
            where {condition} and {standing("l", reading.act)} and x.subject <> y.subject
              and {seen("x.subject", reading, scope)} and {seen("y.subject", reading, scope)}""",
        given,
    )
    return [(row.a, row.b) for row in rows]


def _doubtful(counted_in_question: Mapping[int, Cell]) -> dict[str, int]:
    """For each sum, how many of its subjects may be the same person as another."""
    by_cell = Counter(counted_in_question.values())
    return {each.key: sum(by_cell[cell] for cell in each.cells) for each in SUMS}
