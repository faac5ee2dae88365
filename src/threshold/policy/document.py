"""Reads a policy document, one YAML file, into a ``Policy``. Every error names file, line, part and remedy.

``docs/policy.md`` tells how to write one; ``docs/policy.schema.json`` is its shape for other tools.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

from threshold.policy import fields, permissions
from threshold.policy.errors import ConditionError
from threshold.policy.language import parse
from threshold.policy.marks import Place, read_yaml
from threshold.policy.model import (
    COMBINES,
    RANKS,
    Band,
    BandName,
    Clause,
    Combine,
    FactRule,
    Kind,
    Policy,
    Words,
)

# Sections whose parts are named by their key, and what such a part is called.
_PARTS = {
    "bands": "band",
    "facts": "fact",
    "responses": "response",
    "enquiries": "enquiry",
    "floors": "floor",
}
_VALUE = r"[A-Za-z0-9_]{1,40}"


def load(path: Path | str) -> Policy:
    """The policy in this file; raises PolicyError, or OSError when the file cannot be opened."""
    path = Path(path)
    return read(path.read_bytes(), str(path))


def read(content: bytes, path: str) -> Policy:
    """The policy in these bytes; ``path`` is only for what errors say."""
    top = read_yaml(path, content)
    found = top.fields(
        ("name", "version", "owner", "in_force_from", "bands", "facts", "clauses"),
        ("dated", "responses", "enquiries", "overrides", "floors"),
    )
    bands = _bands(found["bands"])
    names = tuple(band.name for band in bands)
    facts = _facts(found["facts"])
    clauses = _clauses(found["clauses"], facts, names)
    responses = permissions.responses(found["responses"], facts, names) if "responses" in found else ()
    after = tuple(response.id for response in responses)
    return Policy(
        name=fields.name(found["name"]),
        version=found["version"].text(),
        owner=found["owner"].text(),
        in_force_from=_instant(found["in_force_from"]),
        digest=hashlib.sha256(content).hexdigest(),
        bands=bands,
        facts=facts,
        clauses=clauses,
        checks=tuple(fact.name for fact in facts.values() if fact.check is not None),
        text=content.decode("utf-8"),
        dated=_day(found["dated"]) if "dated" in found else None,
        responses=responses,
        enquiries=permissions.enquiries(found["enquiries"], facts) if "enquiries" in found else (),
        overrides=permissions.overrides(found["overrides"]) if "overrides" in found else {},
        floors=permissions.floors(found["floors"], facts, names, after) if "floors" in found else (),
        path=path,
        lines=_lines(found),
    )


def _lines(sections: Mapping[str, Place]) -> dict[str, int]:
    """Where each part begins, by what it is called in the report of a check."""
    lines = {section: place.line for section, place in sections.items()}
    for section, kind in _PARTS.items():
        for name, entry in sections[section].entries() if section in sections else ():
            lines[f"{kind} {name}"] = entry.line
    for name, entry in sections["responses"].entries() if "responses" in sections else ():
        conditions = dict(entry.entries()).get("conditions")
        for condition, place in conditions.entries() if conditions else ():
            lines[f"response {name}: condition {condition}"] = place.line
    for item in sections["clauses"].items():
        clause = dict(item.entries())
        lines[f"clause {clause['id'].text()}"] = clause["condition"].line
    return lines


def _day(place: Place) -> date:
    text = place.text()
    try:
        return date.fromisoformat(text)
    except ValueError:
        place.fail(f"{text[:60]!r} is not a day", "Write it as in  2026-11-24")


def _instant(place: Place) -> datetime:
    remedy = "Write date, time and zone, as in  2026-11-01T00:00:00Z"
    text = place.text()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        place.fail(f"{text[:60]!r} is not a time", remedy)
    if instant.tzinfo is None:
        place.fail(f"{text[:60]!r} has no zone", remedy)
    return instant.astimezone(UTC)


def _bands(place: Place) -> tuple[Band, ...]:
    found: list[Band] = []
    for name, entry in place.entries():
        if name not in RANKS:
            entry.fail(f"{name[:60]!r} is not a band", "Use: " + ", ".join(RANKS))
        band = entry.fields(("clock",), ("officer_hours",))
        minutes = fields.minutes(band["officer_hours"]) if "officer_hours" in band else None
        found.append(Band(name, RANKS[name], fields.clock(band["clock"]), minutes))
    found.sort(key=lambda band: band.rank)
    if not any(band.name == "low" for band in found):
        place.fail("the band low is missing", "Add it: low is what is left when nothing could be graver")
    if len(found) == 1:
        place.fail("there is no band above low", "Add at least one of medium, high, very_high")
    return tuple(found)


def _facts(place: Place) -> dict[str, FactRule]:
    places = dict(place.entries())
    facts = {name: _fact(name, entry) for name, entry in places.items()}
    for name, fact in facts.items():
        for other in fact.yes_from:
            if other not in facts or facts[other].kind != "yes_no" or other == name:
                places[name].fail(
                    f"yes_from names {other}, which is not another yes/no fact", "Add it, or mend it"
                )
    return facts


def _fact(name: str, place: Place) -> FactRule:
    found = place.fields(
        ("kind", "question", "words"),
        ("combine", "values", "yes_from", "check", "expires_days", "reports_reopen", "may_lower"),
    )
    _check_fact_name(name, place)
    kind = cast(Kind, found["kind"].one_of(tuple(COMBINES)))
    combine: Combine = COMBINES[kind][0]
    if "combine" in found:
        combine = cast(Combine, found["combine"].one_of(COMBINES[kind]))
    if ("values" in found) != (kind == "choice"):
        place.fail("values belong to a choice, and a choice has them", "Add or take away  values:")
    if "yes_from" in found and combine != "any":
        found["yes_from"].fail("only a yes/no fact combined by any can have it", "Take it away")
    return FactRule(
        name=name,
        kind=kind,
        question=found["question"].text(),
        words=_words(found["words"], kind),
        combine=combine,
        values=_values(found["values"]) if "values" in found else (),
        yes_from=fields.names(found["yes_from"]) if "yes_from" in found else (),
        check=fields.clock(found["check"]) if "check" in found else None,
        expires_days=fields.whole(found["expires_days"]) if "expires_days" in found else None,
        reports_reopen="reports_reopen" in found and fields.yes(found["reports_reopen"]),
        may_lower="may_lower" in found and fields.yes(found["may_lower"]),
    )


def _check_fact_name(name: str, place: Place) -> None:
    if not re.fullmatch(fields.NAME, name):
        place.fail(f"{name[:60]!r} cannot be the name of a fact", fields.NAME_REMEDY)
    if name.endswith(("_lo", "_hi")):
        place.fail("a fact's name cannot end in _lo or _hi", "These are the two ends of a count")
    try:
        parse(name, {name: FactRule(name, "yes_no", "", Words(""), "any")})
    except ConditionError:
        place.fail(f"{name} is a word of SQL", "Choose another name")


def _words(place: Place, kind: Kind) -> Words:
    if kind == "yes_no":
        found = place.fields(("if_yes", "if_no", "if_not_known"))
        return Words(
            yes=found["if_yes"].text(), no=found["if_no"].text(), not_known=found["if_not_known"].text()
        )
    found = place.fields(("if_known", "if_not_known"))
    value = found["if_known"].text()
    if value.count("{value}") != 1 or "{" in value.replace("{value}", ""):
        found["if_known"].fail("it must hold {value} once", "Put {value} where the value is to stand")
    return Words(value=value, not_known=found["if_not_known"].text())


def _values(place: Place) -> tuple[str, ...]:
    values = tuple(item.text(_VALUE, "Use letters, digits and _, at most 40") for item in place.items())
    if len(values) < 2 or len(set(values)) < len(values):
        place.fail("a choice has two values or more, each once", "List them in rising order of gravity")
    return values


def _clauses(place: Place, facts: Mapping[str, FactRule], bands: tuple[BandName, ...]) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    for item in place.items():
        clause = _clause(item, facts, bands)
        if any(other.id == clause.id for other in clauses):
            item.fail(f"the clause {clause.id} stands here twice", "Give each clause its own id")
        clauses.append(clause)
    if not clauses:
        place.fail("there is no clause", "Add at least one")
    return tuple(clauses)


def _clause(place: Place, facts: Mapping[str, FactRule], bands: tuple[BandName, ...]) -> Clause:
    found = place.fields(("id", "band", "condition", "reason", "source", "mark"), ("checked",))
    clause_id = fields.name(found["id"])
    band = found["band"].one_of(bands)
    if band == "low":
        found["band"].fail(
            "no clause can make anybody low",
            "Take the clause away: low is what is left when nothing could raise it",
        )
    condition, expression = fields.condition(found["condition"], f"clause {clause_id}: condition", facts)
    return Clause(
        id=clause_id,
        band=cast(BandName, band),
        condition=condition,
        expression=expression,
        reason=found["reason"].text(),
        source=found["source"].text(),
        mark=fields.mark(found["mark"]),
        checked=found["checked"].text() if "checked" in found else "",
    )
