"""A sender sends a report again with other content: which stands, who is who, and what nobody loses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.stories import RECEIVED, Team, Told, assessed, standing_links, subject_of, view

from threshold.acts.db import query
from threshold.acts.record import verify
from threshold.cases import verbs as cases
from threshold.intake.verbs import WrongReport
from threshold.journey import subjects
from threshold.people.versions import Described, successors

LATER = RECEIVED + timedelta(days=3)


def conversation(told: Told, number: int, folder: str) -> dict[str, str]:
    """A report with the clearing house's answer, which gives it its number."""
    answer = f"<reportResponse><responseCode>0</responseCode><reportId>{number}</reportId></reportResponse>"
    return {f"{folder}/1.xml": told.xml(), f"{folder}/2.xml": answer}


def send(team: Team, told: Told, number: int = 4711, received_at: datetime = RECEIVED) -> list[str]:
    """What became of the report; the answer that comes with it is no entry."""
    receipt = team.take_in_files(conversation(told, number, told.label), received_at)
    return [entry.state for entry in receipt.told]


def versions() -> list[tuple[str, str]]:
    rows = query(
        """select a.words as earlier, b.words as later from report_version v
           join report a on a.id = v.earlier join report b on b.id = v.later
           where v.retracted_by is null order by v.id"""
    )
    return [(row.earlier, row.later) for row in rows]


FIRST = Told("a-1", emails=("one@example.org",), label="first")


def test_the_later_version_is_current_and_keeps_the_subject_and_what_officers_said(team: Team) -> None:
    assert send(team, FIRST) == ["registered"]
    subject = subject_of("first")
    team.state(subject, "access_to_children", "yes")
    graded = assessed(subject)
    second = Told("a-1", emails=("one@example.org", "two@example.org"), label="second")
    assert send(team, second, received_at=LATER) == ["registered"]
    assert versions() == [("first", "second")]
    assert subject_of("first") == subject_of("second") == subject
    now = assessed(subject)
    assert now.facts == graded.facts and (now.known, now.could_be) == (graded.known, graded.could_be)
    assert (now.clock_from, now.due) == (graded.clock_from, graded.due)
    assert verify().whole


def test_one_sighting_told_twice_is_one_sighting(team: Team) -> None:
    send(team, FIRST)
    before = assessed(subject_of("first")).facts
    send(team, Told("a-1", solicited=True, label="second"), received_at=LATER)
    after = assessed(subject_of("second")).facts
    assert before["f_times_seen_lo"] == after["f_times_seen_lo"] == 1
    assert after != before


def test_a_link_that_rested_on_what_was_corrected_is_gone(team: Team) -> None:
    (other,) = team.subjects_of(Told("b-1", emails=("shared@example.org",), devices=("490154203237518",)))
    wrong = Told("a-1", emails=("shared@example.org",), devices=("490154203237518",), label="wrong")
    send(team, wrong)
    assert subject_of("wrong") == other
    right = Told("a-1", emails=("own@example.org",), devices=("356938035643809",), label="right")
    send(team, right, received_at=LATER)
    assert subject_of("wrong") == subject_of("right") != other
    assert {link.strength for link in standing_links(other)} == {"possible"}


def test_silence_in_a_later_version_lowers_nothing(team: Team) -> None:
    child = Told("c-1", emails=("c@example.org",), age=14, solicited=True, label="full")
    harmed = Told(role="harmed", name="Vicky Fictional", age=9)
    send(team, replace(child, others=(harmed,)))
    subject = subject_of("full")
    before = assessed(subject)
    assert before.route == "child" and before.known > 0
    send(team, Told("c-1", label="less"), received_at=LATER)
    after = assessed(subject)
    assert subject_of("less") == subject
    assert (after.route, after.known, after.could_be) == (before.route, before.known, before.could_be)
    assert query("select 1 from identifier where received like '%%Vicky%%' and retracted_by is null")


def test_others_who_met_in_the_earlier_version_still_meet(team: Team) -> None:
    send(team, FIRST)
    one, two = team.subjects_of(Told("a-1"), Told("a-1"))
    assert one == two == subject_of("first")
    send(team, Told("a-2", label="second"), received_at=LATER)
    (now,) = {row.subject for row in query(
        """select m.subject from member m join link_key k on k.mention = m.mention and k.retracted_by is null
           where m.retracted_by is null and k.key like '%%|a-1'"""
    )}  # fmt: skip
    assert now != subject_of("second")


def test_a_person_described_otherwise_is_asked_about_and_nobody_is_dropped(team: Team) -> None:
    send(team, FIRST)
    old = subject_of("first")
    team.state(old, "access_to_children", "yes")
    known = assessed(old).known
    send(team, Told("z-9", label="second"), received_at=LATER)
    new = subject_of("second")
    assert new != old
    assert [(link.strength, link.rule) for link in standing_links(new)] == [
        ("possible", "a later version of the same report")
    ]
    # A person decides, not the sender: what an officer said of the first still puts it in the lists.
    assert assessed(old).listed and assessed(old).known == known


def test_whoever_has_taken_the_subject_is_told_until_they_have_seen_it(team: Team) -> None:
    send(team, FIRST)
    subjects.take(team.analyst, subject_of("first"))
    send(team, Told("a-1", solicited=True, label="second"), received_at=LATER)
    (notice,) = query("select * from notice where retracted_by is null")
    assert (notice.officer, notice.kind) == (team.analyst.id, "later version")
    with pytest.raises(cases.NoNotice):
        subjects.see_notice(team.other, notice.id)
    subjects.see_notice(team.analyst, notice.id)
    with pytest.raises(cases.NoNotice):
        subjects.see_notice(team.analyst, notice.id)


def test_an_earlier_version_that_comes_once_more_is_a_duplicate(team: Team) -> None:
    send(team, FIRST)
    second = Told("a-1", solicited=True, label="second")
    send(team, second, received_at=LATER)
    before = view(["first", "second"])
    team.take_in_files({"again.xml": FIRST.xml(), "again2.xml": second.xml()}, LATER)
    assert versions() == [("first", "second")] and view(["first", "second"]) == before


def test_versions_in_one_go_are_as_one_by_one(team: Team) -> None:
    told = [
        FIRST,
        Told("a-1", solicited=True, label="second"),
        Told("a-1", phones=("+44 7700 900999",), label="third"),
    ]
    files = {}
    for n, each in enumerate(told):
        files |= conversation(each, 4711, f"{n}")
    team.take_in_files(files, LATER)
    assert versions() == [("first", "second"), ("second", "third")]
    facts = assessed(subject_of("third")).facts
    assert facts["f_solicited"] is True and facts["f_times_seen_lo"] == 1


def json_report(number: int, received: str, user: str) -> str:
    return f"""[{{"reportId": {number}, "dateReceived": "{received}", "reportedInformation": {{
        "reportingEsp": {{"espName": "Fictional Chat Ltd"}},
        "reportedPeople": {{"reportedPersons": [{{"espUserId": "{user}"}}]}}}}}}]"""


def test_what_looks_older_than_what_stands_is_held(team: Team) -> None:
    team.take_in_files({"a.json": json_report(900, "2026-11-10T18:05:00Z", "new")})
    receipt = team.take_in_files({"b.json": json_report(900, "2026-11-09T18:05:00Z", "old")})
    assert [entry.state for entry in receipt.told] == ["held"]
    assert "older version" in str(receipt.told[0].reason)


def test_two_that_contradict_each_other_in_one_delivery_are_held(team: Team) -> None:
    both = json_report(900, "2026-11-10T18:05:00Z", "a")[:-1] + "," + json_report(
        900, "2026-11-10T18:05:00Z", "b"
    )[1:]  # fmt: skip
    receipt = team.take_in_files({"a.json": both})
    assert sorted(entry.state for entry in receipt.told) == ["held", "registered"]


def test_a_withdrawal_is_a_fact_with_a_source_and_lowers_nothing(team: Team) -> None:
    send(team, FIRST)
    subject = subject_of("first")
    subjects.take(team.analyst, subject)
    before = assessed(subject)
    (report,) = query("select id from report where words = 'first'")
    subjects.withdraw(team.intake, report.id, "Fictional Chat Ltd, by e-mail", "sent in error")
    after = assessed(subject)
    assert (after.known, after.could_be, after.listed) == (before.known, before.could_be, True)
    assert [n.kind for n in query("select kind from notice where retracted_by is null")] == ["withdrawn"]
    for number, source in ((report.id, "again"), (report.id, " "), (10**9, "nobody")):
        with pytest.raises(WrongReport):
            subjects.withdraw(team.intake, number, source, "")


def described(role: str, *keys: str) -> Described:
    return Described(role, frozenset(keys), frozenset(k for k in keys if k.startswith("account")))


def test_who_describes_whom_again() -> None:
    a, b = described("reported", "account|x", "email|e"), described("harmed", "email|v")
    assert successors({1: a, 2: b}, {3: a, 4: b}) == {1: 3, 2: 4}
    assert successors({1: a}, {3: described("reported", "account|x")}) == {1: 3}
    assert successors({1: described("reported", "email|e")}, {3: described("reported", "email|f")}) == {}
    assert successors({1: described("reported", "email|e")}, {3: described("harmed", "email|e")}) == {}
    assert successors({1: described("reported")}, {3: described("reported", "email|e")}) == {}
    assert successors({1: b, 2: b}, {3: b}) == {} == successors({1: b}, {3: b, 4: b})


def table_of_one(account: str, reference: str = "R-1", *, mark: str = "") -> str:
    """A sender's report with nothing in it that tells one sending from another; ``mark`` changes the bytes alone."""
    return f"""[{{"reportId": 901, "reportedInformation": {{
        "reportingEsp": {{"espName": "Fictional Chat Ltd"}},{mark}
        "reportedPeople": {{"reportedPersons": [{{"espUserId": "{account}"}}]}}}}}}]"""


def chain() -> list[tuple[int, int]]:
    rows = query("select earlier, later from report_version where retracted_by is null order by id")
    return [(row.earlier, row.later) for row in rows]


def test_a_later_version_that_goes_back_to_what_was_said_before_is_current(team: Team) -> None:
    states = [
        [e.state for e in team.take_in_files({f"{n}.json": table_of_one(account, mark=mark)}).told]
        for n, (account, mark) in enumerate([("a", ""), ("b", ""), ("a", " "), ("a", "  "), ("b", "   ")])
    ]
    assert states == [["registered"], ["registered"], ["registered"], ["duplicate"], ["registered"]]
    one, two, three, four = (row.id for row in query("select id from report order by id"))
    assert chain() == [(one, two), (two, three), (three, four)]
    assert [row.again for row in query("select again from report order by id")] == [None, None, True, True]
    assert verify().whole


def test_going_back_in_one_go_is_as_one_by_one(team: Team) -> None:
    team.take_in_files(
        {
            "1.json": table_of_one("a"),
            "2.json": table_of_one("b"),
            "3.json": table_of_one("a", mark=" "),
            "4.json": table_of_one("a", mark="  "),
        }
    )
    one, two, three = (row.id for row in query("select id from report order by id"))
    assert chain() == [(one, two), (two, three)]
    repeated = query("select report from intake_entry where state = 'duplicate'")
    assert [row.report for row in repeated] == [three]


def test_a_list_that_holds_both_versions_changes_nothing(team: Team) -> None:
    for n, account in enumerate("ab"):
        team.take_in_files({f"{n}.json": table_of_one(account)})
    before = chain()
    both = table_of_one("a")[:-1] + "," + table_of_one("b")[1:]
    swapped = table_of_one("b")[:-1] + "," + table_of_one("a")[1:]
    for text in (both, swapped):
        receipt = team.take_in_files({"list.json": text})
        assert dict(receipt.counts) == {"duplicate": 2}
    assert chain() == before
