"""A referral that an officer typed: one JSON document (``docs/referral.schema.json``), read as it was typed.

A null is an answer: it was asked, and is not known. It is kept as that, and is no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import get_args

from threshold.intake.readers.building import MentionInProgress
from threshold.intake.readers.json_values import Fault, Json, values
from threshold.intake.readers.times import age_from_birth, age_from_years, day_of, read_moment
from threshold.intake.reading import (
    Activity,
    ActivityKind,
    Entries,
    Entry,
    IdentifierKind,
    Moment,
    ReadReport,
    Rejected,
    Role,
    Source,
)
from threshold.intake.texts import Keeping, clean, without_digests

MARK = "threshold_referral"
NOT_KNOWN = "not known"

_BEGINS = re.compile(rf'\ufeff?\s*\{{\s*"{MARK}"\s*:')
# What is kept and shown beside the report, and never acted on: the words of the page for each key.
_KEPT = {
    "kind": "What kind of source it is",
    "told_by": "By which road it came",
    "form": "The form it was typed on",
    "reference": "The sender's reference",
    "happened": "When it happened",
    "service": "Service",
    "activities": "What was done",
    "words": "In the sender's words",
}


def begins(text: str) -> bool:
    return bool(_BEGINS.match(text))


def read(source: Source) -> Entries:
    for item in values(source.path):
        if isinstance(item, Fault):
            yield Rejected(item.place, "held", f"the JSON cannot be read: {item.reason}")
        elif item.twice:
            yield Rejected(item.place, "held", f"a key stands twice: {item.twice[0]}", item.twice[0])
        elif isinstance(item.value, dict):
            yield _entry(item.value, source)
        else:
            yield Rejected(item.place, "held", "not an object, so not a referral")


def _entry(told: dict[str, Json], source: Source) -> Entry:
    place = "(referral)"
    sender = _text(told.get("sender"))
    people = told.get("people")
    if not sender:
        return Rejected(place, "held", "it does not say who tells", "sender")
    if not isinstance(people, list) or not people:
        return Rejected(place, "held", "it names no person, known or not", "people")
    happened = read_moment(text) if (text := _text(told.get("happened"))) else None
    received = source.hints.get("received")
    said_on = (day_of(happened), day_of(read_moment(received)) if received else None)
    activities = told.get("activities")
    kinds = [_text(each) for each in activities] if isinstance(activities, list) else []
    wrong = next((kind for kind in kinds if kind not in get_args(ActivityKind)), None)
    if wrong is not None:
        return Rejected(place, "held", f"{wrong[:60]!r} is no kind of activity", "activities")
    mentions = []
    for number, person in enumerate(people, 1):
        mention = _person(person, f"person {number}", said_on)
        if mention is None:
            return Rejected(place, "held", "a person without a role that there is", f"person {number}")
        if mention.role == "reported":
            mention.activities += _activities(kinds, mention.place, happened)
        mentions.append(mention.finish())
    return ReadReport(
        place=place,
        sender=sender,
        mentions=tuple(mentions),
        service=_text(told.get("service")),
        reference=_text(told.get("reference")) or None,
        happened=happened,
        words=without_digests(_text(told.get("words"))),
        unknown=_kept(told).all(),
    )


def _activities(kinds: list[str], place: str, happened: Moment | None) -> Iterator[Activity]:
    for kind in get_args(ActivityKind):
        if kind in (kinds or ["not_stated"]):
            yield Activity(kind, place, happened)


def _kept(told: dict[str, Json]) -> Keeping:
    keeping = Keeping()
    for key, said in told.items():
        if said is None:
            keeping.keep(_KEPT.get(key, key), NOT_KNOWN)
        elif key in ("kind", "told_by", "form") or key not in {*_KEPT, MARK, "sender", "people"}:
            keeping.keep(_KEPT.get(key, key), _text(said))
    for number, person in enumerate(told["people"] if isinstance(told["people"], list) else [], 1):
        if isinstance(person, dict):
            for key, said in person.items():
                if said is None:
                    keeping.keep(f"person {number}: {key}", NOT_KNOWN)
    return keeping


def _person(told: Json, place: str, said_on: tuple[date | None, ...]) -> MentionInProgress | None:
    if not isinstance(told, dict):
        return None
    role = next((role for role in get_args(Role) if role == told.get("role")), None)
    if role is None:
        return None
    mention = MentionInProgress(role, place)
    kinds: tuple[IdentifierKind, ...] = get_args(IdentifierKind)
    for one in _objects(told.get("identifiers")):
        kind = next((kind for kind in kinds if kind == one.get("kind")), None)
        if kind is None:
            return None
        mention.identify(kind, _text(one.get("text")), place, service=_text(one.get("service")))
    for one in _objects(told.get("connections")):
        at = read_moment(text) if (text := _text(one.get("at"))) else None
        mention.connect(_text(one.get("address")), place, port=_text(one.get("port")), at=at)
    if born := _text(told.get("born")):
        mention.ages.append(age_from_birth(born, place))
    if age := _text(told.get("age")):
        mention.ages.append(age_from_years(age, place, said_on))
    return mention


def _objects(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Json) -> str:
    return clean(value) if isinstance(value, str) else ""
