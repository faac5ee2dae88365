"""What a policy says of one set of facts: slow, obvious, the reference that every engine must equal.

A condition is True, False or None (not known). A clause *holds* when its condition is True and *could hold*
while it is not False. The known band is the gravest that holds; the band that it could be is the gravest
that could hold. Low is what is left when nothing could hold; while something could, nobody is low.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from threshold.policy.combine import Among, FactValue, Interval, is_known
from threshold.policy.expression import (
    And,
    Atom,
    Between,
    Compare,
    Expression,
    In,
    Not,
    Or,
    Value,
    Yes,
    numbers_of,
)
from threshold.policy.model import LOW, NOT_GRADED, Policy

Truth = bool | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Ranks 1 to 4 from low to very high; ``known`` is 0 when not graded. Names stand in the document's order.

    ``deciding``    clauses that hold at the known band
    ``could``       clauses above the known band that could hold
    ``holding``     every clause that holds
    ``open_facts``  facts not settled that could still raise the known band
    ``outstanding`` checks not answered: those not known, and those that could still raise the band
    """

    known: int
    could_be: int
    deciding: tuple[str, ...]
    could: tuple[str, ...]
    holding: tuple[str, ...]
    open_facts: tuple[str, ...]
    outstanding: tuple[str, ...]


def judge(policy: Policy, facts: Mapping[str, FactValue]) -> Judgement:
    truths = {clause.id: evaluate(policy, clause.expression, facts) for clause in policy.clauses}
    holding = [clause for clause in policy.clauses if truths[clause.id] is True]
    possible = [clause for clause in policy.clauses if truths[clause.id] is not False]

    when_none_holds = NOT_GRADED if possible else LOW
    known = max((clause.rank for clause in holding), default=when_none_holds)
    could = [clause for clause in possible if clause.rank > known]
    open_facts = {name for clause in could for name in open_facts_of(policy, clause.expression, facts)}
    return Judgement(
        known=known,
        could_be=max([LOW, known, *(clause.rank for clause in possible)]),
        deciding=tuple(clause.id for clause in holding if clause.rank == known),
        could=tuple(clause.id for clause in could),
        holding=tuple(clause.id for clause in holding),
        open_facts=tuple(name for name in policy.facts if name in open_facts),
        outstanding=tuple(name for name in policy.checks if name in open_facts or not is_known(facts[name])),
    )


def evaluate(policy: Policy, expression: Expression, facts: Mapping[str, FactValue]) -> Truth:
    match expression:
        case And(parts):
            truths = [evaluate(policy, part, facts) for part in parts]
            return False if False in truths else None if None in truths else True
        case Or(parts):
            truths = [evaluate(policy, part, facts) for part in parts]
            return True if True in truths else None if None in truths else False
        case Not(part):
            truth = evaluate(policy, part, facts)
            return None if truth is None else not truth
        case Yes(fact):
            value = facts[fact]
            assert value is None or isinstance(value, bool), f"{fact} is not a yes or a no"
            return value
        case atom:
            return _agreed({holds(atom, value) for value in _candidates(policy, atom, facts[atom.fact])})


def _agreed(answers: set[bool]) -> Truth:
    """True or False when every possible value gives it, otherwise not known."""
    return answers.pop() if len(answers) == 1 else None


def _candidates(policy: Policy, atom: Atom, value: FactValue) -> Iterator[Value]:
    """The values that the fact may have. Of numbers only those that can make a difference to this atom.

    The answer to a condition on a number changes only at the numbers that it names, so the two ends and
    each named number with its neighbours are enough.
    """
    if isinstance(value, Among):
        values = policy.facts[atom.fact].values
        yield from values[values.index(value.at_least) : values.index(value.at_most) + 1]
        return
    assert isinstance(value, Interval), f"{atom.fact} is not a number"
    named = numbers_of(atom)
    highest = max(value.at_least, *named) + 1 if value.at_most is None else max(value.at_most, value.at_least)
    for number in {value.at_least, highest, *(n + step for n in named for step in (-1, 0, 1))}:
        if value.at_least <= number <= highest:
            yield number


def holds(atom: Atom, value: Value) -> bool:
    """Whether an atom is true of one known value."""
    match atom:
        case In(values=values):
            return value in values
        case Between(low=low, high=high):
            return isinstance(value, int) and low <= value <= high
        case Compare(operator="=", value=named):
            return value == named
        case Compare(operator="<>", value=named):
            return value != named
        case Compare(operator=operator, value=int(named)) if isinstance(value, int):
            return {"<": value < named, "<=": value <= named, ">": value > named, ">=": value >= named}[
                operator
            ]
        case _:
            raise TypeError(f"{atom} cannot be asked of {value!r}")


def open_facts_of(policy: Policy, expression: Expression, facts: Mapping[str, FactValue]) -> Iterator[str]:
    """The facts that keep an expression from being known: those reached through parts that are not known."""
    if evaluate(policy, expression, facts) is not None:
        return
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from open_facts_of(policy, part, facts)
        case Not(part):
            yield from open_facts_of(policy, part, facts)
        case atom:
            yield atom.fact
