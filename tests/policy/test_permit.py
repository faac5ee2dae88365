"""What is permitted: unknown is never permission, forgetting opens nothing, and PostgreSQL says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from generated import conditions, facts_as_rows, facts_for, facts_relation, policies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from threshold.policy.combine import Among, FactValue, Interval, facts_of, unknown
from threshold.policy.document import load, read
from threshold.policy.interpret import evaluate
from threshold.policy.model import Policy
from threshold.policy.permit import Permission, permitted
from threshold.policy.route import Route
from threshold.policy.sql import judgement_query
from threshold.policy.sql_permit import permission_query

DEFAULT = load(Path(__file__).parents[2] / "policies" / "default.yaml")
ROUTES: tuple[Route, ...] = ("adult", "child", "age_not_established")
SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)


@st.composite
def permitting(draw: st.DrawFn) -> Policy:
    """A made-up policy with made-up responses."""
    document = draw(policies()).document
    facts = document["facts"]
    assert isinstance(facts, dict)
    responses = {}
    for n in range(draw(st.integers(1, 4))):
        bands = ("low", "medium", "high", "very_high")
        low, high = sorted(draw(st.tuples(st.integers(0, 3), st.integers(0, 3))))
        response: dict[str, object] = {
            "words": "do it", "for": draw(st.sampled_from(["adult", "premises", "child", "anyone"])),
            "source": "made up", "mark": "I", "officer_hours": "1.5", "second_person": "no", "clock": "7 days",
            "conditions": {
                f"condition_{m}": {"condition": condition, "words": "it is so", "source": "made up", "mark": "I"}
                for m, condition in enumerate(draw(st.lists(conditions(facts), max_size=3)))
            },
        }  # fmt: skip
        if draw(st.booleans()):
            response["at_least"] = bands[low]
        if draw(st.booleans()):
            response["at_most"] = bands[high]
        responses[f"response_{n}"] = response
    text = yaml.safe_dump({**document, "responses": responses}, sort_keys=False)
    return read(text.encode(), "made_up.yaml")


@SLOWLY
@given(st.data())
def test_unknown_is_never_permission(data: st.DataObject) -> None:
    policy = data.draw(permitting())
    facts = data.draw(facts_for(policy))
    for permission in permitted(policy, facts, data.draw(st.sampled_from(ROUTES))):
        assert permission.permitted == (not permission.failing and not permission.not_known)
        own = {finding.id: finding for finding in permission.findings}
        for condition in permission.response.conditions:
            truth = evaluate(policy, condition.expression, facts)
            assert own[condition.id].truth is truth
            assert truth is True or not permission.permitted
            assert bool(own[condition.id].open_facts) == (truth is None)


@SLOWLY
@given(st.data())
def test_forgetting_a_fact_never_opens_a_response(data: st.DataObject) -> None:
    policy = data.draw(permitting())
    facts = data.draw(facts_for(policy))
    route = data.draw(st.sampled_from(ROUTES))
    before = permitted(policy, facts, route)
    for name, rule in policy.facts.items():
        for was, now in zip(before, permitted(policy, {**facts, name: unknown(rule)}, route), strict=True):
            assert was.permitted or not now.permitted
    for was, now in zip(before, permitted(policy, facts, "age_not_established"), strict=True):
        if was.response.route != "premises":
            assert was.permitted or not now.permitted


@SLOWLY
@given(st.data())
def test_postgresql_permits_as_the_reference_does(
    postgres: Connection[dict[str, Any]], data: st.DataObject
) -> None:
    policy = data.draw(permitting())
    cases = data.draw(
        st.lists(st.tuples(facts_for(policy), st.sampled_from(ROUTES)), min_size=1, max_size=12)
    )
    judged = judgement_query(policy, facts_relation(policy))
    routed = f"SELECT j.*, (%(routes)s::text[])[j.subject] AS route FROM ({judged}) AS j"
    rows = postgres.execute(
        permission_query(policy, routed),
        {"facts": facts_as_rows([facts for facts, _ in cases]), "routes": [route for _, route in cases]},
    ).fetchall()
    by_key = {(row["subject"], row["response"]): row for row in rows}
    assert len(by_key) == len(rows) == len(cases) * len(policy.responses)
    for subject, (facts, route) in enumerate(cases, start=1):
        for permission in permitted(policy, facts, route):
            row = by_key[subject, permission.response.id]
            assert row["permitted"] is permission.permitted
            assert row["failing"] == [finding.id for finding in permission.failing]
            assert row["not_known"] == [finding.id for finding in permission.not_known]
            assert len(row["holding"]) + len(row["failing"]) + len(row["not_known"]) == len(
                permission.findings
            )


# --- the responses that ship -------------------------------------------------------------------------

HARMLESS: dict[str, FactValue] = {
    **{name: False for name, rule in DEFAULT.facts.items() if rule.kind == "yes_no"},
    "viewed": True,
    "adult_established": True,
    "occupants_known": True,
    "address_confirmed": True,
    "identity_ladder": Among("4", "4"),
    "worst_grade": Among("C", "C"),
    "times_seen": Interval(1, 1),
    "age": Interval(40, 40),
}


def of(response: str, facts: dict[str, FactValue], route: Route) -> Permission:
    return next(each for each in permitted(DEFAULT, facts, route) if each.response.id == response)


def test_a_blank_record_opens_safeguarding_alone() -> None:
    for route in ("adult", "age_not_established"):
        found = permitted(DEFAULT, facts_of(DEFAULT, []), route)
        assert [each.response.id for each in found if each.permitted] == ["safeguarding_now"]
    child = permitted(DEFAULT, facts_of(DEFAULT, []), "child")
    assert [each.response.id for each in child if each.permitted] == [
        "safeguarding_now",
        "childrens_services",
    ]


def test_a_visit_is_open_to_somebody_seen_once_of_whom_all_is_known() -> None:
    assert of("warning_visit", HARMLESS, "adult").permitted
    assert of("address_visit", HARMLESS, "adult").permitted
    assert of("address_visit", HARMLESS, "age_not_established").permitted


@pytest.mark.parametrize("response", ["warning_visit", "address_visit"])
def test_taking_any_one_fact_away_shuts_the_visit(response: str) -> None:
    needed = {
        name
        for condition in DEFAULT.response(response).conditions
        for name in DEFAULT.facts
        if name in condition.condition.replace("(", " ").split()
    }
    assert len(needed) >= 15
    for name in needed:
        blank = {**HARMLESS, name: unknown(DEFAULT.facts[name])}
        found = of(response, blank, "adult")
        assert not found.permitted and found.not_known and not found.failing, name


@pytest.mark.parametrize("route", ["child", "age_not_established"])
def test_no_letter_for_adults_leaves_the_adults_route(route: Route) -> None:
    for permission in permitted(DEFAULT, HARMLESS, route):
        if permission.response.route == "adult":
            assert not permission.permitted
    assert not of("address_visit", HARMLESS, "child").permitted


def test_an_age_that_straddles_eighteen_opens_no_response_to_an_adult() -> None:
    assert not of("warning_visit", {**HARMLESS, "age": Interval(16, 20)}, "age_not_established").permitted


def test_a_count_that_a_doubtful_link_would_raise_shuts_the_visit() -> None:
    found = of("warning_visit", {**HARMLESS, "times_seen": Interval(1, 3)}, "adult")
    assert not found.permitted
    assert {finding.id for finding in found.not_known} == {"seen_rarely"}


def test_twice_warned_is_never_visited_again() -> None:
    found = of("warning_visit", {**HARMLESS, "earlier_warning": True}, "adult")
    assert [finding.id for finding in found.failing] == ["no_earlier_warning"]


def test_a_band_that_could_be_graver_is_not_mild_enough() -> None:
    facts = {**HARMLESS, "shared": None}
    found = of("no_further_action", facts, "adult")
    assert [finding.id for finding in found.not_known] == ["at_most"]
    assert found.not_known[0].open_facts == ("shared",)
