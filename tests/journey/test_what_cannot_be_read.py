"""What stands in a folder and cannot be read is named, and stops nothing else."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from multiprocessing import resource_tracker, spawn
from pathlib import Path

import pytest
from tests.stories import Team

from threshold.journey.importing import files_under, take_in
from threshold.journey.reading_ahead import Incoming, Places, Reading, ReadingStopped, read_ahead

REPORT = """<report><incidentSummary><incidentType>Online Enticement of Children for Sexual Acts</incidentType>
<incidentDateTime>2026-10-01T10:00:00Z</incidentDateTime></incidentSummary>
<personOrUserReported><espIdentifier>{account}</espIdentifier></personOrUserReported></report>"""


def test_links_pipes_and_unreadable_files_are_refused_by_name_and_the_rest_goes_on(
    team: Team, tmp_path: Path
) -> None:
    folder = tmp_path / "brought"
    folder.mkdir()
    (folder / "a.xml").write_text(REPORT.format(account="a-1"))
    (folder / "link.xml").symlink_to(folder / "a.xml")
    (folder / "nowhere.xml").symlink_to(folder / "missing.xml")
    os.mkfifo(folder / "pipe.xml")
    (folder / "z.xml").write_text(REPORT.format(account="z-1"))
    receipt = take_in(team.intake, [*files_under([folder]), *files_under([Path("/proc/self/mem")])])
    states = {told.delivery: told.state for told in receipt.told}
    assert states.pop("mem") == "refused"
    assert states == {
        "a.xml": "registered",
        "link.xml": "refused",
        "nowhere.xml": "refused",
        "pipe.xml": "refused",
        "z.xml": "registered",
    }
    assert receipt.unsettled == 4


def test_accounts_of_nobody_knows_which_service_are_not_joined(team: Team, tmp_path: Path) -> None:
    from threshold.acts.db import query

    for name in ("one", "two"):
        (tmp_path / f"{name}.xml").write_text(REPORT.format(account="55") + f"<!-- {name} -->")
    (tmp_path / "two.xml").write_text(REPORT.format(account="55").replace("10:00", "11:00"))
    take_in(team.intake, files_under([tmp_path]))
    subjects = query(
        """select m.subject from member m join mention n on n.id = m.mention
           where n.role = 'reported' and m.retracted_by is null"""
    )
    assert len({row.subject for row in subjects}) == 2
    assert [row.strength for row in query("select strength from link")] == ["possible"]


def test_what_the_system_makes_up_is_never_read(team: Team, tmp_path: Path) -> None:
    (tmp_path / "empty.json").touch()
    made_up = [Path("/proc/kmsg"), Path("/proc/version"), Path("/sys/kernel/mm/transparent_hugepage/enabled")]
    receipt = take_in(team.intake, files_under([*filter(Path.exists, made_up), tmp_path / "empty.json"]))
    assert {told.state for told in receipt.told} == {"refused"}
    reasons = {told.delivery: told.reason or "" for told in receipt.told}
    assert "empty" in reasons.pop("empty.json")
    assert reasons and all("the system makes it up" in reason for reason in reasons.values())


def test_a_reader_that_ends_before_it_was_told_what_to_read_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    resource_tracker.ensure_running()
    monkeypatch.setattr(spawn, "_python_exe", b"/bin/false")
    many = [Incoming(f"{n}.xml", "f" * 100, tmp_path / "none", 10) for n in range(5_000)]
    how = Reading([], "page", datetime.now(UTC), Places(tmp_path, tmp_path))
    told: list[BaseException] = []

    def read() -> None:
        try:
            list(read_ahead(many, how))
        except ReadingStopped as stopped:
            told.append(stopped)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    reading.join(timeout=60)
    assert not reading.is_alive() and told
