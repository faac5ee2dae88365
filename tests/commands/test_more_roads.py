"""Workbooks, ZIPs and old cases by the command, as a force would bring them."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.commands.conftest import held_to_schema, threshold
from tests.force import Force
from tests.intake.test_online_safety_act import ROOT, SAMPLE
from tests.intake.test_workbooks import saved, workbook
from tests.referrals import referral

MAPS = ("--map", ROOT / "maps" / "online_safety_act.yaml", "--map", ROOT / "sample/maps/agency_packages.yaml")


def test_a_zip_with_a_table_a_workbook_and_a_report(force: Force, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "week.zip", "w") as archive:
        archive.write(SAMPLE, "industry/table.csv")
        archive.writestr("agency.xlsx", saved(workbook({}, {"Report ref": "R-2", "Telephone": 7700900123})))
        archive.writestr("report.xml", referral("roads-1"))
    done = threshold("import", tmp_path / "week.zip", *MAPS, "--json")
    told = held_to_schema("import", done.json)
    assert (told["received"], told["registered"], told["held"]) == (5, 4, 1)
    (held,) = [entry for entry in told["entries"] if entry["state"] == "held"]
    assert (held["delivery"], held["place"]) == ("agency.xlsx", "sheet Sheet, row 3")
    assert done.code == 1
    again = held_to_schema("import", threshold("import", tmp_path / "week.zip", *MAPS, "--json").json)
    assert (again["received"], again["duplicate"]) == (5, 5)


def test_history_is_known_and_stands_in_no_list(force: Force, tmp_path: Path) -> None:
    (tmp_path / "old.xml").write_text(referral("roads-2", first="Olaf", last="Oldcase"))
    before = {row["subject"] for row in threshold("list", "find-out", "--json").json}
    assert threshold("import", tmp_path / "old.xml", "--history").code == 0
    assert {row["subject"] for row in threshold("list", "find-out", "--json").json} == before
    (found,) = threshold("search", "Olaf Oldcase", "--json").json
    number = found["subject"]
    told = held_to_schema("subject", threshold("subject", number, "--json").json)
    assert told["assessment"]["listed"] is False and told["assessment"]["checks_due"] is None
    assert "From history: no clock" in threshold("subject", number).out
    (tmp_path / "new.xml").write_text(referral("roads-2", at="2026-11-20T10:00:00Z"))
    assert threshold("import", tmp_path / "new.xml").code == 0
    assert number in {row["subject"] for row in threshold("list", "find-out", "--json").json}


def test_history_by_the_word_of_a_map(force: Force, tmp_path: Path) -> None:
    text = (ROOT / "sample/maps/agency_packages.yaml").read_text(encoding="utf-8")
    (tmp_path / "old.yaml").write_text(text.replace("name: agency-packages", "name: old\nhistory: yes"))
    (tmp_path / "old.xlsx").write_bytes(saved(workbook({"Given name": "Mapped", "Surname": "Oldcase"})))
    assert threshold("import", tmp_path / "old.xlsx", "--map", tmp_path / "old.yaml").code == 0
    (found,) = threshold("search", "Mapped Oldcase", "--json").json
    assert threshold("subject", found["subject"], "--json").json["assessment"]["listed"] is False
