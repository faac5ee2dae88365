"""A policy as frozen values. How it is read from its document stands in ``document.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from threshold.policy.expression import Expression

BandName = Literal["low", "medium", "high", "very_high"]
Kind = Literal["yes_no", "count", "range", "choice"]
Combine = Literal["any", "latest", "count", "overlap", "worst"]
Unit = Literal["days", "working_days"]
Mark = Literal["S", "C", "R", "I"]

RANKS: dict[BandName, int] = {"low": 1, "medium": 2, "high": 3, "very_high": 4}
NOT_GRADED = 0
LOW = RANKS["low"]

# Which ways of combining statements each kind of fact has; the first is the usual one.
COMBINES: dict[Kind, tuple[Combine, ...]] = {
    "yes_no": ("any", "latest"),
    "count": ("count",),
    "range": ("overlap",),
    "choice": ("worst", "latest"),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """A length of time. A day is 24 hours; a working day is one in England and Wales."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        words = "working day" if self.unit == "working_days" else "day"
        return f"{self.amount} {words}{'' if self.amount == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Band:
    """A place on the continuum of threat and harm, and the time in which it must be acted on."""

    name: BandName
    rank: int
    clock: Clock


@dataclass(frozen=True, slots=True)
class Words:
    """How a fact reads, in words that follow "because" or "if it turns out that".

    A yes/no fact has ``yes`` and ``no``; any other has ``value``, in which {value} stands for what is known.
    """

    not_known: str
    yes: str = ""
    no: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class FactRule:
    """What is asked, and how what several people said becomes one fact.

    ``values`` are those of a choice, in rising order of gravity. ``yes_from`` names other facts of which a
    yes is a yes to this one too; their no is not. ``check`` is the time in which it must be looked into
    while not known (None: nobody is sent to ask). ``reports_reopen``: it is about what is reported, so that an
    answer settles it for the reports that were known when it was given, and a new report opens it again.
    """

    name: str
    kind: Kind
    question: str
    words: Words
    combine: Combine
    values: tuple[str, ...] = ()
    yes_from: tuple[str, ...] = ()
    check: Clock | None = None
    expires_days: int | None = None
    reports_reopen: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One reason to be in a band. ``mark`` is how well the reason is grounded (domain evidence marks)."""

    id: str
    band: BandName
    condition: str
    expression: Expression
    reason: str
    source: str
    mark: Mark
    checked: str = ""

    @property
    def rank(self) -> int:
        return RANKS[self.band]


@dataclass(frozen=True, slots=True)
class Wording:
    """How facts and clauses read of a child, and of somebody who nobody has established to be an adult.

    ``facts`` are the policy's own with another question and other words; ``reasons`` are by clause.
    """

    facts: Mapping[str, FactRule]
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy. Two with the same digest are the same document, byte for byte.

    ``bands`` stand in rising order; ``checks`` are the names of the facts that must be looked into.
    """

    name: str
    version: str
    owner: str
    in_force_from: datetime
    digest: str
    bands: tuple[Band, ...]
    facts: Mapping[str, FactRule]
    clauses: tuple[Clause, ...]
    checks: tuple[str, ...]
    text: str
    unless_adult: Wording

    def __hash__(self) -> int:
        return hash(self.digest)

    def worded_for(self, route: str) -> Policy:
        """The same policy as it reads of somebody on this route. Nothing of what it decides is otherwise."""
        if route == "adult":
            return self
        reasons = self.unless_adult.reasons
        return replace(
            self,
            facts={**self.facts, **self.unless_adult.facts},
            clauses=tuple(replace(c, reason=reasons.get(c.id, c.reason)) for c in self.clauses),
        )

    def band(self, rank: int) -> Band:
        return next(band for band in self.bands if band.rank == rank)

    def clause(self, clause_id: str) -> Clause:
        return next(clause for clause in self.clauses if clause.id == clause_id)


def band_name(rank: int) -> str:
    """The band of a rank as it stands in lists and exports; rank 0 is *not_graded*."""
    return next((name for name, its_rank in RANKS.items() if its_rank == rank), "not_graded")
