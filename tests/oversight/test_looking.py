"""Who looked at whom: an auditor finds it by numbers, and what looks unusual is asked about."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from tests.force import Force, subject_of_account
from tests.referrals import referral, write

from threshold.acts.access import Actor, NotVisible, Power, Refused
from threshold.acts.db import one
from threshold.acts.verbs import OpenLook, look
from threshold.journey import subjects
from threshold.journey.importing import files_under, take_in
from threshold.journey.subjects import Answer
from threshold.oversight.looking import PAGE, audit, audits, looks_of, officers, who_looked
from threshold.oversight.unusual import USUAL, Finding, Limits, Unusual, unusual, usual_hours
from threshold.oversight.verbs import WrongAudit, begin_audit
from threshold.people.queries import search

# Every look is an occasion of its own.
EACH = replace(USUAL, occasion=timedelta(microseconds=1))


@contextmanager
def auditing(force: Force) -> Iterator[OpenLook]:
    with look(force.actor("auditor"), "tests", Power.SEE_ALL_ACTS) as seen:
        yield seen


def opens(actor: Actor, subject: int, as_at: datetime | None = None) -> int:
    """An officer opens a record, or is refused it; the number of the look."""
    with suppress(NotVisible), look(actor, "subject", Power.SEE_SUBJECTS, as_at) as seen:
        seen.show_one(subject)
    return last_look()


def searches(actor: Actor, typed: str) -> int:
    with look(actor, "search", Power.SEE_SUBJECTS) as seen:
        search(seen, typed)
    return last_look()


def last_look() -> int:
    row = one("select max(id) as id from look")
    assert row is not None
    return int(row.id)


def looked_at(force: Force, subject: int) -> list[int]:
    with auditing(force) as seen:
        return [row.id for row in who_looked(seen, subject)[0]]


def found(force: Force, kind: str, limits: Limits = EACH, officer: str = "") -> list[Finding]:
    with auditing(force) as seen:
        everything: Unusual = unusual(seen, datetime.now(UTC) - timedelta(days=1), limits)
    return [
        each
        for each in everything.findings
        if each.kind == kind and (not officer or everything.by_whom[each.officer].username == officer)
    ]


def lives_at(force: Force, folder: Path, account: str, address: str, **name: str) -> int:
    """A reported person with this address; the subject."""
    text = referral(account, **name).replace(
        "</personOrUserReportedPerson>", f"<address>{address}</address></personOrUserReportedPerson>", 1
    )
    write(folder, {f"{account}/1.xml": text})
    take_in(force.actor("intake"), files_under([folder / account]))
    return subject_of_account(account)


def test_whoever_looked_at_a_subject_is_found_by_its_number(force: Force) -> None:
    free = force.subjects["free"]
    opened = opens(force.actor("elsewhere"), free)
    refused = opens(force.actor("elsewhere"), force.subjects["own"])
    assert looked_at(force, free)[0] == opened
    assert refused in looked_at(force, force.subjects["own"])
    assert refused not in looked_at(force, free)


def test_looks_are_found_at_every_number_that_the_subject_had_then(force: Force) -> None:
    analyst, own, free = force.actor("analyst"), force.subjects["own"], force.subjects["free"]
    smaller, larger = sorted((own, free))
    before = [opens(analyst, smaller), opens(analyst, larger)]
    link = subjects.same(analyst, own, free, "one man")
    joined = opens(analyst, smaller)
    assert {*before, joined} <= set(looked_at(force, smaller)) & set(looked_at(force, larger))
    subjects.undo(analyst, link, "two men")
    after = opens(analyst, smaller)
    assert {before[1], joined} <= set(looked_at(force, larger))
    assert before[0] not in looked_at(force, larger) and after not in looked_at(force, larger)
    assert {before[0], joined, after} <= set(looked_at(force, smaller))
    assert before[1] not in looked_at(force, smaller)


def test_a_look_at_a_past_date_is_held_against_the_numbers_of_that_date(force: Force) -> None:
    analyst, own, free = force.actor("analyst"), force.subjects["own"], force.subjects["free"]
    smaller, larger = sorted((own, free))
    apart = datetime.now(UTC)
    subjects.same(analyst, own, free, "one man")
    past = opens(analyst, larger, as_at=apart)
    assert past in looked_at(force, smaller), "the one whom larger is today was looked at"


def test_the_auditors_own_look_is_looked_at(force: Force) -> None:
    free = force.subjects["free"]
    looked_at(force, free)
    with auditing(force) as seen:
        newest = who_looked(seen, free)[0][0]
    assert (newest.by_whom, newest.shown) == ("Aud Auditor", [])


def test_only_an_auditor_sees_who_looked(force: Force) -> None:
    for name in ("analyst", "supervisor", "administrator", "chief"):
        with look(force.actor(name), "tests") as seen:
            for ask in (
                lambda seen=seen: who_looked(seen, 1),
                lambda seen=seen: unusual(seen, datetime.now(UTC)),
                lambda seen=seen: audits(seen),
                lambda seen=seen: officers(seen),
            ):
                with pytest.raises(Refused):
                    ask()
        with pytest.raises(Refused):
            begin_audit(force.actor(name), "analyst", *[datetime.now(UTC).date()] * 2, "curious")


def test_one_officers_looks_are_shown_for_a_reason_and_for_these_days_alone(force: Force) -> None:
    free, today = force.subjects["free"], datetime.now(UTC).date()
    opened = opens(force.actor("elsewhere"), free)
    for wrong in (
        ("nobody at all", today, today, "why"),
        ("elsewhere", today, today, "  "),
        ("elsewhere", today, today - timedelta(days=1), "why"),
        ("elsewhere", None, today, "why"),
        ("elsewhere", today, today, "x" * 501),
    ):
        with pytest.raises(WrongAudit):
            begin_audit(force.actor("auditor"), *wrong)
    day = timedelta(days=1)
    number = begin_audit(force.actor("auditor"), "elsewhere", today - day, today + day, "A complaint")
    old = begin_audit(force.actor("auditor"), "elsewhere", today - 9 * day, today - 8 * day, "A complaint")
    with auditing(force) as seen:
        said = audit(seen, number)
        assert said is not None and (said.whose, said.reason) == ("Else Investigator", "A complaint")
        rows, total = looks_of(seen, said)
        assert rows[0].id == opened and total == len(rows) <= PAGE
        assert {row.actor for row in rows} == {force.actor("elsewhere").id}
        assert looks_of(seen, audit(seen, old)) == ([], 0)
        assert [row.id for row in audits(seen)[0]] == [old, number]
    with look(force.actor("demo"), "tests") as seen:
        assert audit(seen, number) is None, "a second auditor gives a reason of their own"


def test_an_officer_who_looks_up_his_neighbour_is_found(force: Force, tmp_path: Path) -> None:
    neighbour = lives_at(
        force, tmp_path, "n-1", "14 Example Row, Testtown, ZZ1 1ZZ", first="Nat", last="Next"
    )
    looks = [searches(force.actor("elsewhere"), "14 example row"), opens(force.actor("elsewhere"), neighbour)]
    (by_address,) = found(force, "address", USUAL)
    assert by_address.officer == force.actor("elsewhere").id
    assert by_address.subjects == (neighbour,) and by_address.looks == (looks[0],)
    assert "one street or postcode once" in by_address.says and "took" not in by_address.says
    (searched,) = found(force, "searched", USUAL, "elsewhere")
    assert searched.subjects == (neighbour,) and searched.looks == tuple(looks)
    assert looks == looked_at(force, neighbour)[:2][::-1]


@pytest.mark.parametrize("typed", ["ZZ9 9ZZ", "7 Nowhere Street, zz9 9zz"])
def test_a_postcode_that_finds_nobody_is_asked_about_too(force: Force, typed: str) -> None:
    number = searches(force.actor("elsewhere"), typed)
    (one,) = found(force, "address", USUAL)
    assert (one.subjects, one.looks) == ((), (number,))


def test_whoever_works_there_may_look_up_the_address(force: Force, tmp_path: Path) -> None:
    officer = force.actor("elsewhere")
    number = lives_at(force, tmp_path, "n-1", "14 Example Row, Testtown, ZZ1 1ZZ", first="Nat", last="Next")
    subjects.take(officer, number)
    searches(officer, "14 example row")
    opens(officer, number)
    assert not found(force, "address") and not found(force, "searched", officer="elsewhere")


@pytest.mark.parametrize("how", ["opened", "searched", "account"])
def test_an_officer_who_looks_up_their_own_name_is_found_without_its_being_shown(
    force: Force, tmp_path: Path, how: str
) -> None:
    officer = force.actor("elsewhere")
    account = "else investigator, the second" if how == "account" else "own-name-1"
    name = {"first": "ELSE", "last": "INVESTIGATOR"} if how == "opened" else {}
    write(tmp_path, {"own/1.xml": referral(account, **name)})
    take_in(force.actor("intake"), files_under([tmp_path / "own"]))
    number = subject_of_account(account)
    searched = how == "searched"
    looks = searches(officer, "  ELSE Investigator Testtown") if searched else opens(officer, number)
    opens(force.actor("analyst"), number)
    (own,) = found(force, "own name", USUAL)
    assert (own.officer, own.looks) == (officer.id, (looks,))
    assert own.subjects == (() if searched else (number,))
    assert "nvestigator" not in own.says


def test_a_colleagues_subject_opened_again_and_again_is_asked_about(force: Force) -> None:
    taken_by_north, taken_by_south = force.subjects["own"], force.subjects["other"]
    analyst, named = force.actor("analyst"), force.actor("named")
    for _ in range(3):
        opens(named, taken_by_north)
        opens(analyst, taken_by_north)
        opens(force.actor("investigator"), taken_by_north)
        opens(named, taken_by_south)
    by_officer = {(each.officer, each.subjects): each for each in found(force, "colleague")}
    assert by_officer.keys() == {
        (named.id, (taken_by_north,)),
        (named.id, (taken_by_south,)),
    }, "the analyst stated something about it in the same team; the investigator has taken it"
    assert "of another team and who did no act" in by_officer[named.id, (taken_by_north,)].says
    assert "Ivo Investigator had taken it" in by_officer[named.id, (taken_by_north,)].says
    assert "another team" not in by_officer[named.id, (taken_by_south,)].says


def test_an_act_on_it_ends_the_question_under_any_number(force: Force) -> None:
    own, free = force.subjects["own"], force.subjects["free"]
    named = force.actor("named")
    for _ in range(3):
        opens(named, free)
    assert [each.subjects for each in found(force, "no act", officer="named")] == [(free,)]
    assert not found(force, "no act", USUAL, "named"), "three pages within ten minutes are one occasion"
    subjects.same(named, own, free, "one man")
    assert not found(force, "no act", officer="named")


def test_a_statement_is_an_act_on_it(force: Force) -> None:
    free, named = force.subjects["free"], force.actor("named")
    for _ in range(3):
        opens(named, free)
    subjects.state(named, free, Answer("lives_with_children", "yes", "intelligence", "Local records"))
    assert not found(force, "no act", officer="named")


def test_trying_a_refused_record_again_and_again_is_asked_about(force: Force) -> None:
    officer, closed = force.actor("elsewhere"), force.subjects["closed"]
    looks = [opens(officer, closed) for _ in range(2)]
    assert not found(force, "refused")
    looks.append(opens(officer, closed))
    (tried,) = found(force, "refused")
    assert (tried.subjects, tried.looks) == ((closed,), tuple(looks))
    assert "3 times" in tried.says
    for _ in range(5):
        with suppress(Refused), look(force.actor("chief"), "deliveries", Power.SEE_DELIVERIES):
            pass
    assert [each.subjects for each in found(force, "refused", officer="chief")] == [()]


Earlier = Callable[[Actor, datetime, int], int]


@pytest.fixture
def looked_earlier(force: Force) -> Iterator[Earlier]:
    """Looks of other times, which only the database's owner could write."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("alter table look disable trigger user")

        def write_look(actor: Actor, at: datetime, subject: int) -> int:
            number = last_look() + 1
            connection.execute(
                """insert into look (id, at, actor, route, shown, body, prev, hash)
                   values (%s, %s, %s, 'subject', %s, jsonb_build_object('subject', %s::bigint), %s, '')""",
                [number, at, actor.id, [subject], subject, secrets.token_bytes(32)],
            )
            return number

        yield write_look


def test_a_burst_is_told_with_what_is_usual(force: Force, looked_earlier: Earlier) -> None:
    named, analyst, now = force.actor("named"), force.actor("analyst"), datetime.now(UTC)
    week_ago = now - timedelta(days=7)
    for hour in range(4):
        for subject in range(1, 3):
            looked_earlier(named, week_ago + timedelta(hours=hour), subject)
        for subject in range(1, 8):
            looked_earlier(analyst, week_ago + timedelta(hours=hour), subject)
    burst = [looked_earlier(named, now, subject) for subject in range(1, 25)]
    looked_earlier(named, now, 1)
    assert not found(force, "burst", replace(USUAL, burst_least=25))
    assert not found(force, "burst", replace(USUAL, burst_times=4)), "colleagues' usual is 7"
    (one,) = found(force, "burst", USUAL)
    assert one.officer == named.id and set(burst) < set(one.looks) and len(one.subjects) == 24
    assert "24 different subjects" in one.says
    assert "The officer: usually 2 (median of 4 hours)" in one.says
    assert "Colleagues: usually 7 (median of 4 hours)" in one.says


def test_looks_outside_the_usual_hours_are_asked_about(force: Force, looked_earlier: Earlier) -> None:
    named = force.actor("named")
    midday = (datetime.now(UTC) - timedelta(days=20)).replace(hour=12, minute=5)
    for day in range(10):
        for hour in range(-3, 5):
            looked_earlier(named, midday + timedelta(days=day, hours=hour), 1)
    yesterday = datetime.now(UTC) - timedelta(hours=23)
    outside = {
        looked_earlier(named, at, 1)
        for at in (yesterday + timedelta(hours=n) for n in range(22))
        if at.hour < 7 or at.hour > 18
    }
    assert not found(force, "hours", USUAL, "named"), "of eighty looks nothing usual can be said"
    (one,) = found(force, "hours", replace(USUAL, hours_least=80), "named")
    assert outside <= set(one.looks)
    assert "Of 80 looks in the weeks before" in one.says


def test_usual_hours_go_round_the_clock() -> None:
    from collections import Counter

    assert usual_hours(Counter({23: 50, 0: 49, 12: 1}), replace(USUAL, hours_share=0.02)) == {22, 23, 0, 1}


def test_what_is_found_stands_on_looks_that_are_there_and_says_no_content(
    force: Force, tmp_path: Path
) -> None:
    neighbour = lives_at(force, tmp_path, "n-1", "14 Example Row, Testtown", first="Nat", last="Next")
    searches(force.actor("elsewhere"), "14 example row")
    opens(force.actor("elsewhere"), neighbour)
    with auditing(force) as seen:
        everything = unusual(seen, datetime.now(UTC) - timedelta(days=1), EACH)
    assert everything.findings
    for each in everything.findings:
        assert each.looks and each.says.endswith(".")
        assert not {"row", "example", "nat", "next"} & set(each.says.lower().replace(".", "").split())


def test_the_limits_are_said_as_they_are() -> None:
    assert any("30 different subjects" in line for line in replace(USUAL, burst_least=30).says())
