"""What a table leaves open is asked, what it settles is said, and a map is written that reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from threshold.intake.map_making import (
    Answers,
    Column,
    WrongMap,
    answers_from,
    likely_header,
    other_questions,
    reading_of,
    suggestion,
    table_sample,
    written_map,
)
from threshold.intake.maps import load_map, read_map
from threshold.intake.readers.table_rows import Row

SAMPLE = Path(__file__).parents[2] / "sample"


def asked(values: list[str], **answers: str) -> tuple[str, str, str, set[str]]:
    body = [Row(n, [value]) for n, value in enumerate(values, 2)]
    found = reading_of(body, Answers(columns={0: Column("happened")}, **answers))
    return found.date_order, found.time_zone, found.clock, {q.key for q in found.questions}


@pytest.mark.parametrize(
    ("values", "order", "questions"),
    [
        (["03/04/2026"], "dmy", {"date_order"}),
        (["03/04/2026", "25/04/2026"], "dmy", set()),
        (["03/04/2026", "04/25/2026"], "mdy", set()),
        (["25/04/2026", "04/25/2026"], "dmy", {"date_order"}),
        (["2026-04-03T10:00:00Z"], "iso", set()),
        (["2026/04/03"], "ymd", set()),
        (["25/04/2026 22:10 UTC"], "dmy", set()),
        (["25/04/2026 22:10"], "dmy", {"time_zone"}),
        (["25/04/2026 09:10"], "dmy", {"time_zone", "clock"}),
        (["25/04/2026 09:10 PM"], "dmy", {"time_zone"}),
        ([], "iso", set()),
    ],
)
def test_it_asks_only_what_can_be_read_two_ways(values: list[str], order: str, questions: set[str]) -> None:
    found = asked(values)
    assert (found[0], found[3]) == (order, questions)


def test_the_twelve_hour_clock_is_seen() -> None:
    assert asked(["25/04/2026 09:10 PM"])[2] == "12"
    assert asked(["25/04/2026 21:10"])[2] == "24"
    assert asked(["25/04/2026 09:10"], clock="12")[2] == "12"


def test_answers_from_a_map_write_the_same_map(tmp_path: Path) -> None:
    """The sample's own map, taken apart into answers and written again, reads as it did."""
    by = load_map(SAMPLE / "maps" / "agency_packages.yaml")
    sample = table_sample(str(SAMPLE / "week" / "wednesday" / "agency-packages.csv"))
    assert likely_header(sample) == (1,) and sample.header((1,)) == list(by.header)
    answers = answers_from(by, by.header)
    written = read_map(written_map(answers, sample, reading_of(sample.body((1,)), answers), by.version))
    # A service column that the accounts have is the report's own, too.
    assert written == replace(by, service="Service")


@pytest.mark.parametrize(
    ("name", "values", "what", "role"),
    [
        ("Suspect e-mail", [], "email", "reported"),
        ("Child's age", [], "age", "harmed"),
        ("IP date and time", [], "connection_at", ""),
        ("column 3", ["203.0.113.7", "2001:db8::1"], "connection_address", ""),
        ("File MD5", [], "ignore", ""),
    ],
)
def test_a_suggestion_says_why(name: str, values: list[str], what: str, role: str) -> None:
    found = suggestion(name, values)
    assert found and (found.what, found.role) == (what, role) and found.because


def test_nothing_is_suggested_where_nothing_is_plain() -> None:
    assert suggestion("Field 7", ["red", "203.0.113.7"]) is None


def test_columns_without_a_name_or_with_one_twice_get_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Ref,Name,,Name,,\n1,a,b,c,,\n", encoding="utf-8")
    assert table_sample(str(path)).header((1,)) == ["Ref", "Name", "(column 3)", "Name (column 4)"]


def test_what_contradicts_itself_makes_no_map(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("A,B,SHA1\n1,2,3\n", encoding="utf-8")
    sample = table_sample(str(path))
    columns = {0: Column("reference"), 1: Column("reference"), 2: Column("words")}
    answers = Answers(columns=columns, sender="S", name="S")
    with pytest.raises(WrongMap) as wrong:
        written_map(answers, sample, reading_of(sample.body((1,)), answers), "1")
    assert "said to be the same thing" in str(wrong.value) and "digests" in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("What they did", ["looked at pictures"]),
        ("Alleged offence", ["making"]),
        ("Column 9", ["viewed", "Shared", "unknown"]),
    ],
)
def test_what_was_done_is_suggested_by_its_name_or_its_words(name: str, values: list[str]) -> None:
    found = suggestion(name, values)
    assert found and found.what == "activity"
    assert suggestion("Column 9", ["unknown"]) is None, "nothing but unknown says nothing of a column"


IP_AND_TIME = Answers(
    columns={0: Column("connection_address"), 1: Column("happened")},
    sender="Fictional Forum",
    name="forum",
    whose="reported",
    time_zone="UTC",
)


def test_whether_the_one_time_is_that_of_the_internet_address_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_text("IP,Login time\n203.0.113.7,2026-04-03 09:15\n", encoding="utf-8")
    sample = table_sample(str(path))
    reading = reading_of(sample.body((1,)), IP_AND_TIME)
    assert [q.key for q in other_questions(IP_AND_TIME)] == ["connection_time"]
    with pytest.raises(WrongMap, match="Is the time at which it happened also"):
        written_map(IP_AND_TIME, sample, reading, "1")
    for said, at in (("yes", "Login time"), ("no", None)):
        answers = replace(IP_AND_TIME, connection_time=said)
        made = read_map(written_map(answers, sample, reading, "1"))
        assert made.happened == "Login time" and made.people[0].connections[0].at == at
        assert answers_from(made, made.header).connection_time == said
        assert answers_from(made, made.header).columns[1].what == "happened"
    own = replace(IP_AND_TIME, columns={**IP_AND_TIME.columns, 2: Column("connection_at")})
    assert not other_questions(own), "an address with a time of its own asks nothing"


def test_numbers_in_a_column_of_times_are_asked_about() -> None:
    body = [Row(2, ["03/04/2026 22:10"]), Row(3, ["46115.385"], kinds=["number"])]
    found = reading_of(body, Answers(columns={0: Column("happened")}))
    question = next(q for q in found.questions if q.key == "day_numbers")
    assert [value for value, _ in question.options] == ["1900", "1904", "none"]
    assert "46115.385" in question.text and "3 April 2026, 09:14" in question.options[0][1]
    born = reading_of([Row(2, ["29221"])], Answers(columns={0: Column("born")}))
    assert "1 January 1980" in born.questions[0].options[0][1]
    assert not reading_of([Row(2, ["1980"])], Answers(columns={0: Column("born")})).questions


@pytest.mark.parametrize(
    ("lines", "row"),
    [
        (["Ref,Email,Email", "A-1,a@mail.example,b@mail.example"], 1),
        (["Report,Suspect,Suspect", "Ref,Email,Port", "A-1,a@mail.example,50123"], 2),
        (["Referrals,,", "Ref,Email,Email", "A-1,a@mail.example,b@mail.example"], 2),
        (["A-1,a@mail.example,07700 900001", "A-2,b@mail.example,07700 900002"], 1),
    ],
)
def test_a_row_of_data_is_not_taken_for_the_header(tmp_path: Path, lines: list[str], row: int) -> None:
    path = tmp_path / "made.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert likely_header(table_sample(str(path))) == (row,)


def test_a_report_in_the_row_of_the_header_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_text("a@mail.example,viewed\nb@mail.example,viewed\n", encoding="utf-8")
    sample = table_sample(str(path))
    answers = Answers(columns={0: Column("email")}, sender="Forum", name="forum", whose="reported")
    with pytest.raises(WrongMap, match=r"seems to hold a report .*a@mail\.example"):
        written_map(answers, sample, reading_of(sample.body((1,)), answers), "1")
