"""What a published tool says of one set of answers: to the digit, or that it does not apply.

Whoever is outside a tool's population gets no score and no band from it: *not applicable* is never *low*. What a
tool says is shown beside our own band and never lowers it (design section 3, rule 3).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from threshold.policy.model import RANKS, BandName
from threshold.policy.tools.registry import Item, Tool

# What an officer answers: a whole number; 1 and 0 for yes and no; None for "not known".
Answers = Mapping[str, int | None]


class NotApplicable(Exception):
    """The person is outside the tool's population, or that is not known. ``str()`` says why."""

    def __init__(self, tool: Tool, why: str) -> None:
        super().__init__(
            f"{tool.title}: not applicable, because {why}. That is no low result: it says nothing."
        )


class CannotBeScored(Exception):
    """Too much is not known, or an answer cannot be right. ``str()`` says what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a tool's population asks. None: not known."""

    adult_established: bool
    male: bool | None
    convicted: bool | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """``score`` counts what is known; ``could_be`` what the missing items could add. ``rate`` is in per cent.

    ``band`` is before and ``reduced`` after a reduction for time in the community (the same where there is none).
    ``no_rate`` says why there is no rate. ``missing`` are the items not known that the tool still bears.
    """

    score: int | None
    could_be: int | None
    band: BandName | None
    reduced: BandName | None
    rate: float | None
    no_rate: str
    points: Mapping[str, int]
    missing: tuple[str, ...]


def check_applies(tool: Tool, person: Person) -> None:
    """:raises NotApplicable: the tool was not made for this person, or it is not known that it was"""
    if not person.adult_established:
        raise NotApplicable(tool, "it is not established that this person is an adult")
    if tool.sex == "male" and person.male is not True:
        raise NotApplicable(
            tool, "this person is a woman" if person.male is False else "the sex is not known"
        )
    if tool.convicted and person.convicted is not True:
        raise NotApplicable(
            tool,
            "this person is not convicted"
            if person.convicted is False
            else "it is not known whether this person is convicted",
        )


def score(
    tool: Tool, person: Person, answers: Answers, others: Mapping[str, Outcome] | None = None
) -> Outcome:
    """What the tool says. ``others``: what other tools said of the same person, for an item they can stand for.

    :raises NotApplicable: see ``check_applies``
    :raises CannotBeScored: more items are not known than the tool bears, or a number cannot be right
    """
    check_applies(tool, person)
    if tool.kind == "brought":
        raise CannotBeScored(f"{tool.title} is not worked out here: an officer brings its result.")
    known = _checked(tool, answers, others or {})
    missing = tuple(
        item.name
        for item in tool.items
        if item.name not in known and item.not_known is None and item.name != tool.reduction
    )
    if len(missing) > tool.missing:
        raise CannotBeScored(
            f"{tool.title} cannot be worked out: not known are {', '.join(missing)}. {tool.missing_words}".strip()
        )
    if tool.kind == "first_match":
        return _first_match(tool, known)
    return _points(tool, known, missing)


def _checked(tool: Tool, answers: Answers, others: Mapping[str, Outcome]) -> dict[str, int]:
    known: dict[str, int] = {}
    for item in tool.items:
        value = answers.get(item.name)
        if value is None:
            if tool.instead and tool.instead[0] == item.name and _stands_for(tool.instead, others):
                known[item.name] = 1
            continue
        if value < item.least or (item.kind == "yes_no" and value > 1):
            raise CannotBeScored(f"{item.question} {value} cannot be right: the least is {item.least}.")
        known[item.name] = value
    return known


def _stands_for(instead: tuple[str, str, int], others: Mapping[str, Outcome]) -> bool:
    other = others.get(instead[1])
    return other is not None and other.score is not None and other.score >= instead[2]


def _points(tool: Tool, known: Mapping[str, int], missing: tuple[str, ...]) -> Outcome:
    points = {item.name: _points_of(item, known.get(item.name)) for item in tool.items if item.points}
    total = sum(points.values())
    more = sum(max(value for _, value in tool.item(name).points) for name in missing)
    band = next((name for name, least in sorted(tool.bands, key=lambda b: -b[1]) if total >= least), None)
    rate, no_rate = _rate(tool, total)
    reduced = _one_down(band) if band and known.get(tool.reduction) == 1 else band
    return Outcome(total, total + more, band, reduced, rate, no_rate, points, missing)


def _points_of(item: Item, value: int | None) -> int:
    if value is None:
        return item.not_known or 0
    return next(points for least, points in reversed(item.points) if value >= least)


def _rate(tool: Tool, total: int) -> tuple[float | None, str]:
    if tool.logistic:
        intercept, slope = tool.logistic
        return (100 / (1 + math.exp(-(intercept + slope * total))) if total else 0.0), ""
    if tool.rates is None:
        return None, "This tool gives no rate."
    if total not in tool.rates:
        return (
            None,
            "No rate is shown: the table of rates is empty until your force fills it in from the paper.",
        )
    return tool.rates[total], ""


def _one_down(band: BandName) -> BandName:
    return band if band == "low" else next(name for name, rank in RANKS.items() if rank == RANKS[band] - 1)


def _first_match(tool: Tool, known: Mapping[str, int]) -> Outcome:
    rule = next(rule for rule in tool.rules if known[rule.item] >= rule.at_least)
    return Outcome(None, None, rule.band, rule.band, rule.rate, "", {rule.item: known[rule.item]}, ())


def in_plain_words(tool: Tool) -> str:
    """What the AUC means, as one sentence; or that the sources do not say."""
    figures = tool.figures
    if figures.auc is None:
        return f"The sources that we read give no AUC. {figures.words}"
    of = f" It was found in {figures.n:,} people." if figures.n else ""
    return (
        f"AUC {figures.auc:g}: of two people, one who went on to reoffend and one who did not, the first had "
        f"the higher score about {round(100 * figures.auc)} times in 100; a coin would have 50.{of} {figures.words}"
    )
