"""A condition as PostgreSQL text over the columns of ``facts_query``, true, false or null as in the reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from threshold.policy.expression import And, Between, Compare, Expression, In, Not, Or, Yes, parts_of
from threshold.policy.model import Policy
from threshold.policy.sql_text import text_list


def condition(policy: Policy, expression: Expression) -> str:
    match expression:
        case And(parts):
            return "(" + " AND ".join(condition(policy, part) for part in parts) + ")"
        case Or(parts):
            return "(" + " OR ".join(condition(policy, part) for part in parts) + ")"
        case Not(part):
            return f"(NOT {condition(policy, part)})"
        case Yes(fact):
            return f"facts.f_{fact}"
        case Between(fact, low, high):
            return _between(fact, low, high)
        case In(fact, values):
            return _in(policy, fact, values)
        case Compare(fact, ">=", int(number)):
            return _at_least(fact, number)
        case Compare(fact, ">", int(number)):
            return _at_least(fact, number + 1)
        case Compare(fact, "<", int(number)):
            return f"(NOT {_at_least(fact, number)})"
        case Compare(fact, "<=", int(number)):
            return f"(NOT {_at_least(fact, number + 1)})"
        case Compare(fact, "<>", value):
            return f"(NOT {_in(policy, fact, (value,))})"
        case Compare(fact, _, value):
            return _in(policy, fact, (value,))


def open_parts(
    policy: Policy, expression: Expression, above: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """Each fact named below, with the condition that it keeps the whole from being known.

    That is so when every part on the way down to it is not known. ``above`` are the parts passed already;
    the outermost is the caller's, who has it in a column.
    """
    if isinstance(expression, And | Or | Not):
        for part in parts_of(expression):
            yield from open_parts(policy, part, (*above, f"{condition(policy, part)} IS NULL"))
    else:
        yield expression.fact, " AND ".join(above)


def _at_least(fact: str, number: int) -> str:
    """True from the lower end, false from the upper, otherwise null: (hi >= k AND NULL) is false or null."""
    return f"(facts.f_{fact}_lo >= {number} OR (facts.f_{fact}_hi >= {number} AND NULL))"


def _between(fact: str, low: int, high: int) -> str:
    return f"({_at_least(fact, low)} AND NOT {_at_least(fact, high + 1)})"


def _in(policy: Policy, fact: str, values: Sequence[int | str]) -> str:
    numbers = sorted({value for value in values if isinstance(value, int)})
    if numbers:
        ranges = [_between(fact, run[0], run[-1]) for run in _runs(numbers)]
        return "(" + " OR ".join(ranges) + ")"
    return _among(policy, fact, set(values))


def _among(policy: Policy, fact: str, wanted: set[int | str]) -> str:
    """True when every value that it may have is wanted, false when none is."""
    values = policy.facts[fact].values
    inside = [place for place, value in enumerate(values) if value in wanted]
    outside = [place for place, value in enumerate(values) if value not in wanted]
    return (
        f"CASE WHEN {_within(fact, values, inside)} THEN TRUE"
        f" WHEN {_within(fact, values, outside)} THEN FALSE END"
    )


def _within(fact: str, values: Sequence[str], places: Sequence[int]) -> str:
    """Both ends lie in one unbroken run of the values, and so does all between them."""
    runs = [text_list(values[place] for place in run) for run in _runs(places)]
    if not runs:
        return "FALSE"
    return (
        "("
        + " OR ".join(f"facts.f_{fact}_lo IN ({run}) AND facts.f_{fact}_hi IN ({run})" for run in runs)
        + ")"
    )


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Rising numbers cut into unbroken runs."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
