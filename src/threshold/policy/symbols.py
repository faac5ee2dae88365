"""Somebody of whom anything may be known or not, as variables of the solver (z3).

A yes/no fact is two Booleans, *known to be so* and *known not to be so*, never both. A count or range is its two
ends, a choice the places of its two ends in the list. Conditions, bands and permissions are built of these
exactly as ``interpret.py`` and ``permit.py`` work them out, so what the solver proves holds of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import z3

from threshold.policy.combine import Among, Facts, FactValue, Interval
from threshold.policy.expression import And, Atom, Expression, Not, Or, Yes, numbers_of
from threshold.policy.interpret import holds
from threshold.policy.model import LOW, RANKS, Clause, FactRule, For, Policy, Response
from threshold.policy.route import Route


@dataclass(frozen=True, slots=True)
class Known:
    """Known to be so, and known not to be so."""

    yes: z3.BoolRef
    no: z3.BoolRef

    def negated(self) -> Known:
        return Known(self.no, self.yes)


@dataclass(frozen=True, slots=True)
class _Ends:
    """A number or a place in a list: from ``low`` to ``high``, or without an upper end."""

    low: z3.ArithRef
    high: z3.ArithRef
    endless: z3.BoolRef


class Somebody:
    """One person as variables. ``name`` keeps several of them apart in one question to the solver."""

    def __init__(self, policy: Policy, name: str = "a") -> None:
        self.policy = policy
        self.adult, self.child = z3.Bools(f"{name}.route.adult {name}.route.child")
        self._yes: dict[str, Known] = {}
        self._ends: dict[str, _Ends] = {}
        for fact in policy.facts.values():
            if fact.kind == "yes_no":
                self._yes[fact.name] = Known(*z3.Bools(f"{name}.{fact.name}.yes {name}.{fact.name}.no"))
            else:
                low, high = z3.Ints(f"{name}.{fact.name}.low {name}.{fact.name}.high")
                self._ends[fact.name] = _Ends(low, high, z3.Bool(f"{name}.{fact.name}.endless"))
        self.rules = [z3.Not(z3.And(self.adult, self.child)), *self._rules()]
        self._clauses = [(clause, self.of(clause.expression)) for clause in policy.clauses]

    def _rules(self) -> Iterator[z3.BoolRef]:
        """What every set of facts keeps, whoever it is about."""
        for fact in self.policy.facts.values():
            if fact.kind == "yes_no":
                known = self._yes[fact.name]
                yield z3.Not(z3.And(known.yes, known.no))
                for other in feeding(self.policy, fact):
                    yield z3.Implies(self._yes[other].yes, known.yes)
            else:
                ends = self._ends[fact.name]
                yield z3.And(ends.low >= 0, z3.Or(ends.endless, ends.low <= ends.high))
                if fact.kind == "choice":
                    yield z3.And(z3.Not(ends.endless), ends.high < len(fact.values))

    # --- facts -----------------------------------------------------------------------------------------

    def all_known(self) -> z3.BoolRef:
        return z3.And([self.known(name) for name in self.policy.facts])

    def known(self, fact: str) -> z3.BoolRef:
        """Exactly one value is left."""
        if fact in self._yes:
            return z3.Or(self._yes[fact].yes, self._yes[fact].no)
        ends = self._ends[fact]
        return z3.And(z3.Not(ends.endless), ends.low == ends.high)

    def not_known(self, fact: str) -> z3.BoolRef:
        """Nobody has said anything of it."""
        if fact in self._yes:
            return z3.Not(self.known(fact))
        ends, rule = self._ends[fact], self.policy.facts[fact]
        if rule.kind == "choice":
            return z3.And(ends.low == 0, ends.high == len(rule.values) - 1)
        return z3.And(ends.low == 0, ends.endless)

    def says_no(self, fact: str) -> z3.BoolRef:
        return self._yes[fact].no

    def says_yes(self, fact: str) -> z3.BoolRef:
        return self._yes[fact].yes

    def same_but(self, other: Somebody, facts: Iterable[str]) -> z3.BoolRef:
        """Both are on one route, and the same is known of both but of these facts."""
        apart = set(facts)
        return z3.And(
            self.adult == other.adult,
            self.child == other.child,
            *(self._same(other, name) for name in self.policy.facts if name not in apart),
        )

    def _same(self, other: Somebody, fact: str) -> z3.BoolRef:
        if fact in self._yes:
            mine, theirs = self._yes[fact], other._yes[fact]
            return z3.And(mine.yes == theirs.yes, mine.no == theirs.no)
        own, far = self._ends[fact], other._ends[fact]
        return z3.And(own.low == far.low, own.high == far.high, own.endless == far.endless)

    def more_than(self, other: Somebody, fact: str) -> z3.BoolRef:
        """A yes where the other has a no; a larger number; a later value of the list. Both known."""
        if fact in self._yes:
            return z3.And(self._yes[fact].yes, other._yes[fact].no)
        return self._ends[fact].low > other._ends[fact].high

    # --- conditions, bands, permissions ----------------------------------------------------------------

    def of(self, expression: Expression) -> Known:
        match expression:
            case And(parts):
                known = [self.of(part) for part in parts]
                return Known(z3.And([k.yes for k in known]), z3.Or([k.no for k in known]))
            case Or(parts):
                known = [self.of(part) for part in parts]
                return Known(z3.Or([k.yes for k in known]), z3.And([k.no for k in known]))
            case Not(part):
                return self.of(part).negated()
            case Yes(fact):
                return self._yes[fact]
            case atom:
                return self._compared(atom)

    def _compared(self, atom: Atom) -> Known:
        """True when all values that it may have lie in one unbroken run that satisfies it; false likewise."""
        ends = self._ends[atom.fact]
        runs = list(_runs(self.policy.facts[atom.fact], atom))
        inside = [_within(ends, low, high) for low, high, holding in runs if holding]
        outside = [_within(ends, low, high) for low, high, holding in runs if not holding]
        return Known(z3.Or(inside), z3.Or(outside))

    def clause(self, clause: Clause) -> Known:
        return next(known for each, known in self._clauses if each.id == clause.id)

    def band_at_least(self, rank: int) -> Known:
        every = [known for _, known in self._clauses]
        if rank <= LOW:
            graded = z3.Or(z3.Or([k.yes for k in every]), z3.And([k.no for k in every]))
            return Known(graded, z3.BoolVal(False))
        graver = [known for clause, known in self._clauses if clause.rank >= rank]
        return Known(z3.Or([k.yes for k in graver]), z3.And([k.no for k in graver]))

    def in_band(self, rank: int) -> z3.BoolRef:
        """The known band is this one, whatever graver one it could be."""
        return z3.And(self.band_at_least(rank).yes, z3.Not(self.band_at_least(rank + 1).yes))

    def permitted(self, response: Response) -> z3.BoolRef:
        needed = [self._fits(response.route).yes]
        if response.at_least:
            needed.append(self.band_at_least(RANKS[response.at_least]).yes)
        if response.at_most:
            needed.append(self.band_at_least(RANKS[response.at_most] + 1).no)
        return z3.And([*needed, *(self.of(each.expression).yes for each in response.conditions)])

    def _fits(self, response_for: For) -> Known:
        match response_for:
            case "adult":
                return Known(self.adult, self.child)
            case "child":
                return Known(self.child, self.adult)
            case "premises":
                return Known(z3.Not(self.child), self.child)
            case "anyone":
                return Known(z3.BoolVal(True), z3.BoolVal(False))

    # --- back to values --------------------------------------------------------------------------------

    def facts(self, model: z3.ModelRef) -> Facts:
        return {name: self._value(model, rule) for name, rule in self.policy.facts.items()}

    def route(self, model: z3.ModelRef) -> Route:
        if z3.is_true(model.eval(self.adult)):
            return "adult"
        return "child" if z3.is_true(model.eval(self.child)) else "age_not_established"

    def _value(self, model: z3.ModelRef, rule: FactRule) -> FactValue:
        if rule.kind == "yes_no":
            known = self._yes[rule.name]
            if z3.is_true(model.eval(known.yes)):
                return True
            return False if z3.is_true(model.eval(known.no)) else None
        ends = self._ends[rule.name]
        low, high = (model.eval(end, model_completion=True).as_long() for end in (ends.low, ends.high))
        if rule.kind == "choice":
            return Among(rule.values[low], rule.values[high])
        return Interval(low, None if z3.is_true(model.eval(ends.endless)) else high)

    def are(self, facts: Facts, route: Route) -> Iterator[z3.BoolRef]:
        """That this person is exactly so."""
        yield self.adult == (route == "adult")
        yield self.child == (route == "child")
        for name, value in facts.items():
            match value:
                case Interval(low, high):
                    ends = self._ends[name]
                    yield z3.And(ends.low == low, ends.endless == (high is None))
                    yield ends.high == (high if high is not None else low)
                case Among(mildest, gravest):
                    ends, values = self._ends[name], self.policy.facts[name].values
                    yield z3.And(ends.low == values.index(mildest), ends.high == values.index(gravest))
                    yield z3.Not(ends.endless)
                case _:
                    yield self._yes[name].yes == (value is True)
                    yield self._yes[name].no == (value is False)


def feeding(policy: Policy, fact: FactRule) -> Iterator[str]:
    """The facts whose yes is always a yes to this one.

    A fact that is itself fed by others is a yes by their word too, which this one hears only where it names
    them as well.
    """
    for other in fact.yes_from:
        if set(policy.facts[other].yes_from) <= set(fact.yes_from):
            yield other


def _runs(rule: FactRule, atom: Atom) -> Iterator[tuple[int, int | None, bool]]:
    """From, to (None: without end), and whether the atom holds there; each run as long as it can be."""
    if rule.kind == "choice":
        truths = {place: holds(atom, value) for place, value in enumerate(rule.values)}
    else:
        points = sorted({0, *(number + step for number in numbers_of(atom) for step in (0, 1))})
        truths = {point: holds(atom, point) for point in points}
    starts: list[int] = []
    for point, truth in truths.items():
        if not starts or truth is not truths[starts[-1]]:
            starts.append(point)
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        yield start, None if following is None else following - 1, truths[start]


def _within(ends: _Ends, low: int, high: int | None) -> z3.BoolRef:
    if high is None:
        return ends.low >= low
    return z3.And(ends.low >= low, z3.Not(ends.endless), ends.high <= high)
