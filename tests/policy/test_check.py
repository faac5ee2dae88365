"""What the check of a policy finds: the default is proved, and every planted fault is found and explained."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from generated import conditions, facts_for, policies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_permit import ROUTES, permitting
from z3 import Solver, is_true, sat

from threshold.policy.check import Fault, check, check_together
from threshold.policy.document import load, read
from threshold.policy.interpret import evaluate, judge
from threshold.policy.model import Policy
from threshold.policy.permit import permitted
from threshold.policy.symbols import Somebody

DEFAULT = Path(__file__).parents[2] / "policies" / "default.yaml"
PLAIN = yaml.load(DEFAULT.read_text(), Loader=yaml.BaseLoader)
VISIT = "response warning_visit"
SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


def faults(policy: Policy) -> list[Fault]:
    return [fault for proof in check(policy) for fault in proof.faults]


def planted(change: Callable[[dict[str, Any]], None]) -> Policy:
    document = copy.deepcopy(PLAIN)
    change(document)
    return read(yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode(), "planted.yaml")


def clause(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["clauses"] if each["id"] == name)


@pytest.mark.parametrize("name", ["default", "three_bands"])
def test_the_policies_that_ship_are_proved(name: str) -> None:
    proofs = check(load(DEFAULT.with_name(f"{name}.yaml")))
    assert len(proofs) == 12
    assert [str(fault) for proof in proofs for fault in proof.faults] == []


# --- the solver's picture is the interpreter's -----------------------------------------------------------


@SLOWLY
@given(st.data())
def test_the_solver_judges_as_the_interpreter_does(data: st.DataObject) -> None:
    policy = data.draw(policies()).policy
    facts, route = data.draw(facts_for(policy)), data.draw(st.sampled_from(ROUTES))
    person, solver = Somebody(policy), Solver()
    solver.add(*person.are(facts, route))
    assert solver.check() == sat
    model = solver.model()
    assert person.facts(model) == facts and person.route(model) == route
    for each in policy.clauses:
        known = person.of(each.expression)
        pair = is_true(model.eval(known.yes)), is_true(model.eval(known.no))
        assert (
            pair
            == {True: (True, False), False: (False, True), None: (False, False)}[
                evaluate(policy, each.expression, facts)
            ]
        )
    judgement = judge(policy, facts)
    for rank in range(1, 5):
        band = person.band_at_least(rank)
        assert is_true(model.eval(band.yes)) == (judgement.known >= rank)
        assert is_true(model.eval(band.no)) == (judgement.could_be < rank)


@SLOWLY
@given(st.data())
def test_the_solver_permits_as_the_reference_does(data: st.DataObject) -> None:
    policy = data.draw(permitting())
    facts, route = data.draw(facts_for(policy)), data.draw(st.sampled_from(ROUTES))
    person, solver = Somebody(policy), Solver()
    solver.add(*person.are(facts, route))
    assert solver.check() == sat
    for permission in permitted(policy, facts, route):
        found = is_true(solver.model().eval(person.permitted(permission.response)))
        assert found == permission.permitted


# --- planted faults ------------------------------------------------------------------------------------


def never_true(document: dict[str, Any]) -> None:
    clause(document, "seen_often")["condition"] = "times_seen >= 5 AND times_seen < 3"


def overtaken(document: dict[str, Any]) -> None:
    clause(document, "shared")["condition"] = "shared AND contact"


def overtaken_by_several(document: dict[str, Any]) -> None:
    clause(document, "shared")["condition"] = "shared AND (contact OR risk_to_life)"


def shadowed_by_an_equal(document: dict[str, Any]) -> None:
    clause(document, "graver_material")["condition"] = "times_seen >= 3"


def twice(document: dict[str, Any]) -> None:
    clause(document, "graver_material")["condition"] = "times_seen > 4"


def wrong_sign(document: dict[str, Any]) -> None:
    clause(document, "seen_often")["condition"] = "times_seen <= 5"


def wrong_sign_of_a_yes(document: dict[str, Any]) -> None:
    clause(document, "shared")["condition"] = "NOT shared"


def wrong_list(document: dict[str, Any]) -> None:
    clause(document, "graver_material")["condition"] = "worst_grade IN ('none', 'C')"


def nobody_can_answer(document: dict[str, Any]) -> None:
    for enquiry in document["enquiries"].values():
        enquiry["answers"] = [name for name in enquiry["answers"] if name != "position_of_trust"]


def visit(document: dict[str, Any]) -> dict[str, Any]:
    return document["responses"]["warning_visit"]["conditions"]


def open_on_unknown(document: dict[str, Any]) -> None:
    visit(document)["no_sharing"]["condition"] = "NOT shared OR viewed"


def bar_forgotten(document: dict[str, Any]) -> None:
    """With the band held at medium it would do no harm: contact that is not ruled out could be graver."""
    del document["responses"]["warning_visit"]["at_most"]
    del visit(document)["no_contact"]


def bar_opened(document: dict[str, Any]) -> None:
    del document["responses"]["warning_visit"]["at_most"]
    open_on_unknown(document)


def bar_turned_round(document: dict[str, Any]) -> None:
    visit(document)["no_earlier_warning"]["condition"] = "earlier_warning"


def for_anybody(document: dict[str, Any]) -> None:
    document["responses"]["warning_visit"]["for"] = "anyone"


def child_behind_it(document: dict[str, Any]) -> None:
    del document["responses"]["address_visit"]["conditions"]["no_child_there"]


def opened_by_more(document: dict[str, Any]) -> None:
    visit(document)["seen_rarely"]["condition"] = "times_seen >= 2"


def warns_in_secret(document: dict[str, Any]) -> None:
    document["responses"]["warning_visit"]["warns"] = "no"


def never_permitted(document: dict[str, Any]) -> None:
    document["responses"]["transfer"]["conditions"]["better_placed"]["condition"] = "contact AND NOT contact"


def nothing_permitted_in_a_band(document: dict[str, Any]) -> None:
    for response in document["responses"].values():
        response["at_most"] = "high"
        response.pop("at_least", None)


def somebody_left_alone(document: dict[str, Any]) -> None:
    document["responses"]["safeguarding_now"]["conditions"] = {
        "danger": {"condition": "risk_to_life", "words": "a life is at risk", "source": "ours", "mark": "I"}
    }


def a_band_without_clauses(document: dict[str, Any]) -> None:
    document["clauses"] = [each for each in document["clauses"] if each["band"] != "medium"]
    del document["unless_adult"]


def low_after_a_warning(document: dict[str, Any]) -> None:
    clause(document, "earlier_warning")["condition"] = "earlier_warning AND viewed"


def floor_not_kept(document: dict[str, Any]) -> None:
    document["floors"]["never_low_again"]["band"] = "high"


def mild_by_decree(document: dict[str, Any]) -> None:
    document["facts"]["shared"]["may_lower"] = "yes"


def source_not_checked(document: dict[str, Any]) -> None:
    del document["responses"]["arrest"]["conditions"]["grounds"]["checked"]


def more_time_for_the_graver(document: dict[str, Any]) -> None:
    document["bands"]["high"]["clock"] = "12 working days"


def trust_forgotten(document: dict[str, Any]) -> None:
    del document["responses"]["address_visit"]["at_most"]
    del document["responses"]["address_visit"]["conditions"]["no_trust"]


def without_enquiries(document: dict[str, Any]) -> None:
    del document["enquiries"]


@pytest.mark.parametrize(
    ("change", "where", "reason", "story"),
    [
        (never_true, "clause seen_often", "can never be true", ""),
        (overtaken, "clause shared", "whenever it holds, contact (very high", ""),
        (overtaken_by_several, "clause shared", "one of the graver clauses holds too", ""),
        (shadowed_by_an_equal, "clause graver_material", "seen_again", ""),
        (twice, "clause graver_material", "the same condition stands under two bands", ""),
        (wrong_sign, "clause seen_often", "a graver answer to times_seen", "the number of times"),
        (wrong_sign_of_a_yes, "clause shared", "a graver answer to shared", "no sign of sharing"),
        (wrong_list, "clause graver_material", "a graver answer to worst_grade", "the gravest grade"),
        (nobody_can_answer, "fact position_of_trust", "no enquiry can answer it", ""),
        (open_on_unknown, f"{VISIT}: condition no_sharing", "shared is not known", "sharing is not ruled out"),
        (bar_opened, f"{VISIT}: condition no_sharing", "open although", "sharing is not ruled out"),
        (bar_forgotten, VISIT, "open although contact with a child is not ruled out", "established as an adult"),
        (bar_turned_round, f"{VISIT}: condition no_earlier_warning", "open although", "was an earlier warning"),
        (for_anybody, VISIT, "may be a child", "For example somebody"),
        (child_behind_it, "response address_visit", "may be a child", "whether this person is a child"),
        (opened_by_more, f"{VISIT}: condition seen_rarely", "graver answer to times_seen opens", "shut where"),
        (warns_in_secret, "response warning_visit", "does not say so", ""),
        (never_permitted, "response transfer", "can never all be true", ""),
        (nothing_permitted_in_a_band, "band very_high", "nothing is ever permitted", ""),
        (somebody_left_alone, "band medium", "no response at all", "For example somebody"),
        (a_band_without_clauses, "band medium", "nobody can ever be medium", ""),
        (low_after_a_warning, "fact earlier_warning", "is not above low", "there was an earlier warning"),
        (floor_not_kept, "floor never_low_again", "below high", "there was an earlier warning"),
        (source_not_checked, "response arrest: condition grounds", "marked R", ""),
        (mild_by_decree, "fact shared", "can never put anybody in a milder band", ""),
        (more_time_for_the_graver, "band high", "has more time (12 working days) than medium (14 days)", ""),
        (
            trust_forgotten,
            "response address_visit",
            "although work and volunteering are not known",
            "not established",
        ),
        (without_enquiries, "enquiries", "enquiries is missing", ""),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found_and_explained(
    change: Callable[[dict[str, Any]], None], where: str, reason: str, story: str
) -> None:
    policy = planted(change)
    found = [fault for fault in faults(policy) if fault.where == where and reason in fault.reason]
    assert found, [str(fault) for fault in faults(policy)]
    fault = found[0]
    assert story in fault.story
    assert fault.path == "planted.yaml" and fault.remedy
    if where != "enquiries":
        assert fault.line > 1
        line = policy.text.splitlines()[fault.line - 1]
        kind, name = where.split(" ", 1)
        named = name.rsplit(" ", 1)[-1]
        if kind == "clause":
            assert line.strip().startswith("condition:")
        else:
            assert named in policy.text.splitlines()[fault.line - 2] or named in line
    assert str(fault).startswith("planted.yaml, line ")


def test_a_story_names_nobody_and_is_short() -> None:
    story = next(f.story for f in faults(planted(bar_forgotten)) if f.story)
    assert len(story) < 900 and "_" not in story


def test_two_versions_from_one_instant_are_a_fault() -> None:
    other = planted(lambda document: document.update(version="9"))
    (fault,) = check_together([load(DEFAULT), other])
    assert fault.where == "in_force_from" and "9" in fault.reason and fault.line > 1
    assert not list(check_together([load(DEFAULT), load(DEFAULT)]))
    later = planted(lambda document: document.update(version="9", in_force_from="2027-01-01T00:00:00Z"))
    assert not list(check_together([load(DEFAULT), later]))


# --- the verdict is what counting everybody gives ---------------------------------------------------------

SMALL = st.lists(
    st.tuples(
        st.sampled_from(["medium", "high", "very_high"]),
        conditions({name: {"kind": "yes_no"} for name in ("one", "two", "three")}),
    ),
    min_size=1,
    max_size=5,
)


@SLOWLY
@given(SMALL, st.booleans())
def test_deciding_and_shadowed_are_what_counting_everybody_gives(
    clauses: list[tuple[str, str]], fed: bool
) -> None:
    document = copy.deepcopy(PLAIN)
    for section in ("responses", "enquiries", "overrides", "floors", "unless_adult"):
        del document[section]
    words = {"if_yes": "yes", "if_no": "no", "if_not_known": "not known"}
    fact = {"kind": "yes_no", "question": "what?", "words": words}
    document["facts"] = {
        "one": {**fact, **({"yes_from": ["two"]} if fed else {})},
        "two": fact,
        "three": fact,
    }
    document["clauses"] = [
        {"id": f"c{n}", "band": band, "condition": c, "reason": "a", "source": "a", "mark": "I"}
        for n, (band, c) in enumerate(clauses)
    ]
    policy = read(json.dumps(document).encode(), "small.yaml")
    everybody = [
        judge(policy, dict(zip(("one", "two", "three"), facts, strict=True)))
        for facts in itertools.product([True, False], repeat=3)
        if not (fed and facts[1] and not facts[0])
    ]
    proofs = {proof.of: {fault.where for fault in proof.faults} for proof in check(policy)}
    useless = proofs["Every clause can decide for somebody."]
    shadowed = proofs["No clause is shadowed by one that is as grave or graver."]
    twice = proofs["No condition stands under two bands."]
    for clause in policy.clauses:
        decides = any(clause.id in judgement.deciding for judgement in everybody)
        named = f"clause {clause.id}" in useless | shadowed | twice
        assert decides or named, clause
        alone = [judgement for judgement in everybody if clause.id in judgement.holding]
        implied = any(
            other.rank >= clause.rank and all(other.id in judgement.holding for judgement in alone)
            for other in policy.clauses
            if other is not clause
        )
        # Of two clauses that are the same only the later, or the milder, is named.
        twin = any(
            f"clause {other.id}" in shadowed | twice
            and all((other.id in j.holding) == (clause.id in j.holding) for j in everybody)
            for other in policy.clauses
            if other is not clause
        )
        assert named == (not decides or implied) or (implied and twin), clause
