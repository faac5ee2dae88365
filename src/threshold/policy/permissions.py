"""Reads what a policy permits: its responses, enquiries, overrides and floors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, cast

from threshold.policy import fields
from threshold.policy.marks import Place
from threshold.policy.model import (
    RANKS,
    BandName,
    Condition,
    EnquiryKind,
    FactRule,
    Floor,
    For,
    Override,
    Response,
    Step,
    Way,
)

Facts = Mapping[str, FactRule]
# Every response has these beside its own conditions (``permit.py``).
_TAKEN = ("route", "at_least", "at_most")


def responses(place: Place, facts: Facts, bands: tuple[BandName, ...]) -> tuple[Response, ...]:
    return tuple(_response(name, entry, facts, bands) for name, entry in place.entries())


def _response(name: str, place: Place, facts: Facts, bands: tuple[BandName, ...]) -> Response:
    found = place.fields(
        ("words", "for", "source", "mark", "officer_hours", "second_person", "clock"),
        ("conditions", "warns", "at_least", "at_most", "steps", "watch"),
    )
    at_least = cast(BandName, found["at_least"].one_of(bands)) if "at_least" in found else None
    at_most = cast(BandName, found["at_most"].one_of(bands)) if "at_most" in found else None
    if at_least and at_most and RANKS[at_least] > RANKS[at_most]:
        found["at_most"].fail(f"no band lies between {at_least} and {at_most}", "Put the milder in at_least")
    return Response(
        id=_id(name, place),
        words=found["words"].text(),
        route=cast(For, found["for"].one_of(("adult", "premises", "child", "anyone"))),
        source=found["source"].text(),
        mark=fields.mark(found["mark"]),
        conditions=_conditions(name, found["conditions"], facts) if "conditions" in found else (),
        officer_minutes=fields.minutes(found["officer_hours"]),
        second_person=fields.yes(found["second_person"]),
        clock=fields.clock(found["clock"]),
        warns="warns" in found and fields.yes(found["warns"]),
        at_least=at_least,
        at_most=at_most,
        steps=_steps(found["steps"]) if "steps" in found else (),
        watch=fields.clock(found["watch"]) if "watch" in found else None,
    )


def _conditions(response: str, place: Place, facts: Facts) -> tuple[Condition, ...]:
    conditions = []
    for name, entry in place.entries():
        found = entry.fields(("condition", "words", "source", "mark"), ("may_be_unknown",))
        if name in _TAKEN:
            entry.fail(f"{name} is what the response itself says", "Choose another name")
        where = f"response {response}: condition {name}"
        text, expression = fields.condition(found["condition"], where, facts)
        conditions.append(
            Condition(
                id=_id(name, entry),
                condition=text,
                expression=expression,
                words=found["words"].text(),
                source=found["source"].text(),
                mark=fields.mark(found["mark"]),
                may_be_unknown=_facts(found["may_be_unknown"], facts) if "may_be_unknown" in found else (),
            )
        )
    return tuple(conditions)


def _steps(place: Place) -> tuple[Step, ...]:
    steps = []
    for name, entry in place.entries():
        found = entry.fields(("words", "clock", "after"))
        after = cast(Literal["decided", "done"], found["after"].one_of(("decided", "done")))
        steps.append(Step(_id(name, entry), found["words"].text(), fields.clock(found["clock"]), after))
    return tuple(steps)


def enquiries(place: Place, facts: Facts) -> tuple[EnquiryKind, ...]:
    kinds = []
    for name, entry in place.entries():
        found = entry.fields(("words", "asked_of", "answers", "officer_minutes", "usual_days", "clock"))
        kinds.append(
            EnquiryKind(
                id=_id(name, entry),
                words=found["words"].text(),
                asked_of=found["asked_of"].text(),
                answers=_facts(found["answers"], facts),
                officer_minutes=fields.whole(found["officer_minutes"]),
                usual_days=fields.whole(found["usual_days"], least=0),
                clock=fields.clock(found["clock"]),
            )
        )
    return tuple(kinds)


def overrides(place: Place) -> dict[Way, Override]:
    found = place.fields(("lower", "higher"))
    return {way: _override(way, found[way]) for way in ("lower", "higher")}


def _override(way: Way, place: Place) -> Override:
    found = place.fields(("words", "reason", "second_person"), ("review",))
    return Override(
        way=way,
        words=found["words"].text(),
        reason=fields.yes(found["reason"]),
        second_person=fields.yes(found["second_person"]),
        review=fields.clock(found["review"]) if "review" in found else None,
    )


def floors(
    place: Place, facts: Facts, bands: tuple[BandName, ...], after: tuple[str, ...]
) -> tuple[Floor, ...]:
    read = []
    for name, entry in place.entries():
        found = entry.fields(("after", "condition", "band", "words", "source", "mark"))
        text, expression = fields.condition(found["condition"], f"floor {name}", facts)
        read.append(
            Floor(
                id=_id(name, entry),
                after=found["after"].one_of(after),
                condition=text,
                expression=expression,
                band=cast(BandName, found["band"].one_of(bands)),
                words=found["words"].text(),
                source=found["source"].text(),
                mark=fields.mark(found["mark"]),
            )
        )
    return tuple(read)


def _id(name: str, place: Place) -> str:
    if not re.fullmatch(fields.NAME, name):
        place.fail(f"{name[:60]!r} cannot be a name", fields.NAME_REMEDY)
    return name


def _facts(place: Place, facts: Facts) -> tuple[str, ...]:
    found = fields.names(place)
    for name in found:
        if name not in facts:
            place.fail(f"{name} is not a fact of this policy", "Add it to the facts, or mend the spelling")
    return found
