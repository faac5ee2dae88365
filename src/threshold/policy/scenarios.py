"""Scenarios of a policy: what is said of somebody, and the band, reasons and responses that must come of it.

A file of scenarios lies beside its policy (``default.yaml`` has ``default.scenarios.yaml``). Each line of what is
said is one statement, in order:  fact: yes | no | not known | seen | at least N | at most N | N to M | N | a value.
"possible" before the fact: it is said of somebody who may be the same person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from threshold.policy.combine import Said, facts_of
from threshold.policy.interpret import Judgement, judge
from threshold.policy.marks import Place, read_yaml
from threshold.policy.model import FactRule, Policy, band_name
from threshold.policy.permit import permitted
from threshold.policy.route import Route

_START = datetime(2026, 3, 2, 12, tzinfo=UTC)
_ROUTES = ("adult", "child", "age_not_established")
_NUMBERS = {
    r"at least (\d{1,6})": ("low",),
    r"at most (\d{1,6})": ("high",),
    r"(\d{1,6}) to (\d{1,6})": ("low", "high"),
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """``expects`` are the words of its band; lists that are None are not asked about.

    ``lines`` is what is said beside the ``start`` (a name of those in the file, or empty), which stands there
    without what it says of the fact ``without``.
    """

    name: str
    line: int
    start: str
    without: str
    lines: tuple[str, ...]
    said: tuple[Said, ...]
    expects: str
    clauses: tuple[str, ...]
    route: Route
    holding: tuple[str, ...] | None = None
    outstanding: tuple[str, ...] | None = None
    permits: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenarios:
    path: str
    every: tuple[Scenario, ...]

    def without(self, policy: Policy) -> tuple[str, ...]:
        """The clauses that decide in none of these."""
        decided = {clause for scenario in self.every for clause in scenario.clauses}
        return tuple(clause.id for clause in policy.clauses if clause.id not in decided)


def beside(policy_file: Path) -> Path:
    """Where the scenarios of a policy are looked for."""
    return policy_file.with_name(policy_file.stem + ".scenarios.yaml")


def load(path: Path, policy: Policy) -> Scenarios:
    """The scenarios in this file; raises PolicyError, or OSError when the file cannot be opened."""
    return read(path.read_bytes(), str(path), policy)


def read(content: bytes, path: str, policy: Policy) -> Scenarios:
    found = read_yaml(path, content).fields(("scenarios",), ("starts",))
    starts: dict[str, list[str]] = {}
    for name, place in found["starts"].entries() if "starts" in found else ():
        starts[name] = [_line(policy, item) for item in place.items()]
    every = tuple(_scenario(policy, item, starts) for item in found["scenarios"].items())
    return Scenarios(path, every)


def _scenario(policy: Policy, place: Place, starts: Mapping[str, list[str]]) -> Scenario:
    found = place.fields(
        ("name", "band"),
        ("start", "without", "said", "clauses", "holding", "outstanding", "route", "permits", "refuses"),
    )
    lines = list(starts[found["start"].one_of(tuple(starts))]) if "start" in found else []
    gone = found["without"].one_of(tuple(policy.facts)) if "without" in found else ""
    lines = [line for line in lines if not line.startswith(f"{gone}:")]
    own = [_line(policy, item) for item in found["said"].items()] if "said" in found else []
    clauses = tuple(clause.id for clause in policy.clauses)
    responses = tuple(response.id for response in policy.responses)

    def some_of(field: str, allowed: tuple[str, ...]) -> tuple[str, ...] | None:
        return tuple(item.one_of(allowed) for item in found[field].items()) if field in found else None

    return Scenario(
        name=found["name"].text(),
        line=place.line,
        start=found["start"].text() if "start" in found else "",
        without=gone,
        lines=tuple(own),
        said=tuple(_said(policy, line, n) for n, line in enumerate([*lines, *own], start=1)),
        expects=_band(found["band"]),
        clauses=some_of("clauses", clauses) or (),
        route=cast(Route, found["route"].one_of(_ROUTES)) if "route" in found else "age_not_established",
        holding=some_of("holding", clauses),
        outstanding=some_of("outstanding", policy.checks),
        permits=some_of("permits", responses) or (),
        refuses=some_of("refuses", responses) or (),
    )


def _band(place: Place) -> str:
    name = "(not_graded|low|medium|high|very_high)"
    return place.text(f"{name}(, could be {name})?", "Write it as in  high  or  medium, could be very_high")


def _line(policy: Policy, place: Place) -> str:
    """A line of what is said, as it was written; one that cannot be read is an error at its place."""
    line = place.text(r"(possible )?[a-z0-9_]+: .+", "Write it as in  shared: yes")
    fact, _ = _parts(line)
    if fact not in policy.facts:
        place.fail(f"{fact} is not a fact of this policy", "Mend the spelling, or take the line away")
    if _value(policy.facts[fact], line.split(": ", 1)[1]) is None:
        place.fail(
            f"{line!r} says nothing that a {policy.facts[fact].kind.replace('_', '/')} can be",
            "Use yes, no, not known, seen, at least N, at most N, N to M, N, or a value of the fact",
        )
    return line


def _parts(line: str) -> tuple[str, bool]:
    name = line.split(": ", 1)[0]
    return name.removeprefix("possible "), name.startswith("possible ")


def _said(policy: Policy, line: str, number: int) -> Said:
    fact, possible = _parts(line)
    text = line.split(": ", 1)[1]
    value = _value(policy.facts[fact], text) or {}
    as_of = _START + timedelta(hours=number)
    return Said(fact, text != "not known", as_of, number, possible=possible, **value)


def _value(rule: FactRule, text: str) -> dict[str, Any] | None:
    """What is said, by the fields of ``Said``; nothing for "not known" and "seen"; None where it does not fit."""
    if text == "not known" or (text == "seen" and rule.kind == "count"):
        return {}
    match rule.kind:
        case "yes_no":
            return {"truth": text == "yes"} if text in ("yes", "no") else None
        case "choice":
            return {"choice": text} if text in rule.values else None
        case _ if text.isdigit():
            return {"low": int(text), "high": int(text)}
    for pattern, names in _NUMBERS.items():
        if match := re.fullmatch(pattern, text):
            return dict(zip(names, map(int, match.groups()), strict=True))
    return None


# --- running ------------------------------------------------------------------------------------------


def judged(policy: Policy, scenario: Scenario) -> Judgement:
    """By the plain interpreter."""
    return judge(policy, facts_of(policy, scenario.said))


def differences(policy: Policy, scenario: Scenario, judgement: Judgement) -> list[str]:
    """What came out otherwise than the scenario says, in words; empty when it holds."""
    found = []
    came = band_words(judgement)
    if came != scenario.expects:
        found.append(f"the band is {came}, not {scenario.expects}")
    found += _lists(("deciding clauses", judgement.deciding, scenario.clauses))
    found += _lists(("holding clauses", judgement.holding, scenario.holding))
    found += _lists(("outstanding checks", judgement.outstanding, scenario.outstanding))
    for permission in permitted(policy, facts_of(policy, scenario.said), scenario.route):
        name = permission.response.id
        if name in scenario.permits and not permission.permitted:
            shut = [finding.id for finding in (*permission.failing, *permission.not_known)]
            found.append(f"{name} is not permitted, because of {', '.join(shut)}")
        if name in scenario.refuses and permission.permitted:
            found.append(f"{name} is permitted")
    return found


def _lists(*pairs: tuple[str, Iterable[str], Iterable[str] | None]) -> list[str]:
    return [
        f"the {what} are {', '.join(came) or 'none'}, not {', '.join(wanted) or 'none'}"
        for what, came, wanted in pairs
        if wanted is not None and tuple(came) != tuple(wanted)
    ]


def band_words(judgement: Judgement) -> str:
    """As scenarios write it: "medium, could be very_high"."""
    known, could_be = band_name(judgement.known), band_name(judgement.could_be)
    return known if known == could_be else f"{known}, could be {could_be}"
