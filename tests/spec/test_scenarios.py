"""Runs ``scenarios.yaml`` on every engine: the plain interpreter and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from generated import SAID, SUBJECTS, as_parameters
from psycopg import Connection

from threshold.policy.combine import Said, facts_of
from threshold.policy.document import load
from threshold.policy.interpret import Judgement, judge
from threshold.policy.model import band_name
from threshold.policy.reasons import could_be_higher_if, headline, why
from threshold.policy.sql import facts_query, judgement_query

POLICY = load(Path(__file__).parents[2] / "policies" / "default.yaml")
SCENARIOS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "scenarios.yaml").read_text())
START = datetime(2026, 3, 2, 12, tzinfo=UTC)
Engine = Callable[[list[Said]], Judgement]


def answered_no() -> list[str]:
    """Every check answered no; a report that was seen once, at the lowest grade."""
    special = {"worst_grade": ["worst_grade: C"], "times_seen": ["times_seen: seen", "times_seen: at most 1"]}
    return [line for check in POLICY.checks for line in special.get(check, [f"{check}: no"])]


def statements_of(scenario: dict[str, Any]) -> list[Said]:
    lines = answered_no() if scenario.get("start") == "answered no" else []
    lines = [line for line in lines if not line.startswith(f"{scenario.get('without')}:")]
    return [
        read_line(line, number) for number, line in enumerate([*lines, *scenario.get("said", [])], start=1)
    ]


def read_line(line: str, number: int) -> Said:
    name, value = line.split(": ")
    possible = name.startswith("possible ")
    as_of = START + timedelta(hours=number)
    fact = name.removeprefix("possible ")
    said: dict[str, Any]
    if value == "not known":
        return Said(fact, False, as_of, number, possible=possible)
    if value in ("yes", "no"):
        said = {"truth": value == "yes"}
    elif value == "seen":
        said = {}
    elif match := re.fullmatch(r"at least (\d+)", value):
        said = {"low": int(match[1])}
    elif match := re.fullmatch(r"at most (\d+)", value):
        said = {"high": int(match[1])}
    elif match := re.fullmatch(r"(\d+) to (\d+)", value):
        said = {"low": int(match[1]), "high": int(match[2])}
    else:
        said = {"choice": value}
    return Said(fact, True, as_of, number, possible=possible, **said)


@pytest.fixture(params=["interpreter", "postgresql"])
def engine(request: pytest.FixtureRequest, postgres: Connection[dict[str, Any]]) -> Engine:
    if request.param == "interpreter":
        return lambda said: judge(POLICY, facts_of(POLICY, said))

    def on_postgresql(said: list[Said]) -> Judgement:
        query = judgement_query(POLICY, facts_query(POLICY, SAID, SUBJECTS))
        row = postgres.execute(query, as_parameters([said])).fetchone()
        assert row is not None
        lists = ("deciding", "could", "holding", "open_facts", "outstanding")
        return Judgement(row["known"], row["could_be"], *(tuple(row[name]) for name in lists))

    return on_postgresql


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
def test_scenario(scenario: dict[str, Any], engine: Engine) -> None:
    judgement = engine(statements_of(scenario))
    known, could_be = band_name(judgement.known), band_name(judgement.could_be)
    assert scenario["band"] == (known if known == could_be else f"{known}, could be {could_be}")
    assert list(judgement.deciding) == scenario.get("clauses", [])
    for part in ("outstanding", "holding"):
        if part in scenario:
            assert list(getattr(judgement, part)) == scenario[part]


def test_every_clause_has_a_scenario_that_it_decides() -> None:
    decided = {clause for scenario in SCENARIOS for clause in scenario.get("clauses", [])}
    assert decided == {clause.id for clause in POLICY.clauses}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
def test_its_reasons_agree_with_it(scenario: dict[str, Any]) -> None:
    facts = facts_of(POLICY, statements_of(scenario))
    judgement = judge(POLICY, facts)
    reasons = why(POLICY, judgement, facts)
    about = [sentence.about for sentence in reasons]
    assert set(judgement.holding) <= set(about)
    assert set(about) <= {"", *judgement.holding, *POLICY.facts}
    higher = could_be_higher_if(POLICY, judgement, facts)
    assert {sentence.about for sentence in higher} == set(judgement.open_facts)
    for text in [headline(judgement), *(sentence.text for sentence in [*reasons, *higher])]:
        assert not re.search(r"\b(he|his|him|suspect)\b|\{value\}|_", text), text
