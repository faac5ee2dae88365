"""A table by its map: each row an entry, nothing guessed, one bad row costs one row."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from threshold.intake.maps import Map, MapError, load_map, read_map
from threshold.intake.readers.table_times import contradicts_order
from threshold.intake.reading import Grade, ReadMention, ReadReport, Rejected

SAMPLE = Path(__file__).parents[2] / "sample" / "maps" / "agency_packages.yaml"
MAP = load_map(SAMPLE)

ROW = {
    "Report ref": "R-0001",
    "Package ref": "P-7",
    "Covering grade": "B",
    "Priority": "2",
    "Activity date": "28/10/2025 13:30",
    "What was done": "Viewed",
    "Service": "Fictional Chat",
    "Account": "0070",
    "Account e-mail": "alex@mail.example",
    "Telephone": "07700900123",
    "Given name": "Alex",
    "Surname": "Testperson",
    "Date of birth": "02/01/1990",
    "House": "1 Test Street",
    "Town": "Testtown",
    "Postcode": "ZZ1 1ZZ",
    "IP address": "203.0.113.7",
    "Port": "50123",
    "IP date and time": "28/10/2025 13:29:59",
    "Lives with children": "yes",
    "Works with children": "not checked",
    "Earlier conviction": "",
    "Child first name": "",
    "Child age": "",
    "Remarks": "",
    "File MD5": "",
}


def table(*rows: dict[str, str], by: Map = MAP) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=by.delimiter)
    writer.writerow(by.header)
    for row in rows:
        writer.writerow([{**ROW, **row}[name] for name in by.header])
    return out.getvalue()


@pytest.fixture
def one(entries):  # type: ignore[no-untyped-def]
    def read_one(**cells: str) -> ReadReport:
        (found,) = entries(table(cells), [MAP])
        assert isinstance(found, ReadReport), found
        return found

    return read_one


@pytest.fixture
def held(entries):  # type: ignore[no-untyped-def]
    def read_held(content: Any, maps: Any = (MAP,)) -> Rejected:
        (found,) = entries(content, list(maps))
        assert isinstance(found, Rejected), found
        return found

    return read_held


def man(found: ReadReport) -> ReadMention:
    return found.mentions[0]


def test_a_row_is_a_report(one) -> None:
    found = one()
    assert (found.place, found.sender, found.reference, found.package, found.urgency) == (
        "row 2",
        "Example National Agency",
        "R-0001",
        "P-7",
        "2",
    )
    assert found.happened is not None and found.happened.utc == datetime(2025, 10, 28, 13, 30, tzinfo=UTC)
    person = man(found)
    assert [(i.kind, i.received, i.service) for i in person.identifiers] == [
        ("account", "0070", "Fictional Chat"),
        ("email", "alex@mail.example", ""),
        ("phone", "07700900123", ""),
        ("name", "Alex Testperson", ""),
        ("address", "1 Test Street, Testtown, ZZ1 1ZZ", ""),
    ]
    assert [(a.earliest, a.latest) for a in person.ages] == [(date(1990, 1, 2), date(1990, 1, 2))]
    assert [(a.kind, a.grades) for a in person.activities] == [("viewed", (Grade("uk", "B"),))]
    assert [(c.fact, c.value) for c in person.claims] == [
        ("lives_with_children", True),
        ("position_of_trust", None),
    ]
    (connection,) = person.connections
    assert (connection.address, connection.port) == ("203.0.113.7", "50123")
    assert connection.at is not None and connection.at.utc == datetime(2025, 10, 28, 13, 29, 59, tzinfo=UTC)


def test_people_of_whom_the_row_says_nothing_are_not_made_up(one) -> None:
    assert [m.role for m in one().mentions] == ["reported"]
    both = one(**{"Child first name": "R", "Child age": "11"})
    assert [m.role for m in both.mentions] == ["reported", "harmed"]
    (age,) = both.mentions[1].ages
    assert (age.earliest, age.latest) == (date(2013, 10, 29), date(2014, 10, 28))


def test_unmapped_columns_are_kept_and_ignored_ones_are_not(entries) -> None:
    text = SAMPLE.read_text().replace("words: Remarks\n", "")
    by = read_map(text)
    md5 = "d41d8cd98f00b204e9800998ecf8427e"
    (found,) = entries(table({"Remarks": "see file", "File MD5": md5}, by=by), [by])
    assert isinstance(found, ReadReport)
    assert [(kept.path, kept.text) for kept in found.unknown] == [("Remarks", "see file")]
    assert md5 not in repr(found)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"Account": "1.23E+11"}, "Account", "scientific"),
        ({"Telephone": "4.47701E+11"}, "Telephone", "scientific"),
        ({"Telephone": "7700900123.0"}, "Telephone", "decimal"),
        ({"Account": "########"}, "Account", "error"),
        ({"Account e-mail": "#N/A"}, "Account e-mail", "error"),
        ({"Account": "123456789012345000"}, "Account", "fifteenth"),
        ({"Report ref": "1,5E+10"}, "Report ref", "scientific"),
        ({"Lives with children": "perhaps"}, "Lives with children", "neither"),
        ({"What was done": "something"}, "What was done", "not among"),
        ({"Remarks": "a\x00b"}, "Remarks", "NUL"),
        ({"Activity date": "10/28/2025 13:30"}, "Activity date", "'10/28/2025 13:30' contradicts"),
        (
            {"Activity date": "2025-10-28 13:30"},
            "Activity date",
            "contradicts the date order of the map (dmy)",
        ),
        ({"IP date and time": "03/25/2026"}, "IP date and time", "contradicts"),
        ({"IP date and time": "32/01/2026 10:00"}, "IP date and time", "contradicts"),
        ({"Date of birth": "03/25/1990"}, "Date of birth", "'03/25/1990' contradicts"),
    ],
)
def test_a_cell_that_does_not_fit_holds_its_row_with_the_column(
    held, cells: dict[str, str], column: str, words: str
) -> None:
    found = held(table(cells))
    assert (found.place, found.state, found.field) == ("row 2", "held", column)
    assert words in found.reason


@pytest.mark.parametrize(
    "text",
    ["26/10/2025 01:30", "30/03/2025", "30/03/2025 25:00", "31/02/2025 10:00", "28/10/25 10:00", "soon"],
)
def test_a_time_that_is_not_certain_is_kept_and_is_no_instant(one, text: str) -> None:
    found = one(**{"Activity date": text})
    assert found.happened is not None
    assert (found.happened.received, found.happened.utc) == (text, None)
    assert found.happened.problem


def test_days_that_a_spreadsheet_counts_are_dates_only_where_the_map_says_from_when(entries, one) -> None:
    """Among dates in words stand numbers: nobody guesses what they count, and what they were stays beside them."""
    cells = {"Activity date": "45958.5625", "Date of birth": "32875"}
    kept = one(**cells)
    assert kept.happened.utc is None and man(kept).ages[0].earliest is None
    for counted_from, born, year in (("1900", date(1990, 1, 2), 2025), ("1904", date(1994, 1, 3), 2029)):
        by = read_map(SAMPLE.read_text().replace("clock: ", f"day_numbers: {counted_from}\nclock: "))
        (found,) = entries(table(cells), [by])
        assert found.happened.received == "45958.5625" and found.happened.utc.year == year
        assert (man(found).ages[0].received, man(found).ages[0].earliest) == ("32875", born)
        (in_words,) = entries(table({}), [by])
        assert in_words.happened.utc == datetime(2025, 10, 28, 13, 30, tzinfo=UTC)
    by = read_map(SAMPLE.read_text().replace("clock: ", "day_numbers: 1900\nclock: "))
    (found,) = entries(table(cells), [by])
    assert found.happened.utc == datetime(2025, 10, 28, 13, 30, tzinfo=UTC)
    (day,) = entries(table({"Activity date": "45958"}), [by])
    assert day.happened.utc is None and day.happened.day == date(2025, 10, 28)


@pytest.mark.parametrize(
    ("order", "text", "fits"),
    [
        ("dmy", "25/03/2026", True),
        ("dmy", "03/25/2026", False),
        ("mdy", "03/25/2026", True),
        ("mdy", "25/03/2026", False),
        ("ymd", "2026/03/25", True),
        ("ymd", "2026/25/03", False),
        ("ymd", "25/03/2026", False),
        ("iso", "2026-03-25T10:00:00Z", True),
        ("iso", "25/03/2026", False),
        ("iso", "2026-25-03", False),
        ("dmy", "1984", True),
        ("dmy", "not known", True),
    ],
)
def test_which_dates_contradict_an_order(order: str, text: str, fits: bool) -> None:
    assert contradicts_order(text, order) is not fits


def test_one_bad_row_never_stops_the_others(entries) -> None:
    good = table({}).splitlines()[1]
    header = table().splitlines()[0]
    bad = {
        3: "too,few,cells",
        5: good + ",one more",
        7: '"quote left open,' + good,
        9: good.replace("Alex", 'Al"e"x"'),
        11: good.replace("Testtown", "x" * 200_000),
        13: good.replace("Testtown", "y" * 1_200_000),
    }
    lines = [header] + [bad.get(number, good) for number in range(2, 402)]
    found = entries("\r\n".join(lines) + "\r\n", [MAP])
    states = {entry.place: type(entry) for entry in found}
    assert len(states) == len(found) == 400
    held = {int(place.removeprefix("row ")) for place, kind in states.items() if kind is Rejected}
    # A stray quotation mark inside an unquoted cell is text, so row 9 is read.
    assert held == set(bad) - {9}


def test_a_cell_may_hold_line_breaks_and_delimiters(one) -> None:
    assert one(Remarks='first\nsecond, "third"\r\nfourth').words == 'first\nsecond, "third"\r\nfourth'


def test_empty_lines_are_no_entries(entries) -> None:
    content = table({}) + "\r\n\r\n" + ",".join([""] * len(MAP.header)) + "\r\n"
    assert len(entries(content, [MAP])) == 1


def test_bytes_of_another_encoding_hold_their_row_only(entries) -> None:
    content = table({"Surname": "Zoë"}, {}, {"Surname": "Zoe"}).encode().replace("ë".encode(), b"\xeb")
    found = entries(content, [MAP])
    assert [type(entry) for entry in found] == [Rejected, ReadReport, ReadReport]
    assert found[0].field == "Surname"


def test_utf_8_under_a_map_of_windows_1252_is_held_and_not_misread(entries) -> None:
    by = read_map(SAMPLE.read_text().replace("encoding: utf-8-sig", "encoding: windows-1252"))
    text = table({"Surname": "Zoë"}, {"Surname": "Zoe"}, by=by)
    # Rows of both in one file: those of the other are held, each with its reason.
    mixed = text.encode("utf-8") + table({"Surname": "Renée"}, by=by).partition("\r\n")[2].encode(
        "windows-1252"
    )
    first, second, third = entries(mixed, [by])
    assert isinstance(third, ReadReport)
    assert isinstance(first, Rejected) and first.field == "Surname" and "written in utf-8" in first.reason
    assert isinstance(second, ReadReport)
    assert isinstance(next(iter(entries(text.encode("windows-1252"), [by]))), ReadReport)


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", ["comma", "semicolon", "tab", "pipe"])
def test_each_encoding_and_delimiter(entries, encoding: str, delimiter: str) -> None:
    text = SAMPLE.read_text().replace("encoding: utf-8-sig", f"encoding: {encoding}")
    by = read_map(text.replace("delimiter: comma", f"delimiter: {delimiter}"))
    (found,) = entries(table({"Surname": "Zoë"}, by=by).encode(encoding), [by])
    assert isinstance(found, ReadReport)
    assert ("name", "Alex Zoë") in [(i.kind, i.received) for i in man(found).identifiers]


def test_utf_8_is_not_silently_read_as_windows_1252(entries) -> None:  # type: ignore[no-untyped-def]
    by = read_map(SAMPLE.read_text().replace("encoding: utf-8-sig", "encoding: windows-1252"))
    text = table({"Surname": "Zo\u00eb"}, {"Surname": "Plain"}, by=by)
    (found,) = entries(text.encode("utf-8"), [by])
    assert (found.state, found.field) == ("held", "map") and "the text is UTF-8" in found.reason
    assert len(entries(text.encode("windows-1252"), [by])) == 2
    plain = table({"Surname": "Plain"}, by=by)
    assert isinstance(entries(plain.encode("utf-8"), [by])[0], ReadReport), "plain ASCII reads alike"


def test_a_changed_layout_is_noticed(held) -> None:
    content = table({}).replace("Surname", "Family name")
    found = held(content)
    assert (found.state, found.field) == ("held", "header")
    assert "column Surname is gone; column Family name is new" in found.reason
    swapped = table({}).replace("Given name,Surname", "Surname,Given name")
    assert "another order" in held(swapped).reason


def test_a_table_without_a_map_is_held(held) -> None:
    assert "needs a map" in held(table({}), ()).reason


def test_two_maps_of_one_header_need_a_name(held, entries) -> None:
    other = read_map(SAMPLE.read_text().replace("name: agency-packages", "name: other"))
    assert "name the map" in held(table({}), (MAP, other)).reason
    (found,) = entries(table({}), [MAP, other], map="other")
    assert isinstance(found, ReadReport)
    (missing,) = entries(table({}), [MAP], map="third")
    assert "no map named" in missing.reason


def test_a_table_of_digests_is_refused(held) -> None:
    md5s = [f"{number:032x}" for number in range(50)]
    assert "digests" in held("\n".join(md5s)).reason
    assert "digests" in held("name,md5\n" + "\n".join(f"{m},{m}" for m in md5s)).reason


def test_a_header_alone_is_refused(held) -> None:
    assert held(table()).state == "refused"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_anywhere_never_breaks_the_reading(entries, data: st.DataObject) -> None:
    content = bytearray(table(*[{}] * 5).encode())
    header_end = content.index(b"\n") + 1
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(header_end, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9) | st.just(b'"'))
    found = entries(bytes(content), [MAP])
    assert all(isinstance(entry, ReadReport | Rejected) for entry in found)
    assert len({entry.place for entry in found}) == len(found)


def test_two_header_rows_below_a_title_with_semicolons_in_windows_1252(entries) -> None:  # type: ignore[no-untyped-def]
    by = read_map(
        """
name: two
version: "1"
sender: Example Sender
encoding: windows-1252
delimiter: semicolon
time_zone: none
date_order: dmy
clock: "24"
header_row: [3, 4]
header: [Ref, Account / Name, E-mail]
not_held: [not held]
reference: Ref
people:
  - role: reported
    columns:
      screen_name: Account / Name
      email: E-mail
"""
    )
    text = "Referrals for the week;;\n\nRef;Account;;;\n;Name;E-mail;;\n"
    text += "R-1;Zo\u00eb;zoe@mail.example;;\nR-2;not held;;;\n"
    text += "R-3;Kit;;stray;\nTotal:;3;;;\n;;;;\n"
    first, second, stray, total = entries(text.encode("windows-1252"), [by])
    assert [(one.kind, one.received) for one in first.mentions[0].identifiers] == [
        ("email", "zoe@mail.example"),
        ("screen_name", "Zo\u00eb"),
    ]
    assert (second.place, second.mentions[0].identifiers) == ("row 6", ())
    assert [(kept.path, kept.text) for kept in second.unknown] == [("Account / Name", "not held")]
    assert "to the right of the last column" in stray.reason
    assert (total.state, total.place) == ("held", "row 8")


@pytest.mark.parametrize("said", ["0", "x", "[1, 3]", "[1, 2, 3]", "[]"])
def test_a_header_row_that_is_none_is_a_fault_of_the_map(said: str) -> None:
    text = SAMPLE.read_text(encoding="utf-8") + f"\nheader_row: {said}\n"
    with pytest.raises(MapError, match="header_row"):
        read_map(text)


@pytest.mark.parametrize(
    "said",
    [
        "Total",
        "Grand total: 5",
        "TOTALS",
        "Sub-total for April",
        "5 rows in total",
        "Count: 1,204",
        "End of report",
    ],
)
def test_a_line_of_totals_is_no_report_wherever_it_is_written(held, said: str) -> None:
    nothing = dict.fromkeys(ROW, "")
    for column in ("Report ref", "Remarks", "Service"):
        assert "totals" in held(table(nothing | {column: said})).reason


def test_a_reference_alone_is_no_report(held, one) -> None:
    nothing = dict.fromkeys(ROW, "")
    assert "nothing else" in held(table(nothing | {"Report ref": "checked by the desk"})).reason
    assert (
        one(**nothing | {"Report ref": "R-9", "Remarks": "A boy was asked for pictures"}).reference == "R-9"
    )
