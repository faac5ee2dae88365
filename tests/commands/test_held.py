"""What is held, from the command line: listed, shown, mended, set aside."""

from __future__ import annotations

from pathlib import Path

from tests.commands.conftest import held_to_schema, threshold
from tests.force import Force

TWO = '[{"reportId": 900, "reportedInformation": {"reportedPeople": [{"espUserId": "a"}]}}, {"note": "x"}, {"sum": 2}]'


def test_held_entries_are_listed_shown_mended_and_set_aside(force: Force, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(TWO, encoding="utf-8")
    threshold("import", tmp_path / "in.json")
    listed = held_to_schema("held", threshold("held", "--json").json)
    first, second = (entry["id"] for entry in listed["entries"])
    assert listed["held"] == 2
    shown = held_to_schema("held-entry", threshold("held", first, "--json").json)
    assert [field["path"] for field in shown["fields"]] == ["[1]/note", "[1]/reportId"]
    assert "[1]/note" in threshold("held", first).out and "2 held" in threshold("held").out
    for wrong in (["--set", "no sign"], [], ["--own", "--leave-out", "[1]/note"]):
        assert threshold("mend", first, *wrong, "--reason", "r").code == 2
    still = threshold("mend", first, "--set", "[1]/note=y", "--reason", "r")
    assert still.code == 2 and "still cannot be taken in" in still.err
    done = threshold(
        "mend", first, "--set", "[1]/reportId=901", "--leave-out", "[1]/note", "--reason", "asked"
    )
    assert "the entry is registered: report" in done.out
    assert "set aside" in threshold("set-aside", second, "--reason", "a total").out
    again = threshold("set-aside", second, "--reason", "a total")
    assert again.code == 2 and "has set this entry aside" in again.err
    assert threshold("held", "--json").json == {"held": 0, "entries": []}
    assert "has set this entry aside" in threshold("held", second).out
