"""Policies, facts and statements made up by Hypothesis. Policies are written as documents and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import yaml
from hypothesis import strategies as st

from threshold.policy.combine import Among, FactValue, Interval, Said
from threshold.policy.document import read
from threshold.policy.model import COMBINES, FactRule, Policy

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BANDS = ("very_high", "high", "medium", "low")
_HEAD: dict[str, object] = {
    "name": "made_up",
    "version": "1",
    "owner": "nobody",
    "in_force_from": "2026-01-01T00:00:00Z",
    "bands": {band: {"clock": f"{n} days"} for n, band in enumerate(BANDS, start=1)},
}


@dataclass(frozen=True)
class Written:
    """A policy, and the document it was read from."""

    policy: Policy
    document: dict[str, object]


def _fact(kind: str, combine: str, values: list[str], yes_from: list[str], check: bool) -> dict[str, object]:
    words = {"if_not_known": "not known"}
    words |= {"if_yes": "yes", "if_no": "no"} if kind == "yes_no" else {"if_known": "it is {value}"}
    fact: dict[str, object] = {"kind": kind, "question": "what?", "words": words, "combine": combine}
    if kind == "choice":
        fact["values"] = values
    if yes_from:
        fact["yes_from"] = yes_from
    if check:
        fact["check"] = "1 working day"
    return fact


@st.composite
def fact_sections(draw: st.DrawFn) -> dict[str, dict[str, object]]:
    kinds = draw(st.lists(st.sampled_from(sorted(COMBINES)), min_size=1, max_size=6))
    yes_no = [f"fact_{n}" for n, kind in enumerate(kinds) if kind == "yes_no"]
    facts = {}
    for n, kind in enumerate(kinds):
        name = f"fact_{n}"
        combine = draw(st.sampled_from(COMBINES[kind]))
        others = [other for other in yes_no if other != name]
        reads_others = bool(others) and combine == "any"
        yes_from = draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if reads_others else []
        values = ["a", "b", "c", "d", "e"][: draw(st.integers(2, 5))]
        facts[name] = _fact(kind, combine, values, yes_from, draw(st.booleans()))
    return facts


def conditions(facts: Mapping[str, Mapping[str, object]], positive: bool = False) -> st.SearchStrategy[str]:
    """Conditions over these facts; *positive* ones can only become true by more of anything."""
    number = st.integers(0, 6).map(str)
    atoms: list[st.SearchStrategy[str]] = []
    for name, fact in facts.items():
        if fact["kind"] == "yes_no":
            atoms.append(st.just(name))
        elif fact["kind"] == "choice":
            values = fact["values"]
            assert isinstance(values, list)
            quoted = [f"'{value}'" for value in values]
            if positive:
                gravest = st.integers(0, len(quoted) - 1).map(lambda n, q=quoted: ", ".join(q[n:]))
                atoms.append(gravest.map(lambda text, f=name: f"{f} IN ({text})"))
            else:
                some = st.lists(st.sampled_from(quoted), min_size=1, max_size=4).map(", ".join)
                atoms.append(some.map(lambda text, f=name: f"{f} IN ({text})"))
                atoms.append(st.sampled_from(quoted).map(lambda text, f=name: f"{f} <> {text}"))
        elif positive:
            atoms.append(number.map(lambda n, f=name: f"{f} >= {n}"))
        else:
            operator = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
            atoms.append(st.tuples(operator, number).map(lambda pair, f=name: f"{f} {pair[0]} {pair[1]}"))
            ends = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted)
            atoms.append(ends.map(lambda pair, f=name: f"{f} BETWEEN {pair[0]} AND {pair[1]}"))
            numbers = st.lists(number, min_size=1, max_size=4).map(", ".join)
            atoms.append(numbers.map(lambda text, f=name: f"{f} NOT IN ({text})"))

    def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        both = st.lists(inner, min_size=2, max_size=3)
        ways = [both.map(lambda p: f"({' AND '.join(p)})"), both.map(lambda p: f"({' OR '.join(p)})")]
        if not positive:
            ways.append(inner.map(lambda part: f"(NOT ({part}))"))
        return st.one_of(ways)

    return st.recursive(st.one_of(atoms), joined, max_leaves=5)


@st.composite
def policies(draw: st.DrawFn, positive: bool = False) -> Written:
    facts = draw(fact_sections())
    wanted = draw(st.lists(conditions(facts, positive), min_size=1, max_size=6))
    clauses = [
        {
            "id": f"clause_{n}",
            "band": draw(st.sampled_from(BANDS[:3])),
            "condition": condition,
            "reason": "a reason",
            "source": "made up",
            "mark": "I",
        }
        for n, condition in enumerate(wanted)
    ]
    document: dict[str, object] = {**_HEAD, "facts": facts, "clauses": clauses}
    return Written(read(yaml.safe_dump(document, sort_keys=False).encode(), "made_up.yaml"), document)


def made_of(facts: Mapping[str, Mapping[str, object]], condition: str) -> Policy:
    """A policy of these facts and one clause."""
    written = {}
    for name, fact in facts.items():
        words = (
            {"if_yes": "yes", "if_no": "no"} if fact["kind"] == "yes_no" else {"if_known": "it is {value}"}
        )
        written[name] = {"question": "what?", "words": {**words, "if_not_known": "not known"}, **fact}
    clause = {"id": "only", "band": "high", "condition": condition, "reason": "a", "source": "a", "mark": "I"}
    return read(yaml.safe_dump({**_HEAD, "facts": written, "clauses": [clause]}).encode(), "made_of.yaml")


def values_of(fact: FactRule) -> st.SearchStrategy[FactValue]:
    if fact.kind == "yes_no":
        return st.sampled_from([True, False, None])
    if fact.kind == "choice":
        ends = st.tuples(*[st.integers(0, len(fact.values) - 1)] * 2).map(sorted)
        return ends.map(lambda pair: Among(fact.values[pair[0]], fact.values[pair[1]]))
    low = st.integers(0, 8)
    return st.tuples(low, st.none() | st.integers(0, 4)).map(
        lambda pair: Interval(pair[0], None if pair[1] is None else pair[0] + pair[1])
    )


def facts_for(policy: Policy) -> st.SearchStrategy[dict[str, FactValue]]:
    return st.fixed_dictionaries({name: values_of(fact) for name, fact in policy.facts.items()})


@st.composite
def statements(
    draw: st.DrawFn, policy: Policy, possible: bool | None = None, few: bool = False
) -> list[Said]:
    """What was said of one subject, in whatever order and with whatever fields do not fit.

    *few*: only one or two facts are spoken of, so that their statements meet.
    """
    every = [*policy.facts, "not_in_the_policy"]
    names = st.sampled_from(draw(st.lists(st.sampled_from(every), min_size=1, max_size=2)) if few else every)
    number = st.none() | st.integers(0, 5)
    rows = draw(
        st.lists(
            st.tuples(
                names,
                st.sampled_from([True, True, True, False]),
                st.sampled_from([True, False, None]),
                number,
                number,
                st.sampled_from(["a", "b", "c", "d", "e", "other", None]),
                st.integers(0, 3),
                st.booleans() if possible is None else st.just(possible),
            ),
            max_size=8,
        )
    )
    numbers = draw(st.permutations(range(1, len(rows) + 1)))
    return [
        Said(fact, known, NOON + timedelta(days=days), n, truth, low, high, choice, possible=is_possible)
        if known
        else Said(fact, False, NOON + timedelta(days=days), n, possible=is_possible)
        for n, (fact, known, truth, low, high, choice, days, is_possible) in zip(numbers, rows, strict=True)
    ]


# --- the same, as relations ------------------------------------------------------------------------

SAID = """SELECT * FROM jsonb_to_recordset(%(said)s::jsonb) AS said (
    subject bigint, fact text, known boolean, truth boolean, low int, high int, choice text,
    as_of timestamptz, number bigint, possible boolean)"""
SUBJECTS = "SELECT unnest(%(subjects)s::bigint[]) AS subject"


def as_parameters(said: Sequence[Sequence[Said]]) -> dict[str, object]:
    """Subject 1 said the first list, and so on."""
    rows = [
        {
            "subject": subject, "fact": row.fact, "known": row.known, "truth": row.truth, "low": row.low,
            "high": row.high, "choice": row.choice, "as_of": row.as_of.isoformat(), "number": row.number,
            "possible": row.possible,
        }
        for subject, its_rows in enumerate(said, start=1)
        for row in its_rows
    ]  # fmt: skip
    return {"said": json.dumps(rows), "subjects": list(range(1, len(said) + 1))}


def facts_relation(policy: Policy) -> str:
    types = {"yes_no": "boolean", "choice": "text", "count": "bigint", "range": "bigint"}
    columns = ["subject bigint"]
    for fact in policy.facts.values():
        names = [f"f_{fact.name}"] if fact.kind == "yes_no" else [f"f_{fact.name}_lo", f"f_{fact.name}_hi"]
        columns += [f"{name} {types[fact.kind]}" for name in names]
    return f"SELECT * FROM jsonb_to_recordset(%(facts)s::jsonb) AS f ({', '.join(columns)})"


def facts_as_rows(cases: Sequence[Mapping[str, FactValue]]) -> str:
    rows = []
    for subject, facts in enumerate(cases, start=1):
        row: dict[str, object] = {"subject": subject}
        for name, value in facts.items():
            if isinstance(value, Interval | Among):
                row |= {f"f_{name}_lo": value.at_least, f"f_{name}_hi": value.at_most}
            else:
                row[f"f_{name}"] = value
        rows.append(row)
    return json.dumps(rows)
