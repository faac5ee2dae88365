"""What a band rests on, statement by statement, and where sources contradict each other. Pure.

Nothing is averaged: how a fact is combined is the policy's word, and every side of a contradiction stays in view.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from threshold.policy.expression import facts_of_expression
from threshold.policy.interpret import Judgement
from threshold.policy.model import Clause, FactRule, Policy
from threshold.policy.reasons import Sentence, band_words


class Statement(Protocol):
    """A statement's row."""

    id: int
    fact: str
    known: bool
    truth: bool | None
    low: int | None
    high: int | None
    choice: str | None
    born_from: date | None
    born_to: date | None
    source: str
    as_of: datetime


# Each thing that is said, with the statements that say it.
Sides = tuple[tuple[str, tuple[Statement, ...]], ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """A clause that holds, and the statements about the facts that it reads, the newest first."""

    clause: Clause
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A fact of which sources say what cannot all be so; ``sides`` says each thing once, with who says it."""

    fact: str
    sides: Sides


def could_because(policy: Policy, judgement: Judgement) -> list[Sentence]:
    """Every clause above the known band that could hold, the gravest first: the first of them decides the top."""
    clauses = sorted((policy.clause(name) for name in judgement.could), key=lambda clause: -clause.rank)
    return [
        Sentence(
            f"Could be {band_words(clause.rank)}, because it is not ruled out that {clause.reason}.",
            clause.id,
        )
        for clause in clauses
        if clause.rank > judgement.known
    ]


def grounds(policy: Policy, judgement: Judgement, statements: Sequence[Statement]) -> list[Ground]:
    """Of every clause that holds, the gravest first, what was said of the facts that it reads."""
    clauses = sorted((policy.clause(name) for name in judgement.holding), key=lambda clause: -clause.rank)
    found = []
    for clause in clauses:
        facts = set(_with_sources(policy, facts_of_expression(clause.expression)))
        said = sorted((s for s in statements if s.fact in facts), key=lambda s: (s.as_of, s.id), reverse=True)
        found.append(Ground(clause, tuple(said)))
    return found


def _with_sources(policy: Policy, names: Iterable[str]) -> Iterable[str]:
    for name in names:
        yield name
        yield from policy.facts[name].yes_from


def contradictions(policy: Policy, statements: Sequence[Statement]) -> list[Contradiction]:
    """Facts of which sources contradict each other, in the policy's order; "not known" contradicts nobody.

    A yes to a fact that another reads its yes from contradicts a no to that other. One source that changes its
    mind on a fact contradicts itself only while both statements stand.
    """
    found = []
    for fact in policy.facts.values():
        sides = _sides(fact, [s for s in statements if s.known])
        if sides:
            found.append(Contradiction(fact.name, sides))
    return found


def _sides(fact: FactRule, known: Sequence[Statement]) -> Sides:
    own = [s for s in known if s.fact == fact.name]
    match fact.kind:
        case "yes_no":
            yes = [s for s in own if s.truth] + [s for s in known if s.fact in fact.yes_from and s.truth]
            no = [s for s in own if s.truth is False]
            return (("yes", tuple(yes)), ("no", tuple(no))) if yes and no else ()
        case "choice":
            values = [v for v in fact.values if any(s.choice == v for s in own)]
            sides = tuple((v, tuple(s for s in own if s.choice == v)) for v in values)
            return sides if len(sides) > 1 else ()
        case _:
            return _apart(own)


def _apart(own: Sequence[Statement]) -> Sides:
    """Of numbers, the highest low beside the lowest high where they do not meet; of births likewise."""
    lows = [s for s in own if s.low is not None]
    highs = [s for s in own if s.high is not None]
    if lows and highs:
        low, high = max(lows, key=lambda s: s.low or 0), min(highs, key=lambda s: s.high or 0)
        if (low.low or 0) > (high.high or 0):
            return ((f"{low.low} or more", (low,)), (f"no more than {high.high}", (high,)))
    born = [s for s in own if s.born_from is not None and s.born_to is not None]
    if born:
        later = max(born, key=lambda s: s.born_from or date.min)
        earlier = min(born, key=lambda s: s.born_to or date.max)
        assert later.born_from is not None and earlier.born_to is not None
        if later.born_from > earlier.born_to:
            return (
                (f"born on {later.born_from} or later", (later,)),
                (f"born on {earlier.born_to} or earlier", (earlier,)),
            )
    return ()
