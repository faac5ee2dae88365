"""Accounts: a second person for every role, wrong passwords counted, sessions that end, tokens that are replaced."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.force import PEOPLE, Force

from threshold.acts import officers
from threshold.acts.access import GIVEN, Actor, Refused, Role, actor_by_name
from threshold.acts.db import execute, one, query
from threshold.acts.officers import (
    FAILURES_BEFORE_LOCK,
    LOCKED_FOR,
    SignInFailed,
    WrongAccount,
    actor_by_token,
    approve_role,
    change_password,
    end_account,
    first_accounts,
    issue_token,
    make_account,
    request_role,
    reset_password,
    revoke_token,
    session_epoch,
    sign_in,
    take_role,
)
from threshold.acts.record import verify
from threshold.journey.calendar import sweeper


def ada(force: Force) -> Actor:
    return force.actor("administrator")


def alex(force: Force) -> Actor:
    return force.actor("administrator2")


def epoch(force: Force, name: str) -> int | None:
    return session_epoch(force.actor(name).id)


def account(name: str) -> Any:
    return one("select * from officer where username = %s", [name])


# --- roles need two


def test_a_role_counts_when_a_second_administrator_has_approved_it(force: Force) -> None:
    request = request_role(ada(force), "nobody", Role.ANALYST)
    assert force.actor("nobody").roles == frozenset()
    approve_role(alex(force), request)
    assert force.actor("nobody").roles == {Role.ANALYST}
    with pytest.raises(WrongAccount, match="no open request"):
        approve_role(alex(force), request)
    assert verify().whole


def test_nobody_approves_what_they_asked_for(force: Force) -> None:
    request = request_role(ada(force), "nobody", Role.ANALYST)
    with pytest.raises(WrongAccount, match="needs a second person"):
        approve_role(ada(force), request)
    assert force.actor("nobody").roles == frozenset()


def test_nobody_approves_a_role_for_themselves(force: Force) -> None:
    request = request_role(ada(force), "administrator2", Role.SUPERVISOR)
    with pytest.raises(WrongAccount, match="needs a second person"):
        approve_role(alex(force), request)
    assert force.actor("administrator2").roles == {Role.ADMINISTRATOR}


def test_a_role_asked_for_oneself_still_needs_another(force: Force) -> None:
    request = request_role(ada(force), "administrator", Role.SUPERVISOR)
    with pytest.raises(WrongAccount, match="needs a second person"):
        approve_role(ada(force), request)
    approve_role(alex(force), request)
    assert Role.SUPERVISOR in ada(force).roles


def test_a_request_that_was_declined_cannot_be_approved(force: Force) -> None:
    request = request_role(ada(force), "nobody", Role.ANALYST)
    officers.decline_role(ada(force), request)
    with pytest.raises(WrongAccount, match="no open request"):
        approve_role(alex(force), request)


def test_a_role_asked_for_twice_is_given_once(force: Force) -> None:
    first = request_role(ada(force), "nobody", Role.ANALYST)
    with pytest.raises(WrongAccount, match=f"asked for already: request {first}"):
        request_role(alex(force), "nobody", Role.ANALYST)
    approve_role(alex(force), first)
    with pytest.raises(WrongAccount, match="has the role analyst already"):
        request_role(ada(force), "nobody", Role.ANALYST)


def test_a_role_is_not_given_to_an_account_that_was_closed_meanwhile(force: Force) -> None:
    request = request_role(ada(force), "nobody", Role.ANALYST)
    end_account(ada(force), "nobody")
    with pytest.raises(WrongAccount):
        approve_role(alex(force), request)


def test_the_role_of_the_calendar_is_given_to_nobody(force: Force) -> None:
    with pytest.raises(WrongAccount, match="not given to people"):
        request_role(ada(force), "nobody", Role.SWEEP)


def test_taking_a_role_away_needs_one_person_and_ends_the_sessions(force: Force) -> None:
    before = epoch(force, "analyst")
    take_role(ada(force), "analyst", Role.ANALYST)
    assert force.actor("analyst").roles == frozenset()
    after = epoch(force, "analyst")
    assert before is not None and after is not None and after > before


@pytest.mark.parametrize("name", [person[0] for person in PEOPLE if Role.ADMINISTRATOR not in person[3]])
def test_nobody_but_an_administrator_touches_accounts(standing_force: Force, name: str) -> None:
    actor = standing_force.actor(name)
    for attempt in (
        lambda: make_account(actor, "new", "New Person", ""),
        lambda: request_role(actor, "nobody", Role.ANALYST),
        lambda: approve_role(actor, 1),
        lambda: officers.decline_role(actor, 1),
        lambda: take_role(actor, "analyst", Role.ANALYST),
        lambda: end_account(actor, "analyst"),
        lambda: reset_password(actor, "analyst"),
        lambda: issue_token(actor, "administrator"),
    ):
        with pytest.raises(Refused):
            attempt()


# --- the first accounts


def test_the_first_accounts_are_made_only_once(force: Force) -> None:
    with pytest.raises(WrongAccount, match="has accounts already"):
        first_accounts([("another", "Another", "", [Role.ADMINISTRATOR])])
    assert actor_by_name("another") is None


def test_a_new_home_has_the_calendar_and_no_password_for_it(force: Force) -> None:
    system = sweeper()
    assert system is not None and system.roles == {Role.SWEEP}
    for password in ("", "sweep", "!"):
        with pytest.raises(SignInFailed):
            sign_in("sweep", password)


def test_every_first_account_has_its_own_long_password(force: Force) -> None:
    assert len(set(force.passwords.values())) == len(PEOPLE)
    assert all(len(password) >= 20 for password in force.passwords.values())
    stored = query("select password from officer where username <> 'sweep'")
    assert all(row.password.startswith("argon2") for row in stored)


def test_two_accounts_never_have_one_name(force: Force) -> None:
    with pytest.raises(WrongAccount, match="an account analyst already"):
        make_account(ada(force), " analyst ", "Other", "")
    with pytest.raises(WrongAccount, match="an account Analyst already"):
        make_account(ada(force), "Analyst", "Other", "")
    for name, full_name in (("", "Somebody"), ("  ", "Somebody"), ("somebody", " ")):
        with pytest.raises(WrongAccount, match="needs a user name and a full name"):
            make_account(ada(force), name, full_name, "")


@pytest.mark.parametrize("name", ["ana lyst", "ana:lyst", "ana\tlyst", "ana\u202elyst", "x" * 200, "nul\x00"])
def test_a_user_name_is_one_plain_word(standing_force: Force, name: str) -> None:
    """A colon would end the name in a token; what cannot be seen could pass for another's name."""
    with pytest.raises(WrongAccount, match="user name"):
        make_account(ada(standing_force), name, "Somebody", "")
    with pytest.raises(WrongAccount, match="full name"):
        make_account(ada(standing_force), "somebody", "Some\x00body", "")


# --- signing in


def test_signing_in_gives_the_officer_and_every_try_is_a_look(force: Force) -> None:
    looks = one("select count(*) as n from look")
    assert sign_in("analyst", force.passwords["analyst"]).id == force.actor("analyst").id
    for name, password in (("analyst", "wrong"), ("nobody here", "wrong")):
        with pytest.raises(SignInFailed):
            sign_in(name, password)
    rows = query("select actor, body from look where id > %s order by id", [looks.n if looks else 0])
    ann = force.actor("analyst").id
    assert [(row.actor, row.body["signed_in"]) for row in rows] == [(ann, 1), (ann, 0), (0, 0)]
    assert verify().whole


def test_after_five_wrong_tries_the_right_password_waits_fifteen_minutes(force: Force) -> None:
    assert (5, timedelta(minutes=15)) == (FAILURES_BEFORE_LOCK, LOCKED_FOR)
    right = force.passwords["analyst"]
    for _ in range(4):
        with pytest.raises(SignInFailed):
            sign_in("analyst", "wrong")
    sign_in("analyst", right)  # a right one forgives the wrong ones before it
    for _ in range(5):
        with pytest.raises(SignInFailed):
            sign_in("analyst", "wrong")
    locked = account("analyst").locked_until - datetime.now(UTC)
    assert timedelta(minutes=14) < locked <= timedelta(minutes=15)
    with pytest.raises(SignInFailed):
        sign_in("analyst", right)
    execute("update officer set locked_until = now() - interval '1 second' where username = 'analyst'")
    assert sign_in("analyst", right).username == "analyst"
    assert account("analyst").failed_sign_ins == 0


def test_after_the_lock_has_passed_one_more_wrong_try_does_not_lock_at_once(force: Force) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            sign_in("analyst", "wrong")
    execute("update officer set locked_until = now() - interval '1 second' where username = 'analyst'")
    with pytest.raises(SignInFailed):
        sign_in("analyst", "wrong")
    assert sign_in("analyst", force.passwords["analyst"])


def test_tries_while_locked_do_not_lock_an_officer_out_for_ever(force: Force) -> None:
    for _ in range(8):
        with pytest.raises(SignInFailed):
            sign_in("analyst", "wrong")
    assert account("analyst").locked_until <= datetime.now(UTC) + timedelta(minutes=15)
    first = account("analyst").locked_until
    with pytest.raises(SignInFailed):
        sign_in("analyst", "wrong")
    assert account("analyst").locked_until == first


def test_a_locked_account_does_not_tell_whether_the_password_is_right(force: Force) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            sign_in("analyst", "wrong")
    answers = set()
    for password in ("wrong", force.passwords["analyst"]):
        with pytest.raises(SignInFailed) as refused:
            sign_in("analyst", password)
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_an_unknown_name_is_answered_in_the_same_words_and_time(force: Force) -> None:
    def refused(name: str) -> tuple[str, float]:
        began = time.process_time()
        with pytest.raises(SignInFailed) as answer:
            sign_in(name, "wrong password of somebody")
        return str(answer.value), time.process_time() - began

    end_account(ada(force), "investigator")
    known, unknown, closed = (
        sorted(refused(name) for _ in range(3)) for name in ("analyst", "no such name", "investigator")
    )
    assert known[0][0] == unknown[0][0] == closed[0][0]
    # All of them work out one Argon2: of the same order, not a hundredth.
    assert min(known[1][1], unknown[1][1], closed[1][1]) > max(known[1][1], unknown[1][1], closed[1][1]) / 5


@pytest.mark.parametrize("name", ["", "nul\x00", "half \ud800", "x" * 10_000, "'; drop table officer; --"])
def test_a_strange_name_is_only_a_wrong_name(standing_force: Force, name: str) -> None:
    with pytest.raises(SignInFailed):
        sign_in(name, "wrong")
    with pytest.raises(SignInFailed):
        sign_in("auditor", name)


def test_a_closed_account_neither_signs_in_nor_goes_on(force: Force) -> None:
    token = issue_token(ada(force), "analyst")
    end_account(ada(force), "analyst")
    with pytest.raises(SignInFailed):
        sign_in("analyst", force.passwords["analyst"])
    assert actor_by_token(token) is None
    assert actor_by_name("analyst") is None
    assert session_epoch(account("analyst").id) is None


# --- sessions


def test_whatever_changes_what_an_officer_may_do_ends_their_sessions(force: Force) -> None:
    last = epoch(force, "nobody")
    assert last is not None
    for change in (
        lambda: approve_role(alex(force), request_role(ada(force), "nobody", Role.ANALYST)),
        lambda: change_password(force.actor("nobody"), force.passwords["nobody"], "a sentence of my own"),
        lambda: take_role(ada(force), "nobody", Role.ANALYST),
        lambda: reset_password(ada(force), "nobody"),
    ):
        change()
        now = epoch(force, "nobody")
        assert now is not None and now > last
        last = now


def test_a_request_alone_ends_no_session(force: Force) -> None:
    before = epoch(force, "nobody")
    request_role(ada(force), "nobody", Role.ANALYST)
    assert epoch(force, "nobody") == before


# --- passwords


@pytest.mark.parametrize("new", ["short", "", "x" * 11, "password1234"])
def test_a_weak_password_is_refused_with_the_reason(standing_force: Force, new: str) -> None:
    with pytest.raises(WrongAccount, match=r"too short|too common"):
        change_password(standing_force.actor("chief"), standing_force.passwords["chief"], new)


def test_a_password_like_ones_own_name_is_refused(standing_force: Force) -> None:
    with pytest.raises(WrongAccount, match="too similar"):
        change_password(
            standing_force.actor("other_supervisor"),
            standing_force.passwords["other_supervisor"],
            "other_supervisor",
        )


def test_the_old_password_is_needed_and_tries_are_counted(force: Force) -> None:
    analyst = force.actor("analyst")
    for _ in range(FAILURES_BEFORE_LOCK):
        with pytest.raises(SignInFailed):
            change_password(analyst, "wrong", "a sentence of my own")
    with pytest.raises(SignInFailed):
        change_password(analyst, force.passwords["analyst"], "a sentence of my own")
    with pytest.raises(SignInFailed):
        sign_in("analyst", force.passwords["analyst"])


def test_a_new_password_counts_and_the_old_one_does_not(force: Force) -> None:
    change_password(force.actor("analyst"), force.passwords["analyst"], "a sentence of my own")
    assert sign_in("analyst", "a sentence of my own")
    with pytest.raises(SignInFailed):
        sign_in("analyst", force.passwords["analyst"])


def test_a_reset_lifts_the_lock(force: Force) -> None:
    for _ in range(5):
        with pytest.raises(SignInFailed):
            sign_in("analyst", "wrong")
    assert sign_in("analyst", reset_password(ada(force), "analyst").password)


# --- tokens


def test_a_token_is_its_officer_until_it_is_replaced(force: Force) -> None:
    first = issue_token(ada(force), "analyst")
    found = actor_by_token(first)
    assert found == force.actor("analyst")
    second = issue_token(ada(force), "analyst")
    assert actor_by_token(first) is None
    assert actor_by_token(f"  {second}\n") == found
    assert first.partition(":")[2].encode() not in bytes(account("analyst").token_digest)


def test_a_token_is_ones_own_to_make_and_to_revoke(force: Force) -> None:
    investigator = force.actor("investigator")
    token = issue_token(investigator, "investigator")
    assert actor_by_token(token) == investigator
    with pytest.raises(Refused):
        revoke_token(investigator, "analyst")
    revoke_token(investigator, "investigator")
    assert actor_by_token(token) is None
    with pytest.raises(WrongAccount, match="has no token"):
        revoke_token(ada(force), "investigator")
    verbs = [row.verb for row in query("select verb from act order by id desc limit 2")]
    assert verbs == ["revoke token", "issue token"], "a refused one leaves no act"


@pytest.mark.parametrize(
    "token", ["", ":", "analyst", "analyst:", "analyst:x", ":x", "nul\x00:x", "a\ud800:\ud800"]
)
def test_what_is_no_token_is_nobody(standing_force: Force, token: str) -> None:
    assert actor_by_token(token) is None


def test_a_reset_takes_the_token_away_as_well(force: Force) -> None:
    """Whoever has lost control of an account has lost its token too."""
    token = issue_token(ada(force), "analyst")
    reset_password(ada(force), "analyst")
    assert actor_by_token(token) is None


def test_there_are_as_many_roles_as_the_matrix_gives(standing_force: Force) -> None:
    assert set(GIVEN) == set(Role) - {Role.SWEEP}
