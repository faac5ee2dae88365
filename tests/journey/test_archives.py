"""ZIPs: each member is a delivery of its own, what must not be read is named, and the sum holds."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.intake.test_table import MAP, table
from tests.intake.test_workbooks import PNG, saved, workbook
from tests.referrals import file_details, referral
from tests.stories import Team

from threshold.acts.db import query
from threshold.intake import archives
from threshold.intake.queries import delivery_bytes, sum_of
from threshold.journey.importing import Incoming, Receipt, files_under, take_in

Members = Sequence[tuple[str | zipfile.ZipInfo, bytes | str]]


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def brought(team: Team, folder: Path, content: bytes, **how: bool) -> Receipt:
    (folder / "week").mkdir(exist_ok=True)
    (folder / "week" / "bundle.zip").write_bytes(content)
    receipt = take_in(team.intake, files_under([folder / "week"]), [MAP], **how)
    assert all(sum_of(delivery).holds for delivery in receipt.deliveries)
    return receipt


def states(receipt: Receipt) -> list[tuple[str, str, str]]:
    return [(told.delivery, told.place, told.state) for told in receipt.told]


def reason(receipt: Receipt, place: str) -> str:
    (found,) = {told.reason for told in receipt.told if told.place == place}
    return str(found)


def with_bytes(content: bytes, at: bytes, offset: int, change: bytes) -> bytes:
    """The archive with bytes of its list of members changed, so many after this beginning of a record."""
    where = content.index(at) + offset
    return content[:where] + change + content[where + len(change) :]


def test_each_member_is_a_delivery_in_the_folder_of_the_zip(team: Team, tmp_path: Path) -> None:
    """Details of a file find the report that came with them, whatever lies between the two in the archive."""
    answer = "<reportResponse><responseCode>0</responseCode><reportId>4711</reportId></reportResponse>"
    receipt = brought(
        team,
        tmp_path,
        zipped(
            ("case/b/table.csv", table({})),
            ("case/a/report.xml", referral("zip-1")),
            ("case/b/table.xlsx", saved(workbook({"Report ref": "R-9"}))),
            ("case/a/reply.xml", answer),
            ("case/", b""),
            ("case/a/details.xml", file_details("4711", "a.jpg")),
        ),
    )  # fmt: skip
    assert sorted(states(receipt)) == [
        ("details.xml", "/fileDetails", "registered"),
        ("report.xml", "/report", "registered"),
        ("table.csv", "row 2", "registered"),
        ("table.xlsx", "sheet Sheet, row 2", "registered"),
    ]
    rows = query("select id, name, folder, sha256, format from delivery order by id")
    assert [(row.name, row.folder) for row in rows] == [
        ("bundle.zip", "week"),
        ("details.xml", "week/bundle.zip/case/a"),
        ("reply.xml", "week/bundle.zip/case/a"),
        ("report.xml", "week/bundle.zip/case/a"),
        ("table.csv", "week/bundle.zip/case/b"),
        ("table.xlsx", "week/bundle.zip/case/b"),
    ]
    manifest = b"".join(delivery_bytes(rows[0].id)).decode()
    assert f"{len(table({}))} bytes: case/b/table.csv" in manifest
    assert rows[0].format == "zip"


def test_no_picture_and_no_digest_of_one_is_kept(team: Team, tmp_path: Path) -> None:
    import hashlib

    digest = hashlib.md5(PNG, usedforsecurity=False).hexdigest()
    receipt = brought(team, tmp_path, zipped((f"{digest}.png", PNG), ("a.xml", referral("zip-2"))))
    assert receipt.counts == {"registered": 1, "refused": 1}
    for row in query("select id, name, sha256, cuts from delivery"):
        kept = b"".join(delivery_bytes(row.id)) + row.name.encode() + repr(row.cuts).encode()
        assert b"PNG" not in kept and digest.encode() not in kept
        if row.name.endswith(".png"):
            assert row.sha256 is None


def test_what_must_not_be_read_is_named_and_the_rest_goes_on(team: Team, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.xml")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    device = zipfile.ZipInfo("device.xml")
    device.create_system, device.external_attr = 3, (stat.S_IFCHR | 0o600) << 16
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped(
            ("../out.xml", referral("out")),
            ("/root.xml", referral("root")),
            ("C:\\drive.xml", referral("drive")),
            ("a/..\\..\\out.xml", referral("out2")),
            (link, "/etc/passwd"),
            (device, ""),
            ("twice.xml", referral("one")),
            ("twice.xml", referral("two")),
            ("good.xml", referral("good")),
        )
    receipt = brought(team, tmp_path, content)
    assert receipt.counts == {"registered": 1, "refused": 8}
    refused = {told.place: told.reason or "" for told in receipt.told if told.state == "refused"}
    assert "leads out of the archive" in refused["../out.xml"]
    assert "leads out of the archive" in refused["/root.xml"]
    assert "leads out of the archive" in refused["C:\\drive.xml"]
    assert "a link to elsewhere" in refused["link.xml"]
    assert "not a file" in refused["device.xml"]
    assert "2 members have this name" in refused["twice.xml"]


def test_an_encrypted_member_is_refused_with_what_to_do(team: Team, tmp_path: Path) -> None:
    content = zipped(("secret.xml", referral("secret")), ("good.xml", referral("good")))
    content = with_bytes(content, b"PK\x01\x02", 8, struct.pack("<H", 1))
    receipt = brought(team, tmp_path, content)
    assert reason(receipt, "secret.xml") == "encrypted: unpack it with its password and bring the files"
    assert receipt.counts["registered"] == 1


def test_a_member_that_lies_about_its_size_or_is_damaged_costs_that_member(
    team: Team, tmp_path: Path
) -> None:
    whole = zipped(("a.xml", referral("lies")), ("b.xml", referral("good")))
    for change in (struct.pack("<L", 5), struct.pack("<L", 1_000_000)):
        receipt = brought(team, tmp_path, with_bytes(whole, b"PK\x01\x02", 24, change))
        assert "cannot be read" in reason(receipt, "(document)")
        assert {told.delivery: told.state for told in receipt.told}["a.xml"] == "refused"
    damaged = with_bytes(whole, b"PK\x01\x02", 16, b"\0\0\0\0")
    assert "damaged" in reason(brought(team, tmp_path, damaged), "(document)")
    assert [
        row.name for row in query("select d.name from report r join delivery d on d.id = r.delivery")
    ] == ["b.xml"]


def test_a_bomb_is_refused_by_what_it_says_of_itself(team: Team, tmp_path: Path) -> None:
    receipt = brought(team, tmp_path, zipped(("bomb.csv", b"0" * 30_000_000), ("good.xml", referral("good"))))
    assert "as a bomb does" in reason(receipt, "bomb.csv")
    assert receipt.counts == {"registered": 1, "refused": 1}


def test_caps_on_how_many_and_how_much(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 3_000)
    content = zipped(*((f"{n}.xml", referral(f"n-{n}")) for n in range(4)))
    receipt = brought(team, tmp_path, content)
    assert receipt.counts["registered"] and "bring it by itself" in reason(receipt, "3.xml")
    assert sum(receipt.counts.values()) == 4
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    many = brought(team, tmp_path, zipped(*((f"{n}.xml", "<report/>") for n in range(4))))
    assert "at most 3 are read" in reason(many, "(document)")


def test_a_zip_in_a_zip_is_opened_once_and_no_deeper(team: Team, tmp_path: Path) -> None:
    deepest = zipped(("c.xml", referral("deep")))
    inner = zipped(("b.xml", referral("inner")), ("deepest.zip", deepest), ("t.xlsx", saved(workbook({}))))
    receipt = brought(team, tmp_path, zipped(("a.xml", referral("outer")), ("inner.zip", inner)))
    assert receipt.counts == {"registered": 3, "refused": 1}
    folders = {row.name: row.folder for row in query("select name, folder from delivery")}
    assert folders["b.xml"] == "week/bundle.zip/inner.zip"
    assert "in an archive" in reason(receipt, "(document)")


def test_the_same_zip_again_is_all_duplicates(team: Team, tmp_path: Path) -> None:
    content = zipped(("a.xml", referral("a")), ("../b.xml", "x"))
    brought(team, tmp_path, content)
    again = brought(team, tmp_path, content)
    assert again.counts == {"duplicate": 2} and again.unsettled == 1


def test_other_archives_documents_and_broken_ones_stay_closed(team: Team, tmp_path: Path) -> None:
    document = zipped(
        ("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>"), ("word/media/a.png", PNG)
    )
    for content in (document, zipped(("a.xml", referral("a")))[:-30], b"Rar!\x1a\x07" + bytes(600)):
        receipt = brought(team, tmp_path, content)
        assert [state for _, _, state in states(receipt)] == ["refused"]
        (row,) = query("select id from delivery order by id desc limit 1")
        assert b"".join(delivery_bytes(row.id)).startswith(b"[media cut: ")


def test_a_workbook_that_cannot_be_read_is_known_again_and_none_of_it_is_kept(
    team: Team, tmp_path: Path
) -> None:
    broken = zipped(("xl/workbook.xml", "<workbook/>"), ("xl/media/a.png", PNG))
    for state in ("refused", "duplicate"):
        receipt = brought(team, tmp_path, broken)
        assert receipt.counts == {state: 1} and receipt.unsettled == 1
    (row,) = query("select id, length from delivery where same_as is null")
    assert b"".join(delivery_bytes(row.id)) == f"[media cut: zip archive of {len(broken)} bytes]".encode()
    assert row.length == len(broken)


def test_an_empty_zip_is_refused(team: Team, tmp_path: Path) -> None:
    assert "nothing in it" in reason(brought(team, tmp_path, zipped()), "(document)")


def test_a_zip_that_is_read_ahead_gives_the_same(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threshold.journey.importing.WORTH_A_PROCESS", (1, 1))
    receipt = brought(team, tmp_path, zipped(("a.xml", referral("a")), ("b.csv", table({}))), ahead=True)
    assert receipt.counts == {"registered": 2}


def test_a_zip_that_lies_in_memory_alone_is_opened(team: Team) -> None:
    from threshold.pages.uploads import lying_in_memory

    content = zipped(("a.xml", referral("a")), ("in.zip", zipped(("b.xml", referral("b")))))
    with lying_in_memory(content) as path:
        receipt = take_in(team.intake, [Incoming("up.zip", "", path, len(content))], road="page")
    assert receipt.counts == {"registered": 2}
    assert {row.folder for row in query("select folder from delivery")} == {"", "up.zip", "up.zip/in.zip"}


def test_a_damaged_zip_is_said_to_be_one(team: Team, tmp_path: Path) -> None:
    content = zipped(("a.xml", referral("a")))
    assert "damaged or cut off" in reason(brought(team, tmp_path, content[:-30]), "(document)")
    damaged = with_bytes(content, b"PK\x03\x04", 40, b"~" * 40)
    assert "Ask the sender for it again" in reason(brought(team, tmp_path, damaged), "(document)")


def test_a_pdf_is_said_to_be_one(team: Team, tmp_path: Path) -> None:
    told = reason(brought(team, tmp_path, b"%PDF-1.7\n" + bytes(range(256)) * 8), "(document)")
    assert "PDF document" in told and "XML, JSON, CSV or an Excel workbook" in told and "video" not in told
