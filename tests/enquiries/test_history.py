"""Old cases are known, linked and graded; they wake nobody's clock until a new report speaks of the same person."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.intake.test_table import MAP, table
from tests.stories import RECEIVED, Team, Told, assessed, labelled, subject_of, view

from threshold.acts.db import query
from threshold.cases.queries import LISTS, counts, listed
from threshold.journey import subjects
from threshold.journey.importing import Receipt, files_under, take_in
from threshold.oversight.counting import Reading, count
from threshold.policy.clocks import due
from threshold.policy.model import Clock


def bring_history(team: Team, *reports: Told, received_at: Any = RECEIVED) -> Receipt:
    with tempfile.TemporaryDirectory() as folder:
        for n, told in enumerate(reports):
            (Path(folder) / f"{n}.xml").write_text(told.xml(), encoding="utf-8")
        return take_in(team.intake, files_under([Path(folder)]), received_at=received_at, history=True)


def in_lists(team: Team) -> dict[str, list[int]]:
    with team.looking() as seen:
        found = {name: [place.subject for place in listed(seen, name, limit=100)[0]] for name in LISTS}
        assert {name: len(rows) for name, rows in found.items()} == counts(seen)
    return found


NOWHERE: dict[str, list[int]] = {"act": [], "find-out": [], "children": []}
LATER = RECEIVED + timedelta(days=20)


def test_an_old_case_is_graded_and_in_no_list(team: Team) -> None:
    grave, child = labelled([Told("old-1", solicited=True, priority="urgent"), Told("old-2", age=14)])
    bring_history(team, grave, child)
    row = assessed(subject_of(grave.label))
    assert row.known == 4 and not row.listed
    assert (row.clock_from, row.due, row.later_due, row.checks_due, row.urgency) == (None,) * 5
    assert assessed(subject_of(child.label)).route == "child"
    assert in_lists(team) == NOWHERE


def test_a_new_report_lists_him_with_all_that_history_says_and_starts_the_clock(team: Team) -> None:
    old, new = labelled([Told("same-1", solicited=True), Told("same-1", at="2026-11-25T10:00:00Z")])
    bring_history(team, old)
    team.take_in(new, received_at=LATER)
    subject = subject_of(new.label)
    assert subject == subject_of(old.label)
    row = assessed(subject)
    assert row.listed and row.known == 4
    assert (row.first_received, row.last_received, row.clock_from) == (LATER, LATER, LATER)
    assert row.due == due(LATER, Clock(1, "days"))
    assert subject in in_lists(team)["act"]


def test_history_that_comes_after_the_report_moves_no_clock_later(team: Team) -> None:
    new, old = labelled([Told("late-1", solicited=True), Told("late-1", at="2016-11-25T10:00:00Z")])
    team.take_in(new)
    before = assessed(subject_of(new.label))
    bring_history(team, old, received_at=LATER)
    after = assessed(subject_of(new.label))
    assert (after.due, after.clock_from, after.first_received) == (
        before.due,
        before.clock_from,
        before.first_received,
    )


def test_a_question_about_an_old_case_raises_the_new_one_and_lists_only_that(team: Team) -> None:
    old, new = labelled(
        [Told("q-1", solicited=True, phones=("07700900150",)), Told("q-2", phones=("07700900150",))]
    )
    bring_history(team, old)
    team.take_in(new, received_at=LATER)
    one, other = subject_of(old.label), subject_of(new.label)
    assert one != other
    assert assessed(other).could_be == 4
    assert not assessed(one).listed
    assert in_lists(team)["act"] == [] and in_lists(team)["find-out"] == [other]


def test_taking_the_link_back_gives_the_old_case_its_rest_again(team: Team) -> None:
    old, new = labelled([Told("u-1", solicited=True), Told("u-2")])
    bring_history(team, old)
    team.take_in(new, received_at=LATER)
    labels = [old.label, new.label]
    before = view(labels)
    subjects.same(team.analyst, subject_of(old.label), subject_of(new.label), "the same man")
    assert assessed(subject_of(old.label)).listed
    (link,) = query("select id from link where retracted_by is null")
    subjects.undo(team.analyst, link.id, "a mistake")
    assert view(labels) == before
    assert assessed(subject_of(old.label)).due is None


def test_the_same_report_is_known_again_whichever_way_it_came(team: Team) -> None:
    (told,) = labelled([Told("again-1")])
    bring_history(team, told)
    again = team.take_in(told)
    assert again.counts == {"duplicate": 1}


def test_an_old_case_never_takes_the_place_of_a_report_of_today(team: Team, tmp_path: Path) -> None:
    (tmp_path / "today.csv").write_text(table({"Report ref": "R-5"}), encoding="utf-8")
    (tmp_path / "old.csv").write_text(
        table({"Report ref": "R-5", "Remarks": "an old copy"}), encoding="utf-8"
    )
    take_in(team.intake, files_under([tmp_path / "today.csv"]), [MAP])
    (told,) = take_in(team.intake, files_under([tmp_path / "old.csv"]), [MAP], history=True).told
    assert told.state == "held" and told.reason and "not replaced from history" in told.reason


def test_a_later_version_of_an_old_case_that_comes_today_wakes_it(team: Team, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text(table({"Report ref": "R-6"}), encoding="utf-8")
    (tmp_path / "today.csv").write_text(table({"Report ref": "R-6", "Remarks": "more"}), encoding="utf-8")
    take_in(team.intake, files_under([tmp_path / "old.csv"]), [MAP], history=True, received_at=RECEIVED)
    take_in(team.intake, files_under([tmp_path / "today.csv"]), [MAP], received_at=LATER)
    (row,) = query("select * from assessment where retracted_by is null and listed")
    assert row.first_received == LATER and (row.clock_from is None or row.clock_from >= LATER)


def test_we_are_aware_of_whom_history_names_from_the_day_it_came(team: Team) -> None:
    old, new = labelled([Told("aware-1"), Told("aware-1", at="2026-11-25T10:00:00Z")])

    def aware(name: str, at: Any = None) -> int | None:
        return count(team.analyst, Reading.of(name, at)).value("subjects")

    bring_history(team, old)
    assert aware("today") == 1
    team.take_in(new, received_at=LATER)
    assert aware("today") == 1
    assert aware("now-known", RECEIVED + timedelta(days=1)) == 1
    assert aware("now-known", RECEIVED - timedelta(days=1)) == 0


def test_what_a_sender_claims_is_as_of_the_senders_own_date(team: Team) -> None:
    told = Told("dated-1", age=30, priority="now", compromised=True, at="2026-10-09T21:14:05Z")
    subject = team.subject(told)
    (rows,) = [
        query(
            """select s.fact, s.as_of, s.received_at from statement s join member m on m.mention = s.mention
                        where m.subject = %s and s.officer is null""",
            [subject],
        )
    ]
    assert {"age", "sender_says_urgent", "compromised_account", "times_seen"} <= {row.fact for row in rows}
    assert {row.as_of for row in rows} == {datetime(2026, 10, 9, 21, 14, 5, tzinfo=UTC)}
    assert all(row.received_at > row.as_of for row in rows)


def test_what_has_no_date_of_the_senders_is_as_of_the_forces_receipt(team: Team) -> None:
    subject = team.subject(Told("undated-1", age=30, at="soon"))
    rows = query(
        """select s.as_of, s.received_at from statement s join member m on m.mention = s.mention
                    where m.subject = %s and s.officer is null""",
        [subject],
    )
    assert rows and all(row.as_of == row.received_at for row in rows)
