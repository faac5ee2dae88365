"""What arrived: the sum, what was read beside what came, and dropping files in."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook
from tests.pages.fictional import Site, person, report

from threshold.acts.db import one
from threshold.intake.maps import load_map
from threshold.journey import subjects
from threshold.journey.importing import files_under, take_in
from threshold.pages import uploads

SignedIn = Callable[[str], Client]
PICTURE = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40).decode()


def file(name: str, content: object) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, json.dumps(content).encode())


def test_files_are_taken_in_and_the_sum_is_said(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    content = [report(900, [person("Frank New", "new-1")]), {"neither": "a report"}]
    told = client.post(
        "/deliveries/take-in", {"files": file("new.json", content)}, follow=True
    ).content.decode()
    assert "2 entries received = 1 registered + 0 duplicate + 1 held + 0 refused" in told
    assert "The sum holds" in told and "Frank" in told
    again = client.post(
        "/deliveries/take-in", {"files": file("new.json", content)}, follow=True
    ).content.decode()
    assert "0 registered + 2 duplicate" in again


def test_media_in_a_file_is_cut_and_never_lies_on_the_disk(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    content = [report(901, [person("Gail Media", "media-1")], picture=PICTURE)]
    told = client.post(
        "/deliveries/take-in", {"files": file("media.json", content)}, follow=True
    ).content.decode()
    assert "cut unread" in told and PICTURE[:60] not in told
    kept = one("select content from delivery_part order by id desc limit 1")
    assert kept is not None and PICTURE[:60].encode() not in bytes(kept.content)


def test_a_zip_is_opened_in_memory_and_a_workbook_without_a_map_is_held(
    site: Site, signed_in: SignedIn
) -> None:
    workbook, bundle = io.BytesIO(), io.BytesIO()
    book = Workbook()
    book.active.append(["no", "map"])
    book.save(workbook)
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("a.json", json.dumps([report(903, [person("Zoe Zipped", "zip-1")])]))
        archive.writestr("../b.json", "[]")
        archive.writestr("table.xlsx", workbook.getvalue())
    content = SimpleUploadedFile("bundle.zip", bundle.getvalue())
    told = signed_in("intake").post("/deliveries/take-in", {"files": content}, follow=True).content.decode()
    assert "3 entries received = 1 registered + 0 duplicate + 1 held + 1 refused" in told
    found = one(
        "select d.folder from report r join delivery d on d.id = r.delivery order by r.id desc limit 1"
    )
    assert found is not None and found.folder == "bundle.zip"


def test_a_file_that_is_too_large_is_not_taken_in_at_all(
    site: Site, signed_in: SignedIn, monkeypatch: object
) -> None:
    large = SimpleUploadedFile("large.json", b"[" + b" " * uploads.MOST + b"]")
    small = file("small.json", [report(902, [person("Hal Small", "small-1")])])
    answer = signed_in("intake").post("/deliveries/take-in", {"files": [small, large]})
    assert answer.status_code == 422
    assert "large.json: too large" in answer.content.decode()
    assert one("select id from identifier where received = 'small-1'") is None


def test_no_file_is_said_so(site: Site, signed_in: SignedIn) -> None:
    answer = signed_in("intake").post("/deliveries/take-in", {})
    assert answer.status_code == 422 and "Choose a file" in answer.content.decode()


def test_a_delivery_shows_what_came_beside_what_was_read(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("intake").get(f"/deliveries/{site.deliveries['nasty']}").content.decode()
    assert "2 entries received = 1 registered + 0 duplicate + 1 held + 0 refused" in page
    assert "neither" in page and f"/reports/{site.reports['nasty']}" in page


HINTS = ("may not see", "not shown to you", "Closedaway", "closed-1")


def told_of(page: str) -> str:
    """What a page says, without its numbers and names."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"\d[\d,]*", "0", re.sub(r"<[^>]+>", " ", main)))


def test_a_delivery_with_a_closed_record_shows_nothing_of_it(site: Site, signed_in: SignedIn) -> None:
    for name in ("analyst", "intake"):
        closed = signed_in(name).get(f"/deliveries/{site.deliveries['closed']}").content.decode()
        assert not [hint for hint in HINTS if hint in closed.replace("closed.json", "")]
        assert "The text is not shown here" in closed and f"/held/{site.held['closed']}" not in closed


def test_what_is_held_with_a_closed_record_is_nowhere_for_whom_it_is_closed(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("intake")
    listed = client.get("/held").content.decode()
    assert f"/held/{site.held['closed']}" not in listed and f"/held/{site.held['nasty']}" in listed
    assert "1 entry held" in listed and "1 entry held" in client.get("/").content.decode()
    assert told_of(client.get(f"/held/{site.held['closed']}").content.decode()) == told_of(
        client.get("/held/999999").content.decode()
    )


def test_a_report_without_words_reads_as_one_whose_words_are_hidden(site: Site, signed_in: SignedIn) -> None:
    subjects.close_access(site.actor("supervisor"), site.subjects["harmed"], "a relative", ["supervisor"])
    page = signed_in("analyst").get(f"/reports/{site.reports['free']}").content.decode()
    assert "Drew" in page and not [hint for hint in HINTS if hint in page]
    assert f"/subjects/{site.subjects['harmed']}" not in page and "Child who was harmed" not in page
    other = signed_in("analyst").get(f"/reports/{site.reports['own']}").content.decode()
    for phrase in ("None to show", "whether there is one or not"):
        assert phrase in page and phrase in other


def test_a_report_shows_only_whom_its_reader_may_see(site: Site, signed_in: SignedIn) -> None:
    intake = signed_in("intake").get(f"/reports/{site.reports['free']}").content.decode()
    assert "Drew" in intake and "/subjects/" not in intake
    analyst = signed_in("analyst").get(f"/reports/{site.reports['free']}").content.decode()
    assert f"/subjects/{site.subjects['harmed']}" in analyst


def test_unknown_parts_are_kept_and_shown(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("analyst").get(f"/reports/{site.reports['nasty']}").content.decode()
    assert "Kept, and not used for any band" in page and "somethingNew" in page


def test_a_later_version_says_what_changed_and_whoever_holds_the_subject_is_told(
    site: Site, signed_in: SignedIn
) -> None:
    intake, analyst = signed_in("intake"), signed_in("analyst")

    def send(name: str, number: int, content: object) -> str:
        intake.post("/deliveries/take-in", {"files": file(name, content)})
        row = one("select max(id) as id from report")
        assert row is not None
        return f"/reports/{row.id}"

    first = send("first.json", 910, [report(910, [person("Ivy Version", "version-1")])])
    row = one("select mention from identifier where received = 'version-1'")
    assert row is not None
    analyst.post(f"/subjects/{row.mention}/take")
    second = send("second.json", 910, [report(910, [person("Ivy Otherwise", "version-1")])])
    told = analyst.get("/").content.decode()
    assert "Told to you" in told and "sent it again with other content" in told
    changed = analyst.get(second).content.decode()
    assert "What changed since the earlier version" in changed
    assert "Ivy Version" in changed and "Ivy Otherwise" in changed
    assert f'<a class="govuk-link" href="{second}">' in analyst.get(first).content.decode()
    notice = one("select id from notice where retracted_by is null")
    assert notice is not None
    analyst.post("/notices/seen", {"notice": notice.id})
    assert "What changed about whom you have taken" not in analyst.get("/").content.decode()


def test_a_withdrawal_needs_its_source_and_stays_on_the_page(site: Site, signed_in: SignedIn) -> None:
    intake = signed_in("intake")
    content = [report(911, [person("Jo Withdrawn", "withdrawn-1")])]
    intake.post("/deliveries/take-in", {"files": file("w.json", content)})
    row = one("select max(id) as id from report")
    assert row is not None
    refused = intake.post(f"/reports/{row.id}/withdraw", {"source": " "})
    assert refused.status_code == 422 and "needs a source" in refused.content.decode()
    told = intake.post(
        f"/reports/{row.id}/withdraw", {"source": "Fictional Chat Ltd, e-mail"}, follow=True
    ).content.decode()
    assert "Withdrawn by its sender" in told and "Fictional Chat Ltd, e-mail" in told


def test_a_report_says_when_its_sender_may_have_deleted_and_an_old_case_says_so(
    site: Site, signed_in: SignedIn
) -> None:
    root = Path(__file__).parents[2]
    sample, by = root / "sample/tables/online_safety_act.csv", root / "maps/online_safety_act.yaml"
    receipt = take_in(site.actor("intake"), files_under([sample]), [load_map(by)], history=True)
    number = receipt.told[0].report
    page = signed_in("analyst").get(f"/reports/{number}").content.decode()
    assert "Its data about the user, after 4 May 2027" in page
    assert "From history: no clock starts because of it" in page
    found = one(
        "select m.subject from mention n join member m on m.mention = n.id where n.report = %s and n.role = 'reported'",
        [number],
    )
    assert found is not None
    subject = signed_in("analyst").get(f"/subjects/{found.subject}").content.decode()
    assert "From history: no clock" in subject and "Check by" not in subject


def test_what_came_in_windows_1252_can_be_read_on_its_page(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    for encoding in ("windows-1252", "utf-8", "utf-16"):
        text = f"Ref,Name,{encoding}\nA-1,Zoë O\u2019Brien,\n"
        client.post(
            "/deliveries/take-in", {"files": SimpleUploadedFile(f"{encoding}.csv", text.encode(encoding))}
        )
        row = one("select max(id) as id from delivery")
        assert row is not None
        assert "Zoë O\u2019Brien" in client.get(f"/deliveries/{row.id}").content.decode(), encoding
