"""Held entries are mended field by field, released or set aside; what they were stays known, and sums hold."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.journey.test_versions import json_report
from tests.stories import RECEIVED, Team

from threshold.acts.access import Power, Refused
from threshold.acts.db import one, query
from threshold.acts.record import verify
from threshold.acts.verbs import act, look
from threshold.acts.writing import claim_rows
from threshold.intake import verbs as intake
from threshold.intake.maps import Map, load_map
from threshold.intake.queries import sum_of
from threshold.intake.readers.leaves import material
from threshold.intake.reading import Rejected, Source
from threshold.journey import mending
from threshold.journey.importing import Receipt, files_under, take_in
from threshold.journey.mending import AlreadySettled, HeldEntry, NoEntry, StillHeld, WrongMending
from threshold.people import verbs as people

MAP_TEXT = """
name: hotline
version: "1"
sender: Fictional Hotline
encoding: utf-8
delimiter: comma
time_zone: stated
date_order: iso
header: [ref, user, phone, kind]
reference: ref
people:
  - role: reported
    columns:
      account: {column: user, service: Fictional Chat}
      phone: phone
activity:
  column: kind
  values: {seen: viewed, sent: shared}
"""


@pytest.fixture(scope="session")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Map:
    path = tmp_path_factory.mktemp("maps") / "hotline.yaml"
    path.write_text(MAP_TEXT, encoding="utf-8")
    return load_map(path)


def bring(team: Team, name: str, text: str, maps: Sequence[Map] = ()) -> Receipt:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return take_in(team.intake, files_under([path]), maps, received_at=RECEIVED)


def held() -> list[Any]:
    return query("select * from intake_entry where state = 'held' and retracted_by is null order by id")


def seen(team: Team, entry: int, maps: Sequence[Map] = ()) -> HeldEntry:
    with look(team.intake, "test", Power.SEE_DELIVERIES) as opened:
        return mending.held_entry(opened, entry, maps)


def all_sums_hold() -> None:
    for row in query("select id from delivery"):
        assert sum_of(row.id).holds, (row.id, sum_of(row.id))


def received(identifier: str) -> list[Any]:
    return query("select * from identifier where received = %s and retracted_by is null", [identifier])


TABLE = "ref,user,phone,kind\nA1,row-one,+44 7700 900001,seen\nA2,row-two,4.47700900002E+11,seen\n"


def test_a_cell_that_a_spreadsheet_damaged_is_put_right(team: Team, hotline: Map) -> None:
    bring(team, "t.csv", TABLE, [hotline])
    (entry,) = held()
    shown = seen(team, entry.id, [hotline])
    assert (shown.leaves[0].path, shown.leaves[0].text) == ("phone", "4.47700900002E+11")
    assert shown.at_fault == {"phone"} and {leaf.path for leaf in shown.leaves} == set(hotline.header)
    done = mending.mend(
        team.intake, entry.id, {"phone": "+44 7700 900002"}, "telephoned the sender", [hotline]
    )
    assert done.state == "registered" and received("+44 7700 900002")
    kept = one("select * from mending")
    assert kept is not None and (kept.earlier, kept.later, kept.kind) == (entry.id, done.entry, "mended")
    assert kept.changes == [{"path": "phone", "received": "4.47700900002E+11", "mended": "+44 7700 900002"}]
    all_sums_hold()
    assert verify().whole


def test_what_cannot_be_read_is_left_out_as_not_stated(team: Team, hotline: Map) -> None:
    bring(team, "t.csv", TABLE, [hotline])
    (entry,) = held()
    done = mending.mend(team.intake, entry.id, {"phone": None}, "the figures are gone", [hotline])
    assert done.state == "registered" and len(received("row-two")) == 1
    assert query("select kind from mending")[0].kind == "left out"
    all_sums_hold()


def test_a_date_that_cannot_be_read_for_certain_is_left_out(team: Team, hotline: Map) -> None:
    dated = replace(hotline, name="dated", date_order="mdy", clock="24", happened="kind", activity=None)
    bring(team, "t.csv", "ref,user,phone,kind\nA1,dated-one,,25/11/2026 10:00\n", [dated])
    (entry,) = held()
    shown = seen(team, entry.id, [dated])
    assert shown.at_fault == {"kind"} and "contradicts" in entry.reason
    done = mending.mend(team.intake, entry.id, {"kind": None}, "nobody can say", [dated])
    assert query("select happened_text, happened_at from report where id = %s", [done.report]) == [
        (None, None)
    ]


def test_an_entry_is_found_without_reading_past_it(tmp_path: Path) -> None:
    first, broken = "<fileDetails><a>1</a></fileDetails>", "<fileDetails><a>2</a>"
    (tmp_path / "x").write_text(f"<all>{first}{' ' * 2_000_000}{broken}", encoding="utf-8")
    source = Source("x", str(tmp_path / "x"))
    found = material(source, "/all/fileDetails[1]")
    assert found is not None and not isinstance(found, Rejected)
    assert [leaf.text for leaf in found.leaves] == ["1", ""]
    assert material(source, "/all/fileDetails[2]") is None


def test_a_row_with_a_cell_too_many_is_put_right(team: Team, hotline: Map) -> None:
    bring(team, "t.csv", "ref,user,phone,kind\nA1,name,rest of it,+44 7700 900001,seen\n", [hotline])
    (entry,) = held()
    further = "(cell 5, beyond the header)"
    assert [leaf.path for leaf in seen(team, entry.id, [hotline]).leaves if leaf.path == further]
    changes = {"user": "name,rest of it", "phone": "+44 7700 900001", "kind": "seen", further: None}
    assert mending.mend(team.intake, entry.id, changes, "shifted", [hotline]).state == "registered"
    assert received("name,rest of it")


def test_a_row_with_quotes_out_of_place_is_typed_again(team: Team, hotline: Map) -> None:
    bring(team, "t.csv", 'ref,user,phone,kind\nA1,"a"b,,seen\n', [hotline])
    (entry,) = held()
    whole = seen(team, entry.id, [hotline]).leaves[0]
    assert whole.fixed and whole.text.endswith('A1,"a"b,,seen')
    typed = {"ref": "A1", "user": 'a"b', "kind": "seen"}
    with pytest.raises(StillHeld, match="quotation marks"):
        mending.mend(team.intake, entry.id, typed, "typed", [hotline])
    done = mending.mend(team.intake, entry.id, typed | {whole.path: None}, "typed", [hotline])
    assert done.state == "registered" and received('a"b')


def workbook(path: Path, *lines: list[Any], merged: str = "") -> Path:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return path


def bring_workbook(team: Team, path: Path, hotline: Map) -> None:
    take_in(team.intake, files_under([path]), [hotline], received_at=RECEIVED)


def test_a_number_in_a_workbook_is_put_right_as_a_text(team: Team, hotline: Map, tmp_path: Path) -> None:
    path = workbook(tmp_path / "w.xlsx", list(hotline.header), ["A1", "book-one", 447700900001, "seen"])
    bring_workbook(team, path, hotline)
    (entry,) = held()
    shown = seen(team, entry.id, [hotline])
    assert (shown.leaves[0].path, shown.leaves[0].text) == ("phone", "447700900001")
    done = mending.mend(team.intake, entry.id, {"phone": "+447700900001"}, "asked the sender", [hotline])
    assert done.state == "registered" and received("+447700900001")
    all_sums_hold()


def test_merged_cells_are_filled_and_then_left_behind(team: Team, hotline: Map, tmp_path: Path) -> None:
    header = list(hotline.header)
    path = workbook(tmp_path / "w.xlsx", header, ["A1", "both", "both", "seen"], merged="B2:C2")
    bring_workbook(team, path, hotline)
    (entry,) = held()
    whole = seen(team, entry.id, [hotline]).leaves[0]
    assert "merged cells" in whole.text
    phone = {"phone": "+44 7700 900001"}
    with pytest.raises(StillHeld, match="merged cells"):
        mending.mend(team.intake, entry.id, phone, "asked", [hotline])
    with pytest.raises(WrongMending, match="can be left out, and not changed"):
        mending.mend(team.intake, entry.id, {whole.path: "fine"}, "asked", [hotline])
    done = mending.mend(team.intake, entry.id, phone | {whole.path: None}, "asked", [hotline])
    assert done.state == "registered" and received("both")


def test_a_sheet_that_no_map_reads_is_set_aside(team: Team, hotline: Map, tmp_path: Path) -> None:
    path = workbook(tmp_path / "w.xlsx", list(hotline.header), ["A1", "one", "", "seen"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes").append(["nothing"])
    book.save(path)
    bring_workbook(team, path, hotline)
    (entry,) = held()
    assert "field by field" in seen(team, entry.id, [hotline]).why
    assert mending.set_aside(team.intake, entry.id, "notes").state == "refused"
    all_sums_hold()


def test_what_was_brought_as_an_old_case_is_taken_in_as_one(team: Team) -> None:
    bring(team, "now.json", json_report(900, "2026-11-10T18:05:00Z", "a"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.json"
        path.write_text(json_report(900, "2026-11-11T18:05:00Z", "b"), encoding="utf-8")
        take_in(team.intake, files_under([path]), history=True)
    (entry,) = held()
    shown = seen(team, entry.id)
    assert shown.old and shown.against is not None
    with pytest.raises(WrongMending, match="never replaced from history"):
        mending.take_as_later(team.intake, entry.id, shown.against, "sent second")
    done = mending.take_as_own(team.intake, entry.id, "an old case")
    assert query("select history from report where id = %s", [done.report]) == [(True,)]


def test_a_table_needs_the_map_it_was_read_with(team: Team, hotline: Map) -> None:
    bring(team, "t.csv", TABLE, [hotline])
    (entry,) = held()
    assert "hotline/1" in seen(team, entry.id).why
    with pytest.raises(WrongMending, match="hotline/1"):
        mending.mend(team.intake, entry.id, {"phone": None}, "no map", [])


def test_a_mending_that_does_not_do_says_why_and_writes_nothing(team: Team, hotline: Map) -> None:
    bring(team, "t.csv", TABLE, [hotline])
    (entry,) = held()
    acts = query("select id from act")
    for changes, reason, said in (
        ({"phone": "5E+11"}, "guessed", "scientific notation"),
        ({"phone": None, "kind": "burnt"}, "guessed", "not among the activities"),
        ({"nothing": "x"}, "guessed", "no field nothing"),
        ({"phone": None}, " ", "Say why"),
        ({}, "guessed", "Change a field"),
        ({"user": "d41d8cd98f00b204e9800998ecf8427e"}, "guessed", "digest"),
        ({"user": "a\x00b"}, "guessed", "control character"),
        ({"user": "x" * 5_000}, "guessed", "4,000"),
    ):
        with pytest.raises(WrongMending, match=said):
            mending.mend(team.intake, entry.id, changes, reason, [hotline])
    assert query("select id from act") == acts and held() == [entry]


TWO_PEOPLE = (
    "<report><incidentSummary><incidentType>Child Pornography (possession, manufacture, and distribution)"
    "</incidentType></incidentSummary>{}{}<additionalInfo>two</additionalInfo></report>"
).format(*(f"<personOrUserReported><espIdentifier>{n}</espIdentifier></personOrUserReported>" for n in "pq"))


def test_a_report_of_several_people_is_marked_as_batched(team: Team) -> None:
    bring(team, "r.xml", TWO_PEOPLE)
    (entry,) = held()
    shown = seen(team, entry.id)
    assert shown.leaves[0].path == "/report/batchedReport" and not shown.leaves[0].stated
    assert "/report/personOrUserReported[2]/espIdentifier" in {leaf.path for leaf in shown.leaves}
    done = mending.mend(team.intake, entry.id, {"/report/batchedReport": "true"}, "one viral file")
    assert done.state == "registered"
    assert query("select batched from report") == [(True,)]
    assert verify().whole


def file_details(number: str | int | None, account: str = "device-1") -> str:
    named = "" if number is None else f"<reportId>{number}</reportId>"
    return (
        f"<fileDetails>{named}<originalFileHash hashType='MD5'>d41d8cd98f00b204e9800998ecf8427e</originalFileHash>"
        f"<deviceId><idType>IMEI</idType><idValue>{account}</idValue></deviceId></fileDetails>"
    )


def test_file_details_without_a_number_are_placed_and_their_digest_is_not_shown(team: Team) -> None:
    bring(team, "r.json", json_report(900, "2026-11-10T18:05:00Z", "host"))
    bring(team, "f.xml", file_details(None))
    (entry,) = held()
    shown = seen(team, entry.id)
    assert shown.leaves[0].path == "/fileDetails/reportId"
    assert not [leaf for leaf in shown.leaves if "d41d8cd9" in leaf.text]
    with pytest.raises(StillHeld, match="has not come yet"):
        mending.mend(team.intake, entry.id, {"/fileDetails/reportId": "901"}, "guessed")
    done = mending.mend(team.intake, entry.id, {"/fileDetails/reportId": "900"}, "the sender said so")
    assert done.state == "registered" and received("device-1")
    all_sums_hold()


def test_an_addition_that_could_belong_to_two_reports_is_placed_by_an_officer(team: Team) -> None:
    bring(team, "a.json", json_report(900, "2026-11-10T18:05:00Z", "one"))
    bring(team, "b.json", json_report(900, "2026-11-10T18:05:00Z", "two").replace("Chat Ltd", "Mail Ltd"))
    bring(team, "f.xml", file_details(900))
    (entry,) = held()
    hosts = seen(team, entry.id).hosts
    assert len(hosts) == 2
    with pytest.raises(WrongMending, match="not one of those"):
        mending.add_to(team.intake, entry.id, 10**9, "guessed")
    done = mending.add_to(team.intake, entry.id, hosts[1], "the sender said so")
    assert (done.state, done.report) == ("registered", hosts[1])
    all_sums_hold()


def contradiction(team: Team) -> tuple[Any, int]:
    first = json_report(900, "2026-11-10T18:05:00Z", "a")
    second = json_report(900, "2026-11-11T18:05:00Z", "b")
    bring(team, "both.json", first[:-1] + "," + second[1:])
    (entry,) = held()
    (report,) = query("select id from report")
    return entry, report.id


def test_the_two_that_contradict_each_other_stand_beside_each_other(team: Team) -> None:
    entry, report = contradiction(team)
    shown = seen(team, entry.id)
    assert shown.against == report and shown.differing is not None
    account = "/reportedInformation/reportedPeople/reportedPersons[0]/espUserId"
    assert {(d.path, d.there, d.here) for d in shown.differing} == {
        ("/dateReceived", "2026-11-10T18:05:00Z", "2026-11-11T18:05:00Z"),
        (account, "a", "b"),
    }


def test_an_officer_decides_that_it_is_the_later_version(team: Team) -> None:
    entry, report = contradiction(team)
    with pytest.raises(WrongMending, match="no longer the one"):
        mending.take_as_later(team.intake, entry.id, report + 1, "wrong one")
    done = mending.take_as_later(team.intake, entry.id, report, "sent second")
    assert query("select earlier, later from report_version") == [(report, done.report)]
    all_sums_hold()
    assert verify().whole


def test_an_officer_decides_that_it_is_a_report_of_its_own(team: Team) -> None:
    entry, report = contradiction(team)
    done = mending.take_as_own(team.intake, entry.id, "its number was typed wrongly")
    assert query("select reference from report where id = %s", [done.report]) == [(None,)]
    assert not query("select id from report_version") and done.report != report
    kept = one("select changes from mending")
    assert kept is not None
    assert kept.changes == [{"path": "[1]/reportId", "received": "900", "mended": None}]
    all_sums_hold()


def test_a_key_that_stands_twice_shows_both_values_and_one_is_left_out(team: Team) -> None:
    text = json_report(900, "2026-11-10T18:05:00Z", "a").replace(
        '"reportId": 900', '"reportId": 900, "reportId": 901'
    )
    bring(team, "twice.json", text)
    (entry,) = held()
    shown = seen(team, entry.id)
    assert [(leaf.path, leaf.text) for leaf in shown.leaves[:2]] == [
        ("[0]/reportId", "900"), ("[0]/reportId (2)", "901"),
    ]  # fmt: skip
    with pytest.raises(StillHeld, match="stand twice"):
        mending.mend(team.intake, entry.id, {"[0]/dateReceived": None}, "guessed")
    done = mending.mend(team.intake, entry.id, {"[0]/reportId": None}, "the sender says 901")
    assert query("select reference from report where id = %s", [done.report]) == [("901",)]


def test_one_report_of_a_list_in_an_object_is_mended_alone(team: Team) -> None:
    good = json_report(900, "2026-11-10T18:05:00Z", "a")[1:-1]
    bring(team, "wrapped.json", '{"value": [' + good + ', {"note": "total", "count": 2}]}')
    (entry,) = held()
    assert entry.place == "[0]/value[1]"
    assert {leaf.path for leaf in seen(team, entry.id).leaves} == {
        f"{entry.place}/{name}" for name in ("note", "count", "reportId")
    }
    done = mending.mend(team.intake, entry.id, {f"{entry.place}/reportId": "901"}, "it is a report")
    assert done.state == "registered"


def test_what_is_set_aside_is_refused_with_a_name_and_a_reason(team: Team) -> None:
    bring(team, "t.json", '[{"total": 3}]')
    (entry,) = held()
    with pytest.raises(WrongMending, match="Say why"):
        mending.set_aside(team.intake, entry.id, "")
    done = mending.set_aside(team.intake, entry.id, "a total, no report")
    assert (done.state, done.reason) == ("refused", "set aside by Ina Intake: a total, no report")
    all_sums_hold()


def test_the_second_officer_is_told_what_the_first_did(team: Team) -> None:
    bring(team, "t.json", '[{"total": 3}]')
    (entry,) = held()
    mending.set_aside(team.intake, entry.id, "a total")
    with pytest.raises(AlreadySettled, match="Ina Intake has set this entry aside"):
        mending.mend(team.intake, entry.id, {"[0]/reportId": "1"}, "a report")
    assert "Ina Intake has set this entry aside" in seen(team, entry.id).settled


def test_only_who_takes_deliveries_in_settles_what_is_held(team: Team) -> None:
    bring(team, "t.json", '[{"total": 3}]')
    (entry,) = held()
    with pytest.raises(Refused):
        mending.set_aside(team.analyst, entry.id, "a total")
    with pytest.raises(NoEntry):
        mending.set_aside(team.intake, 10**9, "a total")


def test_nothing_is_shown_or_done_where_somebody_is_closed(team: Team) -> None:
    entry, report = contradiction(team)
    (row,) = query("select id from mention where report = %s", [report])
    with act(team.analyst, "close access", Power.STATE) as opened:
        claim_rows(opened, "closure", ["mention", "reason"], [(row.id, "staff")])
    with pytest.raises(NoEntry):
        seen(team, entry.id)
    for settle in (
        lambda: mending.set_aside(team.intake, entry.id, "guessed"),
        lambda: mending.take_as_own(team.intake, entry.id, "guessed"),
        lambda: mending.take_as_later(team.intake, entry.id, report, "guessed"),
    ):
        with pytest.raises(NoEntry, match="no held entry"):
            settle()
    assert held() == [entry]


def test_the_same_file_again_after_mending_is_a_duplicate(team: Team, hotline: Map) -> None:
    bring(team, "t.csv", TABLE, [hotline])
    (entry,) = held()
    done = mending.mend(team.intake, entry.id, {"phone": None}, "the figures are gone", [hotline])
    again = bring(team, "t.csv", TABLE, [hotline])
    assert again.counts == {"duplicate": 2} and done.report in {told.report for told in again.told}
    # In another file the entry is held again; mended alike, it is the same report.
    bring(team, "u.csv", TABLE + "A3,row-three,,sent\n", [hotline])
    (entry,) = held()
    same = mending.mend(team.intake, entry.id, {"phone": None}, "the figures are gone", [hotline])
    assert (same.state, same.report) == ("duplicate", done.report)
    assert len(query("select id from report")) == 3
    all_sums_hold()


def test_a_mending_that_fails_at_any_step_leaves_nothing(
    team: Team, hotline: Map, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(team, "t.csv", TABLE, [hotline])
    (entry,) = held()
    count = [
        len(query(f"select id from {t}")) for t in ("act", "report", "mention", "intake_entry", "mending")
    ]

    class Killed(Exception):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    for room, step in (
        (intake, "supersede_entry"), (intake, "write_reports"), (people, "write_mentions"),
        (intake, "write_entries"), (people, "regroup"), (intake, "write_mending"),
    ):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(room, step, killed)
            with pytest.raises(Killed):
                mending.mend(team.intake, entry.id, {"phone": None}, "gone", [hotline])
        assert held() == [entry]
        assert count == [
            len(query(f"select id from {t}")) for t in ("act", "report", "mention", "intake_entry", "mending")
        ]
    assert mending.mend(team.intake, entry.id, {"phone": None}, "gone", [hotline]).state == "registered"
    assert verify().whole


BAD_ROWS = "ref,user,phone,kind\n" + "".join(f"B{n},bad-{n},{n}.1E+11,seen\n" for n in range(4))


@settings(
    max_examples=12, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["mend", "release", "aside", "again", "wrong"]), st.integers(0, 3)),
        min_size=1, max_size=8,
    ),
    batch=st.integers(0, 10**9),
)  # fmt: skip
def test_the_sum_holds_after_any_sequence(
    team: Team, hotline: Map, steps: list[tuple[str, int]], batch: int
) -> None:
    text = BAD_ROWS.replace("bad-", f"bad-{batch}-").replace("\nB", f"\nB{batch}-")
    bring(team, "bad.csv", text, [hotline])
    for verb, which in steps:
        entries = held()
        if verb == "again":
            bring(team, "bad.csv", text, [hotline])
        elif entries:
            entry = entries[which % len(entries)].id
            if verb == "aside":
                mending.set_aside(team.intake, entry, "a total")
            elif verb == "wrong":
                with pytest.raises(StillHeld):
                    mending.mend(team.intake, entry, {"phone": "2E+10"}, "guessed", [hotline])
            else:
                phone = None if verb == "release" else f"+44 7700 90000{which}"
                mending.mend(team.intake, entry, {"phone": phone}, "asked", [hotline])
        all_sums_hold()
    assert not query("select content_key from report group by 1 having count(*) > 1")
    assert not query(
        """select delivery, place from intake_entry where retracted_by is null
           group by 1, 2 having count(*) > 1"""
    )
    assert verify().whole


def test_a_table_held_for_want_of_a_map_is_settled_when_it_is_read_with_one(team: Team, hotline: Map) -> None:
    bring(team, "t.csv", TABLE)
    assert bring(team, "t.csv", TABLE).unsettled == 1
    assert len(held()) == 1
    read = bring(team, "t.csv", TABLE, [hotline])
    assert dict(read.counts) == {"registered": 1, "held": 1}
    (number,) = read.deliveries
    # What is held is the row alone; the two earlier deliveries say where it was read.
    assert [(entry.delivery, entry.field) for entry in held()] == [(number, "phone")]
    (report,) = query("select id from report where retracted_by is null")
    for row in query("select id from delivery where id <> %s", [number]):
        told = query(
            "select * from intake_entry where delivery = %s and retracted_by is null order by id", [row.id]
        )
        assert [(entry.state, entry.report) for entry in told] == [
            ("duplicate", report.id),
            ("duplicate", None),
        ]
        assert str(told[0].reason).startswith(f"the same file was read with a map as delivery {number}")
    all_sums_hold()
    assert verify().whole
    # Without a map once more, it is what it was found to be.
    assert dict(bring(team, "t.csv", TABLE).counts) == {"duplicate": 2}


def test_a_sheet_read_with_a_map_settles_that_sheet_and_no_other(
    team: Team, hotline: Map, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "w.xlsx", list(hotline.header), ["A1", "one", "", "seen"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes").append(["nothing"])
    book.save(path)
    take_in(team.intake, files_under([path]), received_at=RECEIVED)
    assert len(held()) == 2
    (first,) = {entry.delivery for entry in held()}
    bring_workbook(team, path, hotline)
    assert {entry.place.split()[1].strip("(") for entry in held()} == {"Notes"} and len(held()) == 2
    assert sum_of(first).duplicate == 1 and sum_of(first).held == 1
    all_sums_hold()
