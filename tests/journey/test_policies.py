"""A policy comes into force by two people at a stated time, and is run in the shadow before that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from tests.stories import Team, Told, assessed, band

from threshold.acts.access import Actor, Refused, actor_by_name
from threshold.acts.asat import act_at
from threshold.acts.db import query
from threshold.acts.verbs import look
from threshold.enquiries.adopting import WrongPolicy
from threshold.enquiries.assess import policy_in_force
from threshold.enquiries.queries import policies, policy_proposals
from threshold.enquiries.shadow import compare
from threshold.journey.beginning import SHIPPED, default_policy
from threshold.journey.calendar import sweep, sweeper
from threshold.journey.policies import (
    FaultyPolicy,
    approve,
    begin_with_policy,
    decline,
    propose,
    propose_withdrawal,
)
from threshold.policy import document
from threshold.policy.model import Policy

POLICY = default_policy()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def second() -> Actor:
    found = actor_by_name("second_owner")
    assert found
    return found


def changed(*pairs: tuple[str, str], version: str = "4") -> Policy:
    text = POLICY.text.replace('version: "3"', f'version: "{version}"', 1)
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    return document.read(text.encode(), "changed.yaml")


STRICTER = ("id: shared\n    band: high", "id: shared\n    band: very_high")


def in_force() -> str:
    return policy_in_force(now()).version


def test_one_person_proposes_and_another_approves(team: Team, second: Actor) -> None:
    one = team.subject()
    team.state(one, "shared", "yes")
    number = propose(team.intake, changed(STRICTER))
    assert in_force() == "3" and band(one)[0] == 3
    with pytest.raises(WrongPolicy, match="second person"):
        approve(team.intake, number)
    assert in_force() == "3"
    assert approve(second, number) == 1
    assert in_force() == "4" and band(one)[0] == 4
    row = query("select * from policy_in_force order by id desc limit 1")[0]
    assert (row.proposed_by, row.approved_by) == (team.intake.id, second.id)
    assert row.digest_text == changed(STRICTER).digest
    with look(second, "tests") as seen:
        newest, first = policies(seen)
        assert (newest.proposed_by, newest.by_whom) == (team.intake.full_name, second.full_name)
        assert first.proposed_by is None
        assert policy_proposals(seen) == []
    with pytest.raises(WrongPolicy, match="no open proposal"):
        approve(second, number)


def test_who_may_not_adopt_can_do_nothing(team: Team) -> None:
    number = propose(team.intake, changed())
    for refused in (
        lambda: propose(team.analyst, changed(version="5")),
        lambda: approve(team.analyst, number),
        lambda: decline(team.analyst, number),
        lambda: propose_withdrawal(team.analyst, 1),
    ):
        with pytest.raises(Refused):
            refused()
    with pytest.raises(Refused), team.looking() as seen:
        compare(seen, POLICY, changed())


def test_a_policy_with_a_fault_cannot_be_proposed(team: Team) -> None:
    faulty = changed(("condition: times_seen >= 5", "condition: times_seen <= 5"))
    with pytest.raises(FaultyPolicy, match=r"changed.yaml, line \d+, clause seen_often"):
        propose(team.intake, faulty)
    assert query("select id from policy_proposal") == []


def test_a_later_time_is_kept_to_and_the_sweep_puts_it_to_work(team: Team, second: Actor) -> None:
    one = team.subject()
    team.state(one, "shared", "yes")
    soon = now() + timedelta(seconds=3)
    assert approve(second, propose(team.intake, changed(STRICTER), soon)) == 0
    assert in_force() == "3" and band(one)[0] == 3
    assert policy_in_force(soon).version == "4"
    calendar = sweeper()
    assert calendar
    while now() < soon:
        connection.cursor().execute("select pg_sleep(0.2)")
    assert sweep(calendar) == 1
    assert band(one)[0] == 4 and assessed(one).policy == changed(STRICTER).digest
    assert sweep(calendar) == 0


def test_never_two_from_one_instant(team: Team, second: Actor) -> None:
    at = now() + timedelta(days=10)
    first = propose(team.intake, changed(), at)
    with pytest.raises(WrongPolicy, match="begins at the same instant"):
        propose(second, changed(STRICTER, version="5"), at)
    approve(second, first)
    with pytest.raises(WrongPolicy, match="begins at the same instant"):
        propose(second, changed(STRICTER, version="5"), at)


def test_the_database_itself_refuses_two_at_once_and_one_person_twice(team: Team) -> None:
    insert = """
        insert into policy_in_force (asserted_by, name, version, digest_text, text, from_at, salt, digest,
                                     proposed_by, approved_by)
        select %s, name, version, digest_text, text, {at}, salt, digest, {by} from policy_in_force"""
    following = query("select max(id) + 1 as id from act")[0].id
    for at, by, refused in (
        ("from_at", "null, null", "policy_in_force_one_at_an_instant"),
        ("from_at + interval '1 day'", "7, 7", "policy_in_force_by_two"),
        ("from_at + interval '1 day'", "7, null", "policy_in_force_by_two"),
    ):
        with pytest.raises(IntegrityError, match=refused), transaction.atomic():
            cursor = connection.cursor()
            cursor.execute("select set_config('threshold.act', %s, true)", [str(following)])
            cursor.execute(insert.format(at=at, by=by), [following])


def test_a_version_belongs_to_one_document(team: Team, second: Actor) -> None:
    with pytest.raises(WrongPolicy, match="Raise the version"):
        propose(team.intake, changed(STRICTER, version="3"))
    number = propose(team.intake, changed(STRICTER))
    with pytest.raises(WrongPolicy, match=f"proposed already: proposal {number}"):
        propose(second, changed(STRICTER), now() + timedelta(days=1))
    decline(team.intake, number)
    assert propose(second, changed(STRICTER), now() + timedelta(days=1)) == number + 1


def test_it_is_withdrawn_by_two_and_the_one_before_decides_again(team: Team, second: Actor) -> None:
    one = team.subject()
    team.state(one, "shared", "yes")
    approve(second, propose(team.intake, changed(STRICTER)))
    newest, first = (row.id for row in query("select id from policy_in_force order by id desc"))
    number = propose_withdrawal(second, newest)
    with pytest.raises(WrongPolicy, match="second person"):
        approve(second, number)
    assert approve(team.intake, number) == 1
    assert in_force() == "3" and band(one)[0] == 3
    with pytest.raises(WrongPolicy, match="No policy would be left"):
        propose_withdrawal(second, first)
    with pytest.raises(WrongPolicy, match="There is no policy"):
        propose_withdrawal(second, newest)
    with look(second, "tests", as_at=now() - timedelta(microseconds=1)) as seen:
        assert [row.id for row in policies(seen)] == [first]


def test_one_that_has_not_begun_is_withdrawn_before_it_does(team: Team, second: Actor) -> None:
    at = now() + timedelta(days=2)
    approve(second, propose(team.intake, changed(STRICTER), at))
    assert policy_in_force(at).version == "4"
    later = query("select max(id) as id from policy_in_force")[0].id
    approve(second, propose_withdrawal(team.intake, later))
    assert policy_in_force(at).version == "3"


def test_a_home_begins_with_one_policy_only(team: Team) -> None:
    with pytest.raises(WrongPolicy, match="in force already"):
        begin_with_policy(team.intake, changed())


# --- in the shadow -----------------------------------------------------------------------------------


def test_the_shadow_counts_who_would_move_and_moves_nobody(team: Team, second: Actor) -> None:
    numbers = team.subjects_of(*(Told(f"s-{n}") for n in range(4)))
    for number in numbers[:3]:
        team.rule_out(number)
    team.state(numbers[0], "shared", "yes")
    team.state(numbers[1], "shared", "yes")
    before = [band(number) for number in numbers]
    policy = changed(STRICTER, version="9")
    with look(second, "tests") as seen:
        impact = compare(seen, POLICY, policy)
        assert seen.shown == []
    assert [band(number) for number in numbers] == before
    assert impact.subjects == 4 and impact.moved == 2
    (move,) = impact.moves
    assert (move.before, move.after, move.by, move.subjects) == ((3, 3), (4, 4), ("shared",), 2)
    hours = {each.rank: each.officer_minutes or 0 for each in POLICY.bands}
    assert impact.minutes_before == 2 * hours[3] + hours[1]
    assert impact.minutes_after == 2 * hours[4] + hours[1]
    assert impact.checks_before == impact.checks_after > 0
    approve(second, propose(team.intake, policy))
    moved = [band(number) for number in numbers]
    assert moved != before
    counted: dict[Any, int] = {}
    for pair in moved:
        counted[pair] = counted.get(pair, 0) + 1
    assert counted == impact.bands_after


def test_a_milder_policy_is_told_by_the_clause_that_is_gone(team: Team, second: Actor) -> None:
    one = team.subject()
    team.rule_out(one)
    team.state(one, "shared", "yes")
    milder = changed(("id: shared\n    band: high", "id: shared\n    band: medium"), version="9")
    with look(second, "tests") as seen:
        (move,) = compare(seen, POLICY, milder).moves
    assert (move.before, move.after, move.by) == ((3, 3), (2, 2), ("shared",))
    assert not move.rises


def test_a_quite_different_policy_judges_the_same_caseload(team: Team, second: Actor) -> None:
    one = team.subject()
    team.rule_out(one)
    three = document.load(SHIPPED / "policies" / "three_bands.yaml")
    with look(second, "tests") as seen:
        impact = compare(seen, POLICY, three)
    assert impact.bands_before == {(1, 1): 1}
    # It asks for a tool's result and for the home, which nobody has answered.
    assert impact.bands_after == {(0, 3): 1}


def test_as_at_a_date_both_judge_what_was_stored_then(team: Team, second: Actor) -> None:
    one = team.subject()
    team.rule_out(one)
    team.state(one, "shared", "yes")
    then = query("select max(at) as at from act")[0].at
    team.state(one, "contact", "yes")
    policy = changed(STRICTER, version="9")
    with look(second, "tests", as_at=then) as seen:
        assert seen.as_at == act_at(then)
        (move,) = compare(seen, POLICY, policy).moves
    assert (move.before, move.after) == ((3, 3), (4, 4))
    with look(second, "tests") as seen:
        assert compare(seen, POLICY, policy).moves == ()


def test_as_at_a_date_what_was_not_asked_then_is_not_known(team: Team, second: Actor) -> None:
    one = team.subject()
    team.rule_out(one)
    then = query("select max(at) as at from act")[0].at
    three = document.load(SHIPPED / "policies" / "three_bands.yaml")
    with look(second, "tests", as_at=then) as seen:
        impact = compare(seen, POLICY, three)
    assert impact.bands_after == {(0, 3): 1}
