"""A case run by commands alone, and what they print for other programs."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cases.desk import at_the_door
from tests.commands.conftest import Done, held_to_schema, threshold
from tests.force import Force

from threshold.cases import contact, visits
from threshold.commands import casework


def run(*arguments: object, who: str = "investigator") -> Done:
    done = threshold(*arguments, "--as", who)
    assert done.code == 0, done.err
    return done


def number(done: Done) -> str:
    found = re.search(r"\d+", done.out)
    assert found
    return found[0]


def test_help_names_what_the_rooms_have() -> None:
    assert tuple(contact.BY_KEY) == casework._QUESTIONS
    assert tuple(contact.SUPPORT) == casework._SUPPORT
    assert tuple(visits.RESULTS) == casework._RESULTS


def test_a_warning_by_commands_from_the_decision_to_the_counts(force: Force, tmp_path: Path) -> None:
    desk = at_the_door(force)
    case = f"T2026-{desk.case:05}"
    told = held_to_schema("case", run("case", "show", case, "--json").json)
    assert told["state"] == "open" and any(option["permitted"] for option in told["options"])
    why = ["--reason", "a made-up reason", "--threat", "x", "--powers", "y", "--review", "2027-01-31"]
    decision = number(run("decide", "take", case, "warning_visit", *why))
    own = threshold("decide", "approve", decision, "--reason", "mine", "--as", "investigator")
    assert own.code == 2 and "roles do not allow" in own.err
    run("decide", "approve", decision, "--reason", "I agree", who="supervisor")
    read, kept = tmp_path / "read.pdf", tmp_path / "kept.pdf"
    run("letter", "preview", case, "-o", read)
    letter = number(run("letter", "make", case))
    run("letter", "print", letter, "-o", kept)
    assert read.read_bytes() == kept.read_bytes()
    draft = threshold("letter", "make", case, "--language", "cy", "--as", "investigator")
    assert draft.code == 2 and "draft" in draft.err
    checked = run("visit", "check", case, "--letter", letter, "--premises", desk.premises)
    assert "NO " not in checked.out
    visit = number(run("visit", "sign", case, "--letter", letter, "--premises", desk.premises))
    again = threshold(
        "visit", "sign", case, "--letter", letter, "--premises", desk.premises, "--as", "investigator"
    )
    assert again.code == 2 and "no other visit" in again.err
    run("visit", "result", visit, "warned", "--letter", "handed")
    early = threshold("case", "close", case, "--reason", "enough", "--as", "investigator")
    assert early.code == 2
    counted = held_to_schema("visits", run("visits", "--from", "2026-11-01", "--json", who="chief").json)
    assert counted["homes_visited"] == 1 and counted["letters"]["handed"] == 1
    rows = held_to_schema("cases", run("case", "list", "--state", "watched", "--json").json)
    assert [row["reference"] for row in rows] == [case]
    told = held_to_schema("case", run("case", "show", case, "--json").json)
    assert [each["results"][0]["result"] for each in told["visits"]] == ["warned"]


def test_a_visit_that_is_not_permitted_says_what_is_missing(force: Force) -> None:
    from tests.cases.desk import at_the_desk

    desk = at_the_desk(force)
    shown = run("visit", "check", desk.case)
    assert "NO   this is an adult" in shown.out
    done = threshold(
        "decide", "take", desk.case, "warning_visit", "--reason", "x", "--threat", "x", "--powers", "x",
        "--review", "2027-01-31", "--as", "investigator",
    )  # fmt: skip
    assert done.code == 2 and "no override makes it so" in done.err
    none = threshold("case", "show", "T2026-09999", "--as", "investigator")
    assert none.code == 2 and "There is no case" in none.err
