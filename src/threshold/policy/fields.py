"""The small values that every section of a policy document has: names, clocks, conditions, yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from threshold.policy.errors import ConditionError, PolicyError
from threshold.policy.expression import Expression
from threshold.policy.language import parse
from threshold.policy.marks import Place
from threshold.policy.model import Clock, FactRule, Mark

NAME = r"[a-z][a-z0-9_]{0,49}"
NAME_REMEDY = "Use lower-case letters, digits and _, beginning with a letter, at most 50"
_CLOCK = r"[1-9][0-9]{0,2} (working )?days?"
_CLOCK_REMEDY = "Write it as in  7 days  or  1 working day"


def name(place: Place) -> str:
    return place.text(NAME, NAME_REMEDY)


def names(place: Place) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name(item) for item in place.items()))


def clock(place: Place) -> Clock:
    amount, first, *_ = place.text(_CLOCK, _CLOCK_REMEDY).split()
    return Clock(int(amount), "working_days" if first == "working" else "days")


def whole(place: Place, least: int = 1) -> int:
    """A whole number of no more than five digits."""
    number = int(place.text(r"0|[1-9][0-9]{0,4}", "Write a whole number"))
    if number < least:
        place.fail(f"it cannot be less than {least}", "Write a larger number")
    return number


def minutes(place: Place) -> int:
    """Hours as they are written, in minutes."""
    hours = place.text(r"(0|[1-9][0-9]{0,3})(\.[0-9])?", "Write hours, as in  4  or  2.5")
    return round(float(hours) * 60)


def yes(place: Place) -> bool:
    return place.one_of(("yes", "no")) == "yes"


def mark(place: Place) -> Mark:
    return cast(Mark, place.one_of(("S", "C", "R", "I")))


def condition(place: Place, where: str, facts: Mapping[str, FactRule]) -> tuple[str, Expression]:
    """A condition as it was written, and read; ``where`` names the part that an error speaks of."""
    text = place.text()
    try:
        return text, parse(text, facts)
    except ConditionError as error:
        raise PolicyError(place.path, place.line, where, error.reason, error.remedy) from error
