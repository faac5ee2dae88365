"""What stands in a folder and cannot be read is named, and stops nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from tests.stories import Team

from threshold.journey.importing import files_under, take_in

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
