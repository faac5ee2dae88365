"""What arrived: the sum, what was read beside what came, and dropping files in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.pages.fictional import Site, person, report

from threshold.acts.db import one
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


def test_a_delivery_that_speaks_of_a_closed_record_does_not_show_its_text(
    site: Site, signed_in: SignedIn
) -> None:
    page = signed_in("analyst").get(f"/deliveries/{site.deliveries['closed']}").content.decode()
    assert "not shown to you" in page and "Closedaway" not in page


def test_a_report_shows_only_whom_its_reader_may_see(site: Site, signed_in: SignedIn) -> None:
    intake = signed_in("intake").get(f"/reports/{site.reports['free']}").content.decode()
    assert "Drew" in intake and "/subjects/" not in intake
    analyst = signed_in("analyst").get(f"/reports/{site.reports['free']}").content.decode()
    assert f"/subjects/{site.subjects['harmed']}" in analyst


def test_unknown_parts_are_kept_and_shown(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("analyst").get(f"/reports/{site.reports['nasty']}").content.decode()
    assert "Kept, and not used for any band" in page and "somethingNew" in page
