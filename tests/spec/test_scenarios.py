"""Runs the scenarios of every policy that ships on every engine: the plain interpreter and PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from generated import SAID, SUBJECTS, as_parameters
from psycopg import Connection

from threshold.policy.combine import facts_of
from threshold.policy.describe import describe
from threshold.policy.document import load
from threshold.policy.errors import PolicyError
from threshold.policy.interpret import Judgement, judge
from threshold.policy.model import Policy
from threshold.policy.permit import permitted
from threshold.policy.reasons import could_be_higher_if, headline, why
from threshold.policy.scenarios import Scenario, beside, differences, judged
from threshold.policy.scenarios import load as load_scenarios
from threshold.policy.scenarios import read as read_scenarios
from threshold.policy.sql import facts_query, judgement_query
from threshold.policy.sql_permit import permission_query

FILES = [
    path for path in sorted((Path(__file__).parents[2] / "policies").glob("*.yaml")) if beside(path).exists()
]
POLICIES = {path.stem: load(path) for path in FILES}
EVERY = [
    pytest.param(POLICIES[path.stem], scenario, id=f"{path.stem}: {scenario.name}")
    for path in FILES
    for scenario in load_scenarios(beside(path), POLICIES[path.stem]).every
]
Engine = Callable[[Policy, Scenario], Judgement]


@pytest.fixture(params=["interpreter", "postgresql"])
def engine(request: pytest.FixtureRequest, postgres: Connection[dict[str, Any]]) -> Engine:
    if request.param == "interpreter":
        return judged

    def on_postgresql(policy: Policy, scenario: Scenario) -> Judgement:
        query = judgement_query(policy, facts_query(policy, SAID, SUBJECTS))
        row = postgres.execute(query, as_parameters([list(scenario.said)])).fetchone()
        assert row is not None
        lists = ("deciding", "could", "holding", "open_facts", "outstanding")
        return Judgement(row["known"], row["could_be"], *(tuple(row[name]) for name in lists))

    return on_postgresql


@pytest.mark.parametrize(("policy", "scenario"), EVERY)
def test_scenario(policy: Policy, scenario: Scenario, engine: Engine) -> None:
    assert differences(policy, scenario, engine(policy, scenario)) == []


@pytest.mark.parametrize(("policy", "scenario"), EVERY)
def test_postgresql_permits_the_same(
    policy: Policy, scenario: Scenario, postgres: Connection[dict[str, Any]]
) -> None:
    judged_sql = judgement_query(policy, facts_query(policy, SAID, SUBJECTS))
    routed = f"SELECT j.*, %(route)s::text AS route FROM ({judged_sql}) AS j"
    rows = postgres.execute(
        permission_query(policy, routed), {**as_parameters([list(scenario.said)]), "route": scenario.route}
    ).fetchall()
    found = {row["response"]: row["permitted"] for row in rows}
    for permission in permitted(policy, facts_of(policy, scenario.said), scenario.route):
        assert found[permission.response.id] is permission.permitted


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_clause_has_a_scenario_that_it_decides(path: Path) -> None:
    policy = POLICIES[path.stem]
    assert load_scenarios(beside(path), policy).without(policy) == ()


@pytest.mark.parametrize(("policy", "scenario"), EVERY)
def test_its_reasons_agree_with_it(policy: Policy, scenario: Scenario) -> None:
    facts = facts_of(policy, scenario.said)
    judgement = judge(policy, facts)
    reasons = why(policy, judgement, facts)
    about = [sentence.about for sentence in reasons]
    assert set(judgement.holding) <= set(about)
    assert set(about) <= {"", *judgement.holding, *policy.facts}
    higher = could_be_higher_if(policy, judgement, facts)
    assert {sentence.about for sentence in higher} == set(judgement.open_facts)
    for text in [headline(judgement), *(sentence.text for sentence in [*reasons, *higher])]:
        assert not re.search(r"\b(he|his|him|suspect)\b|\{value\}|_", text), text


def test_the_documentation_is_what_the_policy_and_its_scenarios_say() -> None:
    told = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    scenarios = load_scenarios(beside(FILES[0]), POLICIES["default"])
    assert told.split("<!-- described -->\n\n")[1] == describe(POLICIES["default"], scenarios)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenarios_fit_their_schema(path: Path) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "policy-scenarios.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(
        yaml.load(beside(path).read_text(), Loader=yaml.BaseLoader)
    )


BROKEN = [
    ("said: ['shard: yes']", "shard is not a fact"),
    ("said: ['shared: perhaps']", "says nothing that a yes/no can be"),
    ("said: ['times_seen: often']", "says nothing that a count can be"),
    ("said: ['worst_grade: D']", "says nothing that a choice can be"),
    ("start: answered yes", "is not known here"),
    ("clauses: [nothing]", "is not known here"),
    ("permits: [nothing]", "is not known here"),
    ("colour: red", "is not known here"),
]


@pytest.mark.parametrize(("line", "reason"), BROKEN)
def test_a_scenario_that_cannot_be_read_says_where_and_why(line: str, reason: str) -> None:
    text = f"scenarios:\n  - name: a\n    band: low\n    {line}\n"
    with pytest.raises(PolicyError, match=reason) as failed:
        read_scenarios(text.encode(), "mine.yaml", POLICIES["default"])
    assert failed.value.path == "mine.yaml" and failed.value.line == 4


def test_what_came_out_otherwise_is_said() -> None:
    text = (
        "scenarios:\n  - {name: a, band: low, said: ['shared: yes'], clauses: [contact], outstanding: [],"
        " permits: [arrest], refuses: [safeguarding_now]}\n"
    )
    (scenario,) = read_scenarios(text.encode(), "mine.yaml", POLICIES["default"]).every
    found = differences(POLICIES["default"], scenario, judged(POLICIES["default"], scenario))
    assert [words.split(",")[0] for words in found[:2]] == [
        "the band is high",
        "the deciding clauses are shared",
    ]
    assert any("arrest is not permitted" in words for words in found)
    assert any("safeguarding_now is permitted" in words for words in found)
