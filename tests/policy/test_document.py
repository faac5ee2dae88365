"""The document: what ships is sound, its shape and its words are published, and errors say where and how."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from dataclasses import astuple
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from generated import Written, policies
from hypothesis import given, settings

from threshold.policy.document import load, read
from threshold.policy.errors import PolicyError
from threshold.policy.model import Policy

ROOT = Path(__file__).parents[2]
DEFAULT = ROOT / "policies" / "default.yaml"
SCHEMA = json.loads((ROOT / "docs" / "policy.schema.json").read_text())
VIEWED = yaml.load(DEFAULT.read_text(), Loader=yaml.BaseLoader)["facts"]["viewed"]
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def plain(text: str) -> Any:
    """As the policy is read: every scalar is text."""
    return yaml.load(text, Loader=yaml.BaseLoader)


@pytest.fixture(scope="module")
def default() -> Policy:
    return load(DEFAULT)


def test_it_knows_itself(default: Policy) -> None:
    content = DEFAULT.read_bytes()
    assert default.digest == hashlib.sha256(content).hexdigest()
    assert default.text.encode() == content
    assert [band.name for band in default.bands] == ["low", "medium", "high", "very_high"]
    assert [str(band.clock) for band in default.bands] == ["30 days", "14 days", "7 days", "1 day"]
    assert default == load(DEFAULT) and hash(default) == hash(load(DEFAULT))


def test_checks_are_asked_within_a_working_day(default: Policy) -> None:
    assert {str(default.facts[name].check) for name in default.checks} == {"1 working day"}


def test_every_clause_has_a_source_and_what_was_not_checked_says_so(default: Policy) -> None:
    assert 12 <= len(default.clauses) <= 16
    for clause in default.clauses:
        assert "http" in clause.source or clause.mark == "I", clause.id
        assert clause.checked or clause.mark != "R", clause.id


def test_its_words_are_neutral(default: Policy) -> None:
    facts = [word for fact in default.facts.values() for word in (fact.question, *astuple(fact.words))]
    words = " ".join([*facts, *(clause.reason for clause in default.clauses)]).lower()
    assert not re.search(r"\b(he|his|him|she|her|suspects?|offenders?|perpetrators?|paedophiles?)\b", words)


def test_the_default_policy_fits_the_schema() -> None:
    VALIDATOR.validate(plain(DEFAULT.read_text()))
    VALIDATOR.validate(
        json.loads(
            json.dumps(
                yaml.safe_load(DEFAULT.read_text()),
                default=lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(t, datetime) else str(t),
            )
        )
    )


@settings(deadline=None, max_examples=40)
@given(policies())
def test_made_up_policies_fit_the_schema(written: Written) -> None:
    VALIDATOR.validate(written.document)


def _fields(schema: Any) -> set[str]:
    found: set[str] = set()
    if isinstance(schema, dict):
        found |= set(schema.get("properties", {}))
        for part in schema.values():
            found |= _fields(part)
    elif isinstance(schema, list):
        for part in schema:
            found |= _fields(part)
    return found


def test_every_field_is_documented() -> None:
    words = (ROOT / "docs" / "policy.md").read_text()
    missing = [field for field in sorted(_fields(SCHEMA)) if f"`{field}`" not in words]
    assert not missing
    for combine in ("any", "latest", "worst", "count", "overlap", "yes_no", "range", "choice"):
        assert f"`{combine}`" in words


# --- errors ----------------------------------------------------------------------------------------


def changed(*path: str | int, to: object = None, **more: object) -> bytes:
    """The default policy with one value changed, added, or (by ``to=...``) taken away."""
    document = copy.deepcopy(plain(DEFAULT.read_text()))
    place = document
    for step in path[:-1]:
        place = place[step]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()


VISIT, VISITS = ("responses", "warning_visit"), "responses: warning_visit"
SOME = {"condition": "viewed", "words": "viewed", "source": "ours", "mark": "I"}


@pytest.mark.parametrize(
    ("content", "where", "reason"),
    [
        (changed("owner", to=...), "document", "owner is missing"),
        (changed("owner", to=" "), "owner", "nothing stands here"),
        (changed("owner", to=["a"]), "owner", "must be one text"),
        (changed("colour", to="red"), "colour", "not known here"),
        (changed("in_force_from", to="2026-11-01"), "in_force_from", "no zone"),
        (changed("in_force_from", to="soon"), "in_force_from", "not a time"),
        (changed("bands", "low", to=...), "bands", "low is missing"),
        (changed("bands", "dire", to={"clock": "1 day"}), "bands: dire", "not a band"),
        (changed("bands", "high", "clock", to="a week"), "bands: high: clock", "cannot be read"),
        (changed("bands", "high", "clock", to="0 days"), "bands: high: clock", "cannot be read"),
        (changed("bands", "high", "clock", to="７ days"), "bands: high: clock", "cannot be read"),
        (changed("bands", "high", to=...), "clauses, number 7: band", "not known here"),
        (changed("facts", "shared", "kind", to="maybe"), "facts: shared: kind", "not known here"),
        (changed("facts", "shared", "combine", to="worst"), "facts: shared: combine", "not known here"),
        (changed("facts", "shared", "words", "if_no", to=...), "facts: shared: words", "if_no is missing"),
        (changed("facts", "shared", "values", to=["a", "b"]), "facts: shared", "values belong to a choice"),
        (changed("facts", "worst_grade", "values", to=...), "facts: worst_grade", "values belong to a choice"),
        (changed("facts", "worst_grade", "values", to=["A"]), "facts: worst_grade: values", "two values"),
        (changed("facts", "worst_grade", "values", to=["A", "A"]), "facts: worst_grade: values", "two values"),
        (
            changed("facts", "worst_grade", "values", to=["A", "it's"]),
            "facts: worst_grade: values, number 2",
            "cannot be read",
        ),
        (changed("facts", "age", "words", "if_known", to="old"), "facts: age: words: if_known", "{value}"),
        (changed("facts", "contact", "yes_from", to=["unheard"]), "facts: contact", "not another yes/no fact"),
        (changed("facts", "contact", "yes_from", to=["contact"]), "facts: contact", "not another yes/no fact"),
        (changed("facts", "contact", "yes_from", to=["age"]), "facts: contact", "not another yes/no fact"),
        (changed("facts", "age", "yes_from", to=["contact"]), "facts: age: yes_from", "only a yes/no fact"),
        (changed("facts", "Shared", to={}), "facts: Shared", ""),
        (changed("facts", "age_lo", to=VIEWED), "facts: age_lo", "_lo or _hi"),
        (changed("facts", "null", to=VIEWED), "facts: null", "word of SQL"),
        (changed("facts", "case", to=VIEWED), "facts: case", "word of SQL"),
        (changed("facts", "current_user", to=VIEWED), "facts: current_user", "word of SQL"),
        (changed("facts", "viewed", "check", to="soon"), "facts: viewed: check", "cannot be read"),
        (changed("facts", "viewed", "expires_days", to="-1"), "facts: viewed: expires_days", "cannot be read"),
        (changed("clauses", to=[]), "clauses", "no clause"),
        (changed("clauses", to="none"), "clauses", "must be a list"),
        (changed("clauses", 0, "band", to="low"), "clauses, number 1: band", "no clause can make anybody low"),
        (changed("clauses", 1, "id", to="contact"), "clauses, number 2", "stands here twice"),
        (changed("clauses", 0, "source", to=...), "clauses, number 1", "source is missing"),
        (changed("clauses", 0, "mark", to="X"), "clauses, number 1: mark", "not known here"),
        (changed("clauses", 0, "condition", to="contact IS NULL"), "clause contact: condition", "IS"),
        (changed("clauses", 0, "condition", to="met"), "clause contact: condition", "not a fact"),
        (changed("dated", to="yesterday"), "dated", "not a day"),
        (changed("bands", "high", "officer_hours", to="-4"), "bands: high: officer_hours", "cannot be read"),
        (changed(*VISIT, "for", to="men"), f"{VISITS}: for", "not known here"),
        (changed(*VISIT, "officer_hours", to="many"), f"{VISITS}: officer_hours", "cannot be read"),
        (changed(*VISIT, "at_most", to="dire"), f"{VISITS}: at_most", "not known here"),
        (changed(*VISIT, "at_least", to="high"), f"{VISITS}: at_most", "no band lies between"),
        (changed(*VISIT, "second_person", to="true"), f"{VISITS}: second_person", "not known here"),
        (changed(*VISIT, "clock", to=...), VISITS, "clock is missing"),
        (changed("responses", "Visit", to={}), "responses: Visit", "words is missing"),
        (changed(*VISIT, "conditions", "route", to=SOME), f"{VISITS}: conditions: route", "itself says"),
        (changed(*VISIT, "conditions", "A", to=SOME), f"{VISITS}: conditions: A", "cannot be a name"),
        (changed(*VISIT, "steps", "letter", "after", to="soon"), f"{VISITS}: steps: letter: after", "not known"),
        (
            changed(*VISIT, "conditions", "no_trust", "may_be_unknown", to=["trust"]),
            f"{VISITS}: conditions: no_trust: may_be_unknown",
            "trust is not a fact",
        ),
        (changed("enquiries", "work", "answers", to=["trust"]), "enquiries: work: answers", "not a fact"),
        (changed("enquiries", "work", "officer_minutes", to="0"), "enquiries: work: officer_minutes", "less than"),
        (changed("overrides", "lower", to=...), "overrides", "lower is missing"),
        (changed("floors", "breach", "after", to="prayer"), "floors: breach: after", "not known here"),
        (changed("floors", "breach", "condition", to="warned"), "floor breach", "not a fact"),
        (b"", "document", "empty"),
        (b"name: [", "document", "not YAML"),
        (b"name: \xff", "document", "not UTF-8"),
        (b"name: a\x00b", "document", "not YAML"),
        (b"a: &x 1\nb: *x", "document", "anchors"),
        (b"a: !!python/object:os.system 1", "document", "tags"),
        (b"name: a\nname: b", "document", "stands here twice"),
        (b"- a", "document", "names and values"),
        (b"[" * 5_000, "document", "nested too deeply"),
        (b"x" * 1_000_001, "document", "larger"),
        (b"name: a\n---\nname: b", "document", "not YAML"),
    ],
)  # fmt: skip
def test_an_error_says_where_and_why(content: bytes, where: str, reason: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read(content, "mine.yaml")
    error = refused.value
    assert (error.path, error.where) == ("mine.yaml", where)
    assert reason in error.reason
    assert error.remedy and error.line >= 1


def test_an_error_names_its_line() -> None:
    lines = DEFAULT.read_text().splitlines()
    number = lines.index("    condition: shared") + 1
    lines[number - 1] = "    condition: shared IS NULL"
    with pytest.raises(PolicyError) as refused:
        read("\n".join(lines).encode(), "mine.yaml")
    assert refused.value.line == number
    assert str(refused.value).startswith(f"mine.yaml, line {number}, clause shared: condition: ")


SEES_UNKNOWN = [
    "shared IS NULL", "shared IS NOT TRUE", "shared IS DISTINCT FROM viewed", "COALESCE(shared, viewed)",
    "CASE WHEN shared THEN viewed END", "shared = NULL", "shared = TRUE", "times_seen NOT IN (1, NULL)",
    "shared IN (SELECT shared)", "shared::int = 0", "shared -- viewed", '"shared"', "NOT shared /* */",
    "num_nulls(shared) = 1", "shared OPERATOR(pg_catalog.=) viewed",
]  # fmt: skip


@pytest.mark.parametrize("condition", SEES_UNKNOWN)
def test_no_condition_anywhere_can_see_whether_a_fact_is_known(condition: str) -> None:
    for path, where in (
        (("clauses", 6, "condition"), "clause shared: condition"),
        ((*VISIT, "conditions", "no_sharing", "condition"), "response warning_visit: condition no_sharing"),
        (("floors", "breach", "condition"), "floor breach"),
    ):
        with pytest.raises(PolicyError) as refused:
            read(changed(*path, to=condition), "mine.yaml")
        assert refused.value.where == where and refused.value.line > 1 and refused.value.remedy


TRICKS = {
    "a merge key": "    <<: {condition: shared IS NULL}",
    "a merge key with an alias": "    <<: *other",
    "the same key twice": "    condition: shared IS NULL",
    "the same key in quotes": '    "condition": shared',
    "the same key with a space": '    "condition ": shared',
    "the same key escaped": '    "c\\x6fndition": shared',
    "a key that is a mapping": "    ? {condition: shared}\n    : shared",
    "a tag": "    !!str condition2: shared",
    "an anchor": "    checked: &a shared",
    "a second document": "---\nclauses: []",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_of_yaml_says_a_thing_twice_or_elsewhere(trick: str) -> None:
    lines = DEFAULT.read_text().splitlines()
    number = lines.index("    condition: shared") + 1
    with pytest.raises(PolicyError) as refused:
        read("\n".join([*lines[:number], TRICKS[trick], *lines[number:]]).encode(), "mine.yaml")
    # A second document is noticed where it begins or where the first would have to go on.
    assert abs(refused.value.line - number) <= 3


@pytest.mark.parametrize(
    "written",
    [
        '"shared \\u0049S NULL"',
        "'shared IS NULL'",
        "|\n      shared\n      IS NULL",
        ">-\n      shared # is it\n      IS NULL",
    ],
)
def test_no_way_of_writing_a_text_hides_what_it_says(written: str) -> None:
    text = DEFAULT.read_text().replace("    condition: shared\n", f"    condition: {written}\n", 1)
    assert text != DEFAULT.read_text()
    with pytest.raises(PolicyError, match="clause shared: condition"):
        read(text.encode(), "mine.yaml")
