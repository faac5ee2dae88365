"""What a condition is once it has been read: a small tree of frozen values.

Nothing here can see whether a fact is known. So whatever is built of these can only learn: when a fact
that was not known becomes known, a condition that was true stays true and one that was false stays false.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Operator = Literal["=", "<>", "<", "<=", ">", ">="]
Value = int | str


@dataclass(frozen=True, slots=True)
class Yes:
    """A yes/no fact, by its bare name."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A count or range beside a whole number, or a choice that is (= or <>) one of its values."""

    fact: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Between:
    """A count or range from ``low`` to ``high``, both included."""

    fact: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class In:
    """A count, range or choice that is one of the values listed."""

    fact: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Expression, ...]


Atom = Yes | Compare | Between | In
Expression = Atom | Not | And | Or


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case And(parts) | Or(parts):
            return parts
        case Not(part):
            return (part,)
        case _:
            return ()


def atoms_of(expression: Expression) -> Iterator[Atom]:
    """The leaves, from left to right, repeated as often as they stand there."""
    if isinstance(expression, Yes | Compare | Between | In):
        yield expression
    for part in parts_of(expression):
        yield from atoms_of(part)


def facts_of_expression(expression: Expression) -> tuple[str, ...]:
    """The facts named, each once, in the order in which they are met."""
    return tuple(dict.fromkeys(atom.fact for atom in atoms_of(expression)))


def numbers_of(atom: Atom) -> tuple[int, ...]:
    """The whole numbers that an atom names."""
    match atom:
        case Compare(value=int(number)):
            return (number,)
        case Between(low=low, high=high):
            return (low, high)
        case In(values=values):
            return tuple(value for value in values if isinstance(value, int))
        case _:
            return ()
