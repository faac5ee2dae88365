"""Sixty mixed files in several folders, as a force might drop them in, for tests that stop and repeat an import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.referrals import file_details, referral, write

MAPS = Path(__file__).parents[2] / "sample" / "maps"
HEADER = (
    "Report ref,Package ref,Covering grade,Priority,Activity date,What was done,Service,Account,Account e-mail,"
    "Telephone,Given name,Surname,Date of birth,House,Town,Postcode,IP address,Port,IP date and time,"
    "Lives with children,Works with children,Earlier conviction,Child first name,Child age,Remarks,File MD5"
)


def mixed_files(folder: Path, rows: int = 90) -> Path:
    """Reports alone, conversations, additions before their report, duplicates, broken ones, and a large table."""
    files: dict[str, str] = {}
    for n in range(18):
        # Every third names an account that another names too; two have an address in common.
        account = f"u-{n // 3 if n % 3 else n}"
        files[f"alone/{n:02}.xml"] = referral(
            account, email=f"m{n % 5}@mail.example", at=f"2026-11-{n + 1:02}T10:00:00Z"
        )
    for n in range(8):
        files[f"talk-{n}/01_report.xml"] = referral(
            f"talk-{n}", phone=f"0770090{n:04}", age=14 if n == 3 else None
        )
        files[f"talk-{n}/02_file.xml"] = file_details(f"80{n}", f"{n:032x}")
        files[f"talk-{n}/03_file.xml"] = file_details(f"80{n}", f"{n + 50:032x}")
    for n in range(4):
        # These come before the export that their reports are in.
        files[f"early/{n}.xml"] = file_details(f"70{n}", f"{n + 90:032x}")
    files["early/never.xml"] = file_details("799", f"{99:032x}")
    files["export/export.json"] = json.dumps([_exported(n) for n in range(12)])
    files["export/again.json"] = json.dumps([_exported(n) for n in range(6, 14)])
    files["same/00.xml"] = files["alone/00.xml"]
    files["same/01.xml"] = files["alone/01.xml"]
    files["broken/cut-off.xml"] = files["alone/02.xml"][:300]
    files["broken/empty.xml"] = ""
    files["broken/other.txt"] = "Dear colleague, please ring me back."
    files["broken/bomb.xml"] = '<!DOCTYPE r [<!ENTITY a "b">]><report>&a;</report>'
    for n in range(5):
        files[f"zz/{n}.xml"] = referral(f"talk-{n}", email=f"m{n}@mail.example", words="x" * 20_000)
    write(folder, files)
    table = [HEADER, *(_row(n) for n in range(rows)), "only,three,cells"]
    (folder / "table").mkdir()
    (folder / "table" / "packages.csv").write_text("\n".join(table) + "\n", encoding="utf-8-sig")
    assert len(list(folder.rglob("*.*"))) > 60
    return folder


def _exported(n: int) -> dict[str, Any]:
    return {
        "reportId": 700 + n,
        "dateReceived": "2026-11-10T18:05:00Z",
        "reportedInformation": {
            "reportingEsp": {"espName": "Fictional Drive Ltd"},
            "incidentSummary": {
                "incidentType": "Child Pornography (possession, manufacture, and distribution)",
                "incidentDateTime": "2026-10-25T00:30:00Z",
            },
            "reportedPeople": {
                "reportedPersons": [
                    {"espUserId": f"e-{n % 9}", "espService": "Fictional Drive", "firstName": f"Al{n}"}
                ]
            },
        },
    }


def _row(n: int) -> str:
    done = "shared" if n % 4 else "downloaded"
    remarks = f"row {n} " + "and so on " * 1300
    return (
        f"EX-{n:04},EX-P-{n // 4},A,1,{n % 28 + 1:02}/10/2026,{done},Fictional Drive,d-{n % 40},d{n % 40}@mail.example,"
        f",,,,,,,203.0.113.{n % 200},{40000 + n},{n % 28 + 1:02}/10/2026 22:41:07,yes,no,no trace,,,{remarks},"
    )
