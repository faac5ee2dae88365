"""A policy as frozen values. How it is read from its document stands in ``document.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from threshold.policy.expression import Expression

BandName = Literal["low", "medium", "high", "very_high"]
Kind = Literal["yes_no", "count", "range", "choice"]
Combine = Literal["any", "latest", "count", "overlap", "worst"]
Unit = Literal["days", "working_days"]
Mark = Literal["S", "C", "R", "I"]
# For whom a response is: an adult established, a home (whoever in it), a child or signs of one, or anybody.
For = Literal["adult", "premises", "child", "anyone"]
# What differs from the policy: a milder band or response than it gives, or a graver one.
Way = Literal["lower", "higher"]

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
    """A place on the continuum of threat and harm, and the time in which it must be acted on.

    ``officer_minutes`` is the usual work on one person of this band, of all officers together (None: not said).
    """

    name: BandName
    rank: int
    clock: Clock
    officer_minutes: int | None = None


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
    ``may_lower``: a yes, a larger count or a later value may put somebody in a milder band; of any other fact the
    check of the policy takes that for a wrong sign.
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
    may_lower: bool = False


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
class Condition:
    """One thing that must be true before a response is permitted. Not known is not true.

    ``may_be_unknown`` names facts that may stay unknown because another one settles the condition; whoever
    writes an OR says so there, and the check of the policy refuses it otherwise.
    """

    id: str
    condition: str
    expression: Expression
    words: str
    source: str
    mark: Mark
    may_be_unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done within its clock, counted from the decision, or from when the response was done."""

    id: str
    words: str
    clock: Clock
    after: Literal["decided", "done"]


@dataclass(frozen=True, slots=True)
class Response:
    """What may be done. Permitted when the route fits, the band lies between ``at_least`` and ``at_most``, and
    every condition is true.

    ``warns``: it tells somebody that they are known; then the rules of ``prove_warning`` bind whatever the
    document says. ``officer_minutes`` is the work of all officers together. ``clock`` runs from the decision;
    ``watch`` from when it was done (None: nothing is watched afterwards).
    """

    id: str
    words: str
    route: For
    source: str
    mark: Mark
    conditions: tuple[Condition, ...]
    officer_minutes: int
    second_person: bool
    clock: Clock
    warns: bool = False
    at_least: BandName | None = None
    at_most: BandName | None = None
    steps: tuple[Step, ...] = ()
    watch: Clock | None = None

    @property
    def officer_hours(self) -> float:
        return self.officer_minutes / 60


@dataclass(frozen=True, slots=True)
class EnquiryKind:
    """A check that can be asked for: of whom, which facts it can answer, and what it costs in work and days."""

    id: str
    words: str
    asked_of: str
    answers: tuple[str, ...]
    officer_minutes: int
    usual_days: int
    clock: Clock


@dataclass(frozen=True, slots=True)
class Override:
    """What a decision needs that differs from the policy. What is not permitted is no override: it is shut."""

    way: Way
    words: str
    reason: bool
    second_person: bool
    review: Clock | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """A promise about the band after a response: while the condition could be true, it could be this grave.

    It adds nothing to the clauses; the check of the policy proves that they keep it.
    """

    id: str
    after: str
    condition: str
    expression: Expression
    band: BandName
    words: str
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy. Two with the same digest are the same document, byte for byte.

    ``bands`` stand in rising order; ``checks`` are the names of the facts that must be looked into. ``lines``
    says where each part stands, by its kind and name ("clause shared"), for whoever has to mend it.
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
    dated: date | None = None
    responses: tuple[Response, ...] = ()
    enquiries: tuple[EnquiryKind, ...] = ()
    overrides: Mapping[Way, Override] = field(default_factory=dict)
    floors: tuple[Floor, ...] = ()
    path: str = field(default="", compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)

    def __hash__(self) -> int:
        return hash(self.digest)

    def band(self, rank: int) -> Band:
        return next(band for band in self.bands if band.rank == rank)

    def clause(self, clause_id: str) -> Clause:
        return next(clause for clause in self.clauses if clause.id == clause_id)

    def response(self, response_id: str) -> Response:
        return next(response for response in self.responses if response.id == response_id)


def band_name(rank: int) -> str:
    """The band of a rank as it stands in lists and exports; rank 0 is *not_graded*."""
    return next((name for name, its_rank in RANKS.items() if its_rank == rank), "not_graded")
