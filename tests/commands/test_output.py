"""What commands print for other programs, held to the published schemas; and the codes that they end with."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import psycopg
import pytest
from django.test import Client
from tests.commands.conftest import COMMAND, Done, held_to_schema, threshold
from tests.force import Force
from tests.journey.mixed import MAPS, mixed_files
from tests.referrals import referral, write

from threshold.acts.db import query
from threshold.acts.officers import issue_token
from threshold.cases.queries import LISTS
from threshold.commands.running import told_plainly
from threshold.intake.maps import load_map
from threshold.journey.importing import _Importer, files_under, take_in


def test_an_import_prints_its_sum_and_every_entry(force: Force, tmp_path: Path) -> None:
    files = mixed_files(tmp_path / "in", rows=20)
    done = threshold("import", files, "--map", MAPS / "agency_packages.yaml", "--json")
    told = held_to_schema("import", done.json)
    states = ("registered", "duplicate", "held", "refused")
    assert told["received"] == sum(told[state] for state in states) == len(told["entries"])
    for state in states:
        assert told[state] == sum(entry["state"] == state for entry in told["entries"])
        assert told[state] > 0
    assert done.code == 1


class Stopped(Exception):
    """Somebody pulled the plug."""


def stop_after(writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import in this process stops after so many acts that write entries."""
    write_some, done = _Importer._write_some, 0

    def counted(importer: _Importer) -> None:
        nonlocal done
        if done == writes:
            raise Stopped
        done += 1
        write_some(importer)

    monkeypatch.setattr(_Importer, "_write_some", counted)


@pytest.mark.parametrize("rows", [60, 120], ids=["small", "large"])
def test_an_import_that_goes_on_says_what_was_recorded_before(
    force: Force, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    table = mixed_files(tmp_path / "in", rows=rows) / "table"
    named = MAPS / "agency_packages.yaml"
    with monkeypatch.context() as plugged, pytest.raises(Stopped):
        stop_after(1, plugged)
        take_in(force.actor("intake"), files_under([table]), [load_map(named)])
    (begun,) = query("select count(*) as n from intake_entry where place like 'row %%'")
    whole = rows + 1  # one row has too few cells
    assert 0 < begun.n < whole
    done = threshold("import", table, "--map", named, "--json")
    told = held_to_schema("import", done.json)
    assert told["received"] + begun.n == whole
    assert f"Went on with 1 delivery that a stopped import had begun: {begun.n} entries were" in done.err
    again = threshold("import", table, "--map", named)
    assert f"received {whole} =" in again.out and "Went on" not in again.out + again.err


def test_what_was_held_before_an_import_was_stopped_still_counts_for_its_end(
    force: Force, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row that is held is the first: it is recorded before the plug is pulled."""
    path = mixed_files(tmp_path / "in", rows=60) / "table" / "packages.csv"
    header, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([header, rows[-1], *rows[:-1]]) + "\n", encoding="utf-8-sig")
    named = MAPS / "agency_packages.yaml"
    with monkeypatch.context() as plugged, pytest.raises(Stopped):
        stop_after(1, plugged)
        take_in(force.actor("intake"), files_under([path]), [load_map(named)])
    done = threshold("import", path, "--map", named)
    assert "held 0" in done.out and "Went on with 1 delivery" in done.out
    assert done.code == 1


@pytest.mark.parametrize(("text", "code"), [(referral("fine-1"), 0), ("no referral", 1), ("", 1)])
def test_an_import_ends_with_0_when_all_is_in_and_1_when_something_is_held_or_refused(
    force: Force, tmp_path: Path, text: str, code: int
) -> None:
    write(tmp_path, {"one.xml": text})
    done = threshold("import", tmp_path / "one.xml")
    assert done.code == code
    assert "received 1 =" in done.out
    # A repetition is a duplicate; what it repeats may still be held or refused.
    assert threshold("import", tmp_path / "one.xml").code == code


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_printed_in_its_published_shape(standing_force: Force, name: str) -> None:
    rows = held_to_schema("list", threshold("list", name, "--json").json)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert standing_force.subjects["closed"] not in {row["subject"] for row in rows}
    if rows:
        assert held_to_schema("list", threshold("list", name, "--limit", 1, "--json").json) == rows[:1]


def test_a_list_for_people_names_the_same(standing_force: Force) -> None:
    rows = threshold("list", "find-out", "--json").json
    shown = threshold("list", "find-out").out
    assert rows
    for row in rows:
        assert f" {row['subject']} " in shown


@pytest.mark.parametrize("name", ["own", "free", "tied", "child", "harmed", "near_closed"])
def test_a_subject_is_printed_in_its_published_shape(standing_force: Force, name: str) -> None:
    number = standing_force.subjects[name]
    done = threshold("subject", number, "--json")
    assert done.code == 0, done.err
    told = held_to_schema("subject", done.json)
    assert told["subject"] == number
    assert (told["assessment"] is None) == (name == "harmed")
    plain = threshold("subject", number)
    assert plain.code == 0 and not re.search(r"\b[a-z]+_[a-z_]+\b|\bNone\b(?!\.)", plain.out), plain.out


def test_a_subject_with_every_kind_of_statement_keeps_its_shape(force: Force) -> None:
    free = force.subjects["free"]
    for fact, value in (
        ("contact", "yes"),
        ("times_seen", "2-5"),
        ("worst_grade", "C"),
        ("age", "1990-01-31"),
    ):
        done = threshold("state", free, fact, value, "--source", "Checks")
        assert done.code == 0, done.err
    assert threshold("state", free, "earlier_warning", "not_known", "--source", "Checks").code == 0
    told = held_to_schema("subject", threshold("subject", free, "--json").json)
    values = {row["fact"]: row["value"] for row in told["statements"] if row["by"]}
    assert values == {
        "contact": True,
        "times_seen": {"at_least": 2, "at_most": 5},
        "worst_grade": "C",
        "age": {"born_from": "1990-01-31", "born_to": "1990-01-31"},
        "earlier_warning": None,
    }


@pytest.mark.parametrize("name", ["demo", "analyst", "investigator", "safeguarding", "chief", "intake"])
def test_the_page_the_command_and_its_json_say_the_same_at_the_same_date(
    standing_force: Force, name: str
) -> None:
    when = datetime.now(UTC).replace(microsecond=0)
    printed = threshold("count", "--as-at", when.isoformat(), "--as", name).out
    told = held_to_schema(
        "count", threshold("count", "--as-at", when.isoformat(), "--as", name, "--json").json
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.post("/sign-in", {"username": name, "password": standing_force.passwords[name]})
    answer = client.get("/counts", {"as-at": f"{when:%d/%m/%Y %H:%M:%S} UTC", "reading": "known-at"})
    page = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())
    assert told["sentence"] in page and told["sentence"] in " ".join(printed.split())
    for number in told["numbers"]:
        value = "Hidden" if number["state"] == "hidden" else number["value"]
        assert number["title"] in printed and number["definition"] in printed
        if (
            value is not None
            and number["definition"] in page
            and not number["key"].startswith(("rung", "route"))
        ):
            shown = rf"{re.escape(number['title'])}:? {value}\b.{{0,80}}?{re.escape(number['definition'])}"
            assert re.search(shown, page), number


def test_a_count_is_asked_in_each_reading(standing_force: Force) -> None:
    after = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    today = held_to_schema("count", threshold("count", "--json").json)
    assert (today["reading"], today["counted"]) == ("today", "what you may see")
    past = held_to_schema("count", threshold("count", "--as-at", "2026-01-01", "--json").json)
    assert {number["value"] for number in past["numbers"]} == {0, None}
    for reading in ([], ["--now-known"]):
        same = threshold("count", "--as-at", after, *reading, "--json").json
        assert same["numbers"] == today["numbers"]


def test_the_record_is_verified_in_its_published_shape(force: Force, tmp_path: Path) -> None:
    done = threshold("verify", "--json")
    told = held_to_schema("verify", done.json)
    assert (done.code, told["whole"], told["breaks"]) == (0, True, [])
    assert threshold("verify").out.strip().endswith("whole")
    copy = tmp_path / "heads.jsonl"
    copy.write_bytes(force.home.heads.read_bytes())
    assert threshold("verify", "--against", copy).code == 0
    assert threshold("verify", "--against", tmp_path / "none").code == 2


def test_a_broken_record_ends_with_1_and_names_the_place(force: Force, tmp_path: Path) -> None:
    import os

    import psycopg

    assert threshold("export-record", tmp_path / "whole").code == 0
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("alter table report disable trigger user")
        owner.execute("update report set words = 'changed' where id = 3")
    copy = tmp_path / "heads.jsonl"
    copy.write_bytes(force.home.heads.read_bytes())
    for arguments in (["verify"], ["verify", "--against", copy], ["export-record", tmp_path / "broken"]):
        done = threshold(*arguments)
        assert done.code == 1
        assert "BROKEN  report 3: row was changed" in done.out
    told = held_to_schema("verify", threshold("verify", "--export", tmp_path / "broken", "--json").json)
    assert [(b["where"], b["number"]) for b in told["breaks"]] == [("report", 3)]
    assert threshold("verify", "--export", tmp_path / "whole").code == 0
    assert threshold("verify", "--export", tmp_path).code == 2


def test_a_command_that_is_refused_leaves_its_trace(force: Force) -> None:
    import os

    import psycopg

    closed = force.subjects["closed"]
    refused: list[tuple[str, list[object], str, str]] = [
        ("investigator", ["state", closed, "contact", "yes", "--source", "Checks"], "state", "NotVisible"),
        ("chief", ["take", force.subjects["free"]], "take", "Refused"),
        ("analyst", ["import", __file__], "take deliveries in", "Refused"),
        ("analyst", ["account", "add", "bo", "--full-name", "Bo"], "make account", "Refused"),
        ("intake", ["withdraw", 9999, "--source", "a sender"], "withdraw report", "WrongReport"),
        ("intake", ["set-aside", 9999, "--reason", "why"], "settle held entry", "NoEntry"),
    ]
    for name, arguments, verb, kind in refused:
        assert threshold(*arguments, "--as", name).code == 2
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            row = connection.execute(
                "select actor, route, body from look order by id desc limit 1"
            ).fetchone()
        assert row is not None
        assert row[:2] == (force.actor(name).id, "refused write"), arguments
        assert (row[2]["verb"], row[2]["failed"]) == (verb, kind), arguments
    assert threshold("verify").code == 0


def test_erasing_by_command_needs_two(force: Force) -> None:
    import os

    import psycopg

    for name in ("chief", "nobody"):
        asked = threshold("account", "ask-role", name, "records", "--as", "administrator").out.split()[-1]
        assert threshold("account", "approve-role", asked, "--as", "administrator2").code == 0
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute("select statement from statement_taken_back").fetchone()
    assert row is not None
    why = ["--rule", "review", "--reason", "The review of November"]
    refused = threshold("erase", "ask", "statement", row[0], *why, "--as", "supervisor")
    assert (refused.code, "Your roles do not allow you to erase" in refused.err) == (2, True)
    request = threshold("erase", "ask", "statement", row[0], *why, "--as", "nobody").out.split()[-1]
    (told,) = held_to_schema("erase-list", threshold("erase", "list", "--json", "--as", "chief").json)
    assert (told["id"], told["row"], told["asked_by"]) == (int(request), row[0], "Nob Ody")
    assert "The review of November" in threshold("erase", "list", "--as", "chief").out
    assert "needs a second person" in threshold("erase", "approve", request, "--as", "nobody").err
    act = threshold("erase", "approve", request, "--as", "chief").out.split()[-1]
    assert held_to_schema("verify", threshold("verify", "--json").json)["erased_under"] == [
        {"act": int(act), "rows": 2}
    ]
    assert f"2 erased, 2 under act {act}" in threshold("verify").out
    again = threshold("erase", "ask", "statement", row[0], *why, "--as", "nobody")
    assert f"erased already, under act {act}" in again.err
    assert threshold("erase", "decline", request, "--as", "chief").code == 2


def test_an_export_holds_digests_and_content_is_for_the_disclosure_role_alone(
    force: Force, tmp_path: Path
) -> None:
    done = threshold("export-record", tmp_path / "digests", "--as", "auditor", "--json")
    told = held_to_schema("verify", done.json)
    assert (done.code, told["whole"], told["withheld"]) == (0, True, told["rows"])
    assert "Ownteam" not in (tmp_path / "digests" / "rows" / "identifier.jsonl").read_text()
    for name in ("auditor", "administrator", "supervisor"):
        done = threshold("export-record", tmp_path / name, "--content", "--as", name)
        assert (done.code, (tmp_path / name).exists()) == (2, False)
        assert "Your roles do not allow you to write the record out with its content" in done.err
    assert threshold("export-record", tmp_path / "no", "--as", "administrator").code == 2
    closed = threshold("export-record", tmp_path / "all", "--content")
    assert (closed.code, (tmp_path / "all").exists()) == (2, False)
    assert "Some records are closed to you" in closed.err


def test_everything_can_be_asked_as_at_a_date(force: Force) -> None:
    before = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    after = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    for name in LISTS:
        assert threshold("list", name, "--as-at", before, "--json").json == []
    now = threshold("list", "find-out", "--json").json
    moment = datetime.now(UTC).isoformat()
    threshold("state", force.subjects["free"], "contact", "yes", "--source", "Checks")
    assert threshold("list", "find-out", "--as-at", moment, "--json").json == now
    then = held_to_schema(
        "subject", threshold("subject", force.subjects["free"], "--as-at", moment, "--json").json
    )
    today = threshold("subject", force.subjects["free"], "--as-at", after, "--json").json
    assert {s["fact"] for s in today["statements"]} - {s["fact"] for s in then["statements"]} == {"contact"}
    assert then["assessment"]["band"]["known"] != today["assessment"]["band"]["known"] == "very_high"


def test_an_officers_day_at_the_command_line(force: Force, tmp_path: Path) -> None:
    """Every command that acts, each in a process of its own, before anything else set the site up."""
    own, free, tied = (force.subjects[name] for name in ("own", "free", "tied"))
    assert f"{free}: " in threshold("search", "free-1").out
    assert [hit["subject"] for hit in threshold("search", "FREE-1 ", "--json").json] == [free]
    assert threshold("take", free).code == 0
    assert threshold("let-go", free).code == 0
    link = threshold("same", own, free, "--reason", "one man").out.split()[-1]
    assert threshold("undo", link, "--reason", "two men").out.split()[1:]
    assert threshold("different", own, tied, "--reason", "they met").code == 0
    statement = threshold("state", free, "contact", "yes", "--source", "Checks").out.split()[-1]
    assert threshold("take-back", statement, "--reason", "a slip").out.strip() == f"subject {free}"
    assert (
        threshold(
            "close", tied, "--reason", "a colleague", "--reader", "supervisor", "--reader", "named"
        ).code
        == 0
    )
    assert threshold("subject", tied).code == 2
    assert threshold("open", tied, "--as", "supervisor").code == 0
    assert threshold("subject", tied).code == 0
    assert threshold("sweep").out.strip() == "0 worked out again"
    assert "bo  " in threshold("account", "add", "bo", "--full-name", "Bo New", "--as", "administrator").out
    request = threshold("account", "ask-role", "bo", "analyst", "--as", "administrator").out.split()[-1]
    assert threshold("account", "approve-role", request, "--as", "administrator").code == 2
    assert threshold("account", "approve-role", request, "--as", "administrator2").code == 0
    token = threshold("account", "token", "bo", "--as", "administrator").out.strip()
    assert threshold("list", "act", env={"THRESHOLD_TOKEN": token}).code == 0
    own = threshold("account", "token", env={"THRESHOLD_TOKEN": token}).out.strip()
    assert threshold("list", "act", env={"THRESHOLD_TOKEN": token}).code == 2
    assert threshold("account", "revoke-token", env={"THRESHOLD_TOKEN": own}).code == 0
    assert threshold("list", "act", env={"THRESHOLD_TOKEN": own}).code == 2
    assert threshold("verify").code == 0


WRONG: list[tuple[list[object], str]] = [
    (["list", "nonsense"], "there are the lists act, find-out, children"),
    (["list", "act", "--as", "nobody here"], "There is no account nobody here"),
    (["list", "act", "--as", "chief"], "Your roles do not allow you to see subjects and lists"),
    (["list", "act", "--as-at", "yesterday"], "'yesterday' is not a date"),
    (["list", "act", "--limit", "0"], "--limit"),
    (["count", "--as", "auditor"], "Your roles do not allow you to see and save counts"),
    (["count", "--now-known"], "say the date with --as-at"),
    (["count", "--as-at", "yesterday"], "'yesterday' is not a date"),
    (["subject", 9999], "There is no subject 9999."),
    (["subject", "none"], "valid integer"),
    (["subject", 10**30], "less than or equal to"),
    (["undo", 9999, "--reason", "why"], "does not stand"),
    (["withdraw", 9999, "--source", "a sender"], "no report 9999"),
    (["take-back", 9999, "--reason", "why"], "does not stand"),
    (["take-back", 9999], "--reason"),
    (["take-back", 9999, "--reason", " "], "Say why"),
    (["same", 1, 1, "--reason", "why"], "cannot be linked with itself"),
    (["same", 1, 3], "--reason"),
    (["state", 9, "contact", "maybe", "--source", "x"], "Answer yes, no or not known."),
    (["state", 9, "nonsense", "yes", "--source", "x"], "does not ask about nonsense"),
    (["import", "/nonexistent/file"], "does not exist"),
    (["import", __file__, "--map", __file__], "test_output.py"),
    (["import", __file__, "--received-at", "2999-01-01"], "in the future"),
    (["import", __file__, "--as", "analyst"], "Your roles do not allow you to take deliveries in"),
    (["verify", "--as", "analyst"], "Your roles do not allow you to verify"),
    (["account", "add", "a b", "--full-name", "A"], "A user name is one word"),
    (["account", "ask-role", "analyst", "king"], "there are the roles"),
    (["close", 9, "--reason", "why", "--reader", "analyst"], "Name at least one supervisor"),
    (["backup", "/nonexistent/folder/file"], "/nonexistent/folder"),
    (["export-record", "/nonexistent/folder/out"], "/nonexistent/folder/out: No such file or directory"),
    (["restore", __file__, "/nonexistent/home"], "cannot be restored: it cannot be read"),
    (["import", __file__, "--map", "/dev/zero"], "/dev/zero is not a file"),
    (["verify", "--against", "/dev/zero"], "/dev/zero is not a file"),
    (["restore", "/dev/zero", "/nonexistent/home"], "/dev/zero is not a file"),
    (["nonsense"], "No such command"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda value: str(value)[:60])
def test_a_mistake_ends_with_2_and_says_what_is_wrong(
    standing_force: Force, arguments: list[object], words: str
) -> None:
    done = threshold(*arguments)
    assert done.code == 2
    assert words in " ".join(done.err.replace("│", " ").split())
    assert done.out == ""
    if "Usage:" not in done.err:
        assert done.err.strip().startswith("threshold: ")
        assert len(done.err.strip().splitlines()) == 1


def test_who_somebody_is_comes_from_a_token(force: Force) -> None:
    token = issue_token(force.actor("administrator"), "chief")
    assert threshold("list", "act", env={"THRESHOLD_TOKEN": token}).code == 2
    for wrong in (token + "x", "chief", ":", "\udcff:x"):
        done = threshold("list", "act", env={"THRESHOLD_TOKEN": wrong})
        assert done.code == 2
        assert "belongs to nobody here" in done.err


def test_a_home_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    done = threshold("list", "act", env={"THRESHOLD_HOME": str(tmp_path / "none"), "DATABASE_URL": "x"})
    assert done.code == 2
    assert "there is no Threshold home here" in done.err


def test_a_database_that_does_not_answer_is_said_so(standing_force: Force) -> None:
    done = threshold("list", "act", env={"DATABASE_URL": "postgresql://app@/none?host=/nonexistent"})
    assert done.code == 2
    assert "The database did not answer" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_file_whose_name_is_no_text_is_taken_in(force: Force, tmp_path: Path) -> None:
    path = Path(str(tmp_path).encode().decode()) / b"bad\xff name.xml".decode("utf-8", "surrogateescape")
    path.write_text(referral("odd-1"))
    done = threshold("import", tmp_path, "--json")
    assert done.code == 0, done.err
    assert held_to_schema("import", done.json)["entries"][0]["delivery"] == "bad? name.xml"
    assert threshold("search", "bad\udcff").code == 0
    assert threshold("verify").code == 0


@pytest.mark.parametrize("named", ["/dev/zero", "pipe", "link to a pipe"])
def test_what_would_be_read_for_ever_is_refused_at_once(force: Force, tmp_path: Path, named: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link to a pipe").symlink_to(tmp_path / "pipe")
    command = [COMMAND, "import", str(tmp_path / named), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1, done.stderr
    (entry,) = json.loads(done.stdout)["entries"]
    assert entry["state"] == "refused"
    assert "not a file that can be read (a pipe, a device or the like)" in entry["reason"]


def test_a_command_that_was_kept_waiting_too_long_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, told_plainly():
        raise psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")
    assert ended.value.code == 2
    assert "Nothing was changed: try again." in capsys.readouterr().err


def test_a_number_that_moved_leads_to_whoever_holds_it_now(force: Force) -> None:
    one, other = force.subjects["own"], force.subjects["free"]
    link = threshold("same", one, other, "--reason", "one man", "--as", "analyst")
    assert link.code == 0
    moved = threshold("subject", max(one, other), "--json", "--as", "analyst")
    assert moved.code == 0 and moved.json["subject"] == min(one, other)
    assert f"{max(one, other)} is now part of subject {min(one, other)}" in moved.err
    greater, smaller = max(one, other), min(one, other)
    stated = ("state", greater, "contact", "yes", "--source", "Checks", "--as", "analyst")
    as_json, as_text = threshold(*stated, "--json"), threshold(*stated)
    told = held_to_schema("state", as_json.json)
    assert (told["asked"], told["subject"]) == (greater, smaller)
    assert as_text.out.startswith(f"subject {smaller}: statement ")
    for done in (as_json, as_text, threshold("let-go", greater, "--as", "investigator")):
        assert f"{greater} is now part of subject {smaller}; it was written there" in done.err
    assert threshold("take", smaller, "--as", "investigator").err == ""
    threshold("undo", link.out.split()[-1], "--reason", "a slip", "--as", "analyst")


def test_a_name_beside_a_token_is_refused(force: Force) -> None:
    done = threshold("list", "act", "--as", "analyst", env={"THRESHOLD_TOKEN": "anything"})
    assert done.code == 2 and "Take away --as" in done.err


def test_a_list_that_is_cut_says_so(force: Force) -> None:
    done = threshold("list", "find-out", "--json", "--limit", "1")
    assert len(done.json) == 1 and "--limit shows more" in done.err


def test_two_files_of_one_name_are_told_apart(force: Force, tmp_path: Path) -> None:
    for folder in ("a/same", "b/same"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "report.csv").write_text(f"a,b\n{folder},1\n")
    named = [tmp_path / "a" / "same" / "report.csv", tmp_path / "b" / "same"]
    done = threshold("import", *named, "--json")
    told = held_to_schema("import", done.json)
    paths = [entry["path"] for entry in told["entries"]]
    assert paths == [str(tmp_path / "a/same/report.csv"), str(tmp_path / "b/same/report.csv")]
    listed = held_to_schema("held", threshold("held", "--json").json)
    assert [entry["file"] for entry in listed["entries"][-2:]] == ["same/report.csv"] * 2
    entry = listed["entries"][-1]["id"]
    assert held_to_schema("held-entry", threshold("held", entry, "--json").json)["file"] == "same/report.csv"
    shown = threshold("held", entry).out
    assert "same/report.csv" in shown


def test_what_is_held_is_asked_as_at_a_date_and_a_date_to_come_is_now(force: Force, tmp_path: Path) -> None:
    before = datetime.now(UTC).isoformat()
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    threshold("import", tmp_path / "t.csv")
    now = threshold("held", "--json").json
    then = held_to_schema("held", threshold("held", "--json", "--as-at", before).json)
    assert now["held"] == then["held"] + 1
    done = threshold("held", now["entries"][-1]["id"], "--as-at", before)
    assert done.code == 2 and "only the list" in " ".join(done.err.split())
    for command in (
        ["held"],
        ["list", "act"],
        ["search", "free-1"],
        ["count"],
        ["subject", force.subjects["free"]],
    ):
        present = threshold(*command, "--json")
        to_come = threshold(*command, "--json", "--as-at", "2999-01-01")
        assert "2999-01-01 is still to come" in to_come.err
        if command != ["count"]:
            assert to_come.json == present.json
    assert threshold("search", "free-1", "--json", "--as-at", "2026-01-01").json == []


def test_reconciliation_says_what_the_page_says(force: Force) -> None:
    told = held_to_schema(
        "reconciliation", threshold("reconciliation", "--from", "2026-01-01", "--json").json
    )
    assert told["received"] == sum(told[s] for s in ("registered", "duplicate", "held", "refused")) > 0
    assert sum(row["received"] for row in told["by_sender"]) == told["received"]
    (all_entries,) = query("select count(*) as n from intake_entry where retracted_by is null")
    assert told["received"] == all_entries.n and told["holds"]
    assert (
        f"{told['received']} received in {told['deliveries']} deliveries"
        in threshold("reconciliation", "--from", "2026-01-01").out
    )
    for wrong in (["--from", "yesterday"], ["--from", "2026-02-01", "--to", "2026-01-01"]):
        assert threshold("reconciliation", *wrong).code == 2
    assert threshold("reconciliation", "--as", "chief").code == 2


REFERRED: dict[str, object] = {
    "threshold_referral": 1, "kind": "public", "sender": "A worried mother", "reference": None,
    "told_by": "telephone", "happened": None, "service": "Fictional Chat", "activities": ["groomed"],
    "words": None, "people": [
        {"role": "reported", "identifiers": [{"kind": "screen_name", "text": "owl_7"}], "age": None},
        {"role": "harmed", "identifiers": None, "age": "13"},
    ],
}  # fmt: skip


def test_a_referral_is_taken_in_from_its_document(force: Force, tmp_path: Path) -> None:
    held_to_schema("referral", REFERRED)
    path = tmp_path / "call.json"

    def refer(**changed: object) -> Done:
        path.write_text(json.dumps(REFERRED | changed))
        return threshold("refer", path, "--received-at", "2026-11-24", "--json")

    assert held_to_schema("import", refer().json)["registered"] == 1
    assert refer().json["duplicate"] == 1
    assert refer(form="second-call").json["registered"] == 1, "two calls that say the same are two reports"
    (row,) = query("select road, name from delivery order by id desc limit 1")
    assert (row.road, row.name) == ("typed", "call.json")
    for wrong, said in (
        ({"words": 7}, "words: a text should stand here"),
        ({"people": []}, "say who is reported"),
        ({"colour": "blue"}, "colour: there is no such question"),
        ({"people": [{"role": "reported", "identifiers": None}]}, "age or date of birth: answer it"),
        ({"kind": "rumour"}, "say what kind of source"),
        ({"people": [{"role": "reported", "identifiers": 4, "age": None}]}, "a list should stand here"),
    ):
        done = refer(**wrong)
        assert done.code == 2 and said in " ".join(done.err.split()), wrong
    path.write_text("[]")
    assert threshold("refer", path).code == 2
    path.write_text("{")
    assert "This is not JSON" in threshold("refer", path).err


def test_links_and_searches_are_told_to_other_programs_too(force: Force) -> None:
    own, free = force.subjects["own"], force.subjects["free"]
    [found] = held_to_schema("search", threshold("search", "free-1", "--json").json)
    assert found["subject"] == free
    assert held_to_schema("search", threshold("search", "no such account", "--json").json) == []
    link = held_to_schema("link", threshold("same", own, free, "--reason", "alike", "--json").json)["link"]
    undone = held_to_schema("link", threshold("undo", link, "--reason", "not alike", "--json").json)
    assert undone == {"subjects": sorted([own, free])}
    apart = held_to_schema("link", threshold("different", own, free, "--reason", "brothers", "--json").json)
    assert apart["link"] > link
    said = threshold("state", free, "contact", "no", "--source", "Checks", "--json").json["statement"]
    back = held_to_schema("link", threshold("take-back", said, "--reason", "a slip", "--json").json)
    assert back == {"subject": free}


def test_nothing_that_a_sender_wrote_commands_the_terminal_or_stops_a_list(
    force: Force, tmp_path: Path
) -> None:
    name = "[/x] [bold]\x1b[2J\x9b2J\x07\u202e"
    file = tmp_path / "from outside.json"
    person = {"espUserId": name, "espService": "Fictional Chat"}
    about = {"reportingEsp": {"espName": name}, "reportedPeople": {"reportedPersons": [person]}}
    file.write_text(json.dumps({"reportId": "77001", "reportedInformation": about}))
    assert threshold("import", file).code == 0
    [found] = threshold("search", "77001", "--json").json
    for command in (("list", "find-out"), ("search", "77001"), ("subject", found["subject"]), ("held",)):
        done = threshold(*command)
        assert done.code == 0, done.err
        assert not set(done.out) & set("\x1b\x9b\x07\u202e"), command
    assert "[/x]" in threshold("search", "77001").out
