"""Reads a policy document, one YAML file, into a ``Policy``. Every error names file, line, part and remedy.

``docs/policy.md`` tells how to write one; ``docs/policy.schema.json`` is its shape for other tools.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from threshold.policy.errors import ConditionError, PolicyError
from threshold.policy.language import parse
from threshold.policy.marks import Place, read_yaml
from threshold.policy.model import (
    COMBINES,
    RANKS,
    Band,
    BandName,
    Clause,
    Clock,
    Combine,
    FactRule,
    Kind,
    Mark,
    Policy,
    Wording,
    Words,
)

_NAME = r"[a-z][a-z0-9_]{0,49}"
_NAME_REMEDY = "Use lower-case letters, digits and _, beginning with a letter, at most 50"
_CLOCK = r"[1-9][0-9]{0,2} (working )?days?"
_CLOCK_REMEDY = "Write it as in  7 days  or  1 working day"
_VALUE = r"[A-Za-z0-9_]{1,40}"


def load(path: Path | str) -> Policy:
    """The policy in this file; raises PolicyError, or OSError when the file cannot be opened."""
    path = Path(path)
    return read(path.read_bytes(), str(path))


def read(content: bytes, path: str) -> Policy:
    """The policy in these bytes; ``path`` is only for what errors say."""
    top = read_yaml(path, content)
    fields = top.fields(
        ("name", "version", "owner", "in_force_from", "bands", "facts", "clauses"), ("unless_adult",)
    )
    bands = _bands(fields["bands"])
    facts = _facts(fields["facts"])
    clauses = _clauses(fields["clauses"], facts, tuple(band.name for band in bands))
    return Policy(
        name=fields["name"].text(_NAME, _NAME_REMEDY),
        version=fields["version"].text(),
        owner=fields["owner"].text(),
        in_force_from=_instant(fields["in_force_from"]),
        digest=hashlib.sha256(content).hexdigest(),
        bands=bands,
        facts=facts,
        clauses=clauses,
        checks=tuple(fact.name for fact in facts.values() if fact.check is not None),
        text=content.decode("utf-8"),
        unless_adult=_wording(fields.get("unless_adult"), facts, clauses),
    )


def _wording(place: Place | None, facts: Mapping[str, FactRule], clauses: tuple[Clause, ...]) -> Wording:
    if place is None:
        return Wording({}, {})
    fields = place.fields((), ("facts", "clauses"))
    worded, reasons = {}, {}
    for name, entry in fields["facts"].entries() if "facts" in fields else ():
        if name not in facts:
            entry.fail(f"{name[:60]!r} is not a fact of this policy", "Mend the name, or take it away")
        parts = entry.fields(("question", "words"))
        worded[name] = replace(
            facts[name], question=parts["question"].text(), words=_words(parts["words"], facts[name].kind)
        )
    for clause, entry in fields["clauses"].entries() if "clauses" in fields else ():
        if not any(clause == each.id for each in clauses):
            entry.fail(f"{clause[:60]!r} is not a clause of this policy", "Mend the name, or take it away")
        reasons[clause] = entry.text()
    return Wording(worded, reasons)


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


def _clock(place: Place) -> Clock:
    amount, first, *_ = place.text(_CLOCK, _CLOCK_REMEDY).split()
    return Clock(int(amount), "working_days" if first == "working" else "days")


def _bands(place: Place) -> tuple[Band, ...]:
    found: list[Band] = []
    for name, entry in place.entries():
        if name not in RANKS:
            entry.fail(f"{name[:60]!r} is not a band", "Use: " + ", ".join(RANKS))
        clock = _clock(entry.fields(("clock",))["clock"])
        found.append(Band(name, RANKS[name], clock))
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
    fields = place.fields(
        ("kind", "question", "words"),
        ("combine", "values", "yes_from", "check", "expires_days", "reports_reopen"),
    )
    _check_fact_name(name, place)
    kind = cast(Kind, fields["kind"].one_of(tuple(COMBINES)))
    combine: Combine = COMBINES[kind][0]
    if "combine" in fields:
        combine = cast(Combine, fields["combine"].one_of(COMBINES[kind]))
    if ("values" in fields) != (kind == "choice"):
        place.fail("values belong to a choice, and a choice has them", "Add or take away  values:")
    if "yes_from" in fields and combine != "any":
        fields["yes_from"].fail("only a yes/no fact combined by any can have it", "Take it away")
    return FactRule(
        name=name,
        kind=kind,
        question=fields["question"].text(),
        words=_words(fields["words"], kind),
        combine=combine,
        values=_values(fields["values"]) if "values" in fields else (),
        yes_from=_names(fields["yes_from"]) if "yes_from" in fields else (),
        check=_clock(fields["check"]) if "check" in fields else None,
        expires_days=_days(fields["expires_days"]) if "expires_days" in fields else None,
        reports_reopen="reports_reopen" in fields and fields["reports_reopen"].one_of(("yes", "no")) == "yes",
    )


def _check_fact_name(name: str, place: Place) -> None:
    if not re.fullmatch(_NAME, name):
        place.fail(f"{name[:60]!r} cannot be the name of a fact", _NAME_REMEDY)
    if name.endswith(("_lo", "_hi")):
        place.fail("a fact's name cannot end in _lo or _hi", "These are the two ends of a count")
    try:
        parse(name, {name: FactRule(name, "yes_no", "", Words(""), "any")})
    except ConditionError:
        place.fail(f"{name} is a word of SQL", "Choose another name")


def _words(place: Place, kind: Kind) -> Words:
    if kind == "yes_no":
        fields = place.fields(("if_yes", "if_no", "if_not_known"))
        return Words(
            yes=fields["if_yes"].text(), no=fields["if_no"].text(), not_known=fields["if_not_known"].text()
        )
    fields = place.fields(("if_known", "if_not_known"))
    value = fields["if_known"].text()
    if value.count("{value}") != 1 or "{" in value.replace("{value}", ""):
        fields["if_known"].fail("it must hold {value} once", "Put {value} where the value is to stand")
    return Words(value=value, not_known=fields["if_not_known"].text())


def _values(place: Place) -> tuple[str, ...]:
    values = tuple(item.text(_VALUE, "Use letters, digits and _, at most 40") for item in place.items())
    if len(values) < 2 or len(set(values)) < len(values):
        place.fail("a choice has two values or more, each once", "List them in rising order of gravity")
    return values


def _names(place: Place) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.text(_NAME, _NAME_REMEDY) for item in place.items()))


def _days(place: Place) -> int:
    return int(place.text(r"[1-9][0-9]{0,4}", "Write a whole number of days"))


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
    fields = place.fields(("id", "band", "condition", "reason", "source", "mark"), ("checked",))
    clause_id = fields["id"].text(_NAME, _NAME_REMEDY)
    band = fields["band"].one_of(bands)
    if band == "low":
        fields["band"].fail(
            "no clause can make anybody low",
            "Take the clause away: low is what is left when nothing could raise it",
        )
    condition = fields["condition"].text()
    try:
        expression = parse(condition, facts)
    except ConditionError as error:
        raise PolicyError(
            place.path, fields["condition"].line, f"clause {clause_id}: condition", error.reason, error.remedy
        ) from error
    return Clause(
        id=clause_id,
        band=cast(BandName, band),
        condition=condition,
        expression=expression,
        reason=fields["reason"].text(),
        source=fields["source"].text(),
        mark=cast(Mark, fields["mark"].one_of(("S", "C", "R", "I"))),
        checked=fields["checked"].text() if "checked" in fields else "",
    )
