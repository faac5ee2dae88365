"""How what several people said becomes one fact: the obvious reference. ``sql.py`` says the same in SQL.

A row of ``Said`` is one statement about one subject. Rows marked *possible* belong to another subject who
may be the same person: they can only open what seemed settled, never settle anything.

any (yes/no)      yes if anybody said yes; else not known if anybody said "not known"; else no if anybody
                  said no; else not known. A fact's ``yes_from`` names facts whose yes and whose "not known"
                  count here too; their no does not.
latest            what was said last, by its as-of date and then by statement number.
worst (choice)    the gravest value said.
count             at least: the rows that say neither a low nor a high are counted, one each, or the
                  largest low that was said, if more. At most: the latest high that was said, plus what
                  was counted after it, and never under "at least". Without one there is no upper end.
overlap (range)   where the stated ranges overlap; when they contradict each other, from the lowest to the
                  highest, so that the contradiction stays visible.
"not known"       said once, it leaves a fact open until it is taken back: the upper end of a count or a
                  choice, both ends of a range. So putting "not known" in the place of any statement never
                  makes the gravest that could be any milder. (Under *latest*, only when it is the last word.)
possible rows     a no becomes not known when the other was said yes or not known. The upper end of a count
                  rises by what was counted and stated of the other; the gravest value of a choice rises to
                  the other's; a range widens to take the other's in. A count's and a choice's lower end
                  never moves.

A value that the policy does not know, and a row that claims to be known but says nothing, are read as
"not known".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from threshold.policy.model import FactRule, Policy


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: ``known`` False means that somebody said "not known", which is not the same as silence."""

    fact: str
    known: bool
    as_of: datetime
    number: int
    truth: bool | None = None
    low: int | None = None
    high: int | None = None
    choice: str | None = None
    possible: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """A count or a range: no less than ``at_least``, no more than ``at_most`` (None: no upper end known)."""

    at_least: int = 0
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Among:
    """A choice: no milder than ``at_least``, no graver than ``at_most``. Known when the two are the same."""

    at_least: str
    at_most: str


FactValue = bool | None | Interval | Among
Facts = dict[str, FactValue]


def facts_of(policy: Policy, said: Iterable[Said]) -> Facts:
    """Every fact of the policy, for one subject."""
    rows = list(said)
    return {fact.name: fact_of(fact, rows) for fact in policy.facts.values()}


def used(policy: Policy, said: Iterable[Said]) -> tuple[int, ...]:
    """The numbers of the subject's own statements that the policy reads, in rising order."""
    return tuple(sorted(row.number for row in said if row.fact in policy.facts and not row.possible))


def unknown(fact: FactRule) -> FactValue:
    """The value of a fact of which nobody has said anything."""
    match fact.kind:
        case "yes_no":
            return None
        case "choice":
            return Among(fact.values[0], fact.values[-1])
        case _:
            return Interval()


def is_known(value: FactValue) -> bool:
    """A count is known once it has an upper end: then somebody has looked."""
    match value:
        case Interval(at_most=at_most):
            return at_most is not None
        case Among(at_least, at_most_value):
            return at_least == at_most_value
        case _:
            return value is not None


def fact_of(fact: FactRule, rows: Sequence[Said]) -> FactValue:
    named = [
        row
        for row in rows
        if row.fact == fact.name or (row.fact in fact.yes_from and _answer(row) is not False)
    ]
    own = [row for row in named if not row.possible]
    other = [row for row in named if row.possible]
    match fact.kind, fact.combine:
        case "yes_no", "any":
            return _opened(_any(own), other)
        case "yes_no", _:
            return _opened(_answer(max(own, key=_order)) if own else None, other)
        case "count", _:
            return _count(own, other)
        case "range", _:
            return _overlap(own, other)
        case _:
            return _gravest(fact, own, other)


def _answer(row: Said) -> bool | None:
    return row.truth if row.known else None


def _order(row: Said) -> tuple[datetime, int, bool, bool]:
    """The last by date, then by number. Where even these are the same: "not known", then yes, then no."""
    return row.as_of, row.number, _answer(row) is None, _answer(row) is True


def _any(own: Sequence[Said]) -> bool | None:
    answers = [_answer(row) for row in own]
    if True in answers:
        return True
    if not answers or None in answers:
        return None
    return False


def _opened(value: bool | None, other: Sequence[Said]) -> bool | None:
    """A no is only a no while nobody who may be the same person was said to be otherwise."""
    if value is False and any(_answer(row) is not False for row in other):
        return None
    return value


def _counted(rows: Sequence[Said]) -> list[Said]:
    return [
        row for row in rows if row.known and row.low is None and row.high is None and row.truth is not False
    ]


def _count(own: Sequence[Said], other: Sequence[Said]) -> Interval:
    counted = _counted(own)
    lows = [row.low for row in own if row.known and row.low is not None]
    at_least = max([len(counted), *lows])

    highs = [(row.as_of, row.number, row.high) for row in own if row.known and row.high is not None]
    if not highs or any(not row.known for row in [*own, *other]):
        return Interval(at_least)
    as_of, number, high = max(highs)
    after = [row for row in counted if row.number > number or row.as_of > as_of]
    at_most = max(high + len(after), at_least)

    stated = [max(row.low or 0, row.high or 0, 0) for row in other]
    return Interval(at_least, at_most + len(_counted(other)) + max(stated, default=0))


def _stated(rows: Sequence[Said]) -> list[Interval]:
    """The ranges that were said, each the right way round."""
    stated = []
    for row in rows:
        if row.known and (row.low is not None or row.high is not None):
            low = max(row.low or 0, 0)
            high = None if row.high is None else max(row.high, 0)
            stated.append(Interval(low, high) if high is None or low <= high else Interval(high, low))
    return stated


def _overlap(own: Sequence[Said], other: Sequence[Said]) -> Interval:
    stated = _stated(own)
    if not stated or any(not row.known for row in [*own, *other]):
        return Interval()
    at_least = max(interval.at_least for interval in stated)
    at_most = min((interval.at_most for interval in stated if interval.at_most is not None), default=None)
    if at_most is not None and at_least > at_most:
        return _hull(stated + _stated(other))
    return _hull([Interval(at_least, at_most), *_stated(other)])


def _hull(intervals: Sequence[Interval]) -> Interval:
    ends = [interval.at_most for interval in intervals]
    highest = None if None in ends else max(end for end in ends if end is not None)
    return Interval(min(interval.at_least for interval in intervals), highest)


def _gravest(fact: FactRule, own: Sequence[Said], other: Sequence[Said]) -> Among:
    last = len(fact.values) - 1
    if not own:
        return Among(fact.values[0], fact.values[last])
    if fact.combine == "latest":
        own = [
            max(
                own,
                key=lambda row: (
                    row.as_of,
                    row.number,
                    _gravity(fact, row) is None,
                    _gravity(fact, row) or 0,
                ),
            )
        ]
    gravities = [_gravity(fact, row) for row in own]
    at_least = max((gravity for gravity in gravities if gravity is not None), default=0)
    others = [_gravity(fact, row) for row in other]
    at_most = max(last if gravity is None else gravity for gravity in [at_least, *gravities, *others])
    return Among(fact.values[at_least], fact.values[at_most])


def _gravity(fact: FactRule, row: Said) -> int | None:
    """The value's place in the policy's list; None where nothing that the policy knows was said."""
    return fact.values.index(row.choice) if row.known and row.choice in fact.values else None
