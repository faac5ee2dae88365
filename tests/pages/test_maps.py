"""A map made on a page: suggested, asked, tried, saved, and the held table read with it."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook
from tests.pages.fictional import Site

from threshold.acts.db import one, query

SignedIn = Callable[[str], Client]

HEADER = "Case ref,Suspect email,IP address,Port,Login time,What was done,Lives with children,Child age,Spare"
ROWS = [
    "A-1,al@mail.example,203.0.113.7,50123,03/04/2026 09:15,viewed,yes,,",
    "A-2,bo@mail.example,198.51.100.9,,05/04/2026 23:10,shared,no,12,",
    "A-3,cy@mail.example,198.51.100.10,50124,06/04/2026 21:10,baked,no,,",
]


def drop(client: Client, text: str | bytes, name: str = "unknown.csv") -> int:
    content = text.encode() if isinstance(text, str) else text
    client.post("/deliveries/take-in", {"files": SimpleUploadedFile(name, content)})
    row = one("select max(id) as id from delivery")
    assert row is not None
    return int(row.id)


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the form as it stands on the page."""
    form = page[page.index('id="map"') :]
    sent = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        sent[name] = chosen[1] if chosen else ""
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (('type="radio"' not in tag and 'type="checkbox"' not in tag) or " checked" in tag):
            sent[name[1]] = value[1] if value else ""
    return sent


ANSWERS = {
    "sender": "Fictional Forum",
    "whose": "reported",
    "date_order": "dmy",
    "time_zone": "Europe/London",
    "what-4": "connection_at",
    "what-6": "fact:lives_with_children",
}


def made(client: Client, delivery: int, **more: str) -> tuple[dict[str, str], str]:
    """The answers after two tries (the first brings the questions), and the page with the trial."""
    address = f"/deliveries/{delivery}/map"
    sent = form_of(client.get(address).content.decode()) | ANSWERS | more
    sent = form_of(client.post(address, sent).content.decode()) | ANSWERS | more
    page = client.post(address, sent).content.decode()
    return form_of(page), page


def test_an_unknown_table_is_mapped_tried_saved_and_read(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    delivery = drop(client, "\n".join([HEADER, *ROWS]))
    assert "This table needs a map" in client.get(f"/deliveries/{delivery}").content.decode()
    first = client.get(f"/deliveries/{delivery}/map").content.decode()
    assert "Suggested" in first and "1 empty column" in first
    assert "3 April 2026 (day first)" in first and "4 March 2026 (month first)" in first
    sent, page = made(client, delivery)
    assert "2 registered + 0 duplicate + 1 held + 0 refused" in page
    assert "&#39;baked&#39; is not among the activities" in page and "row 4" in page
    assert "3 April 2026, 09:15:00 BST" in page
    assert one("select id from sender_map") is None, "nothing is saved by trying"
    before = one("select count(*) as n from report")
    client.post(f"/deliveries/{delivery}/map/save", sent)
    assert one("select count(*) as n from report") == before
    told = client.get(f"/deliveries/{delivery}").content.decode()
    assert "A map reads this table now" in told
    told = client.post(f"/deliveries/{delivery}/read-again", follow=True).content.decode()
    assert "3 entries received = 2 registered + 0 duplicate + 1 held + 0 refused" in told
    assert "The sum holds" in told and "with the map Fictional-Forum, version 1" in told
    row = one("select received_at from delivery where id = %s", [delivery])
    reports = query("select received_at, happened_at from report where delivery = %s", [delivery])
    assert row is not None and all(each.received_at == row.received_at for each in reports)
    again = client.post(f"/deliveries/{delivery}/read-again")
    assert again.status_code == 422 and "does not wait for a map" in again.content.decode()


def test_what_was_not_tried_is_not_saved(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    delivery = drop(client, "\n".join([HEADER, *ROWS]))
    sent, _ = made(client, delivery)
    for wrong in ({"what-0": "words"}, {"tried": ""}, {"time_zone": "UTC"}):
        answer = client.post(f"/deliveries/{delivery}/map/save", sent | wrong)
        assert answer.status_code == 422, wrong
        assert "changed since the map was tried" in answer.content.decode(), wrong
    assert one("select id from sender_map") is None


def test_what_the_table_leaves_open_must_be_answered(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    delivery = drop(client, "\n".join([HEADER, *ROWS]))
    for left_out in ("date_order", "time_zone", "sender", "whose"):
        _, page = made(client, delivery, **{left_out: ""})
        assert "There is a problem" in page and "Save this map" not in page, left_out
    _, page = made(client, delivery, time_zone="none")
    assert "not fit for resolution: no time zone stated" in page


def test_a_changed_layout_is_named_and_the_page_is_filled_in_from_the_known_map(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("intake")
    first = drop(client, "\n".join([HEADER, *ROWS]))
    sent, _ = made(client, first)
    client.post(f"/deliveries/{first}/map/save", sent)
    second = drop(client, "\n".join([HEADER.replace("Port", "IP Port"), *ROWS]).replace("A-", "B-"))
    page = client.get(f"/deliveries/{second}").content.decode()
    assert "layout of Fictional Forum has changed" in page
    assert "column Port is gone; column IP Port is new" in page
    sent = form_of(client.get(f"/deliveries/{second}/map").content.decode())
    assert sent["sender"] == "Fictional Forum" and sent["time_zone"] == "Europe/London"
    assert (sent["what-1"], sent["role-1"]) == ("email", "reported")
    assert sent["what-3"] == "connection_port"
    sent = form_of(client.post(f"/deliveries/{second}/map", sent | {"date_order": "dmy"}).content.decode())
    client.post(f"/deliveries/{second}/map/save", sent)
    rows = query("select version, retracted_by from sender_map order by id")
    assert [(row.version, row.retracted_by) for row in rows] == [("1", None), ("2", None)]
    both = client.get("/maps").content.decode()
    assert "version 1" in both and "version 2" in both


def test_the_same_columns_mapped_anew_supersede_and_nothing_is_overwritten(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("intake")
    first = drop(client, "\n".join([HEADER, *ROWS]))
    sent, _ = made(client, first)
    client.post(f"/deliveries/{first}/map/save", sent)
    before = one("select text from sender_map")
    sent, _ = made(client, first, time_zone="UTC")
    client.post(f"/deliveries/{first}/map/save", sent)
    rows = query("select version, text, retracted_by is null as stands from sender_map order by id")
    assert before is not None and rows[0].text == before.text
    assert [(row.version, row.stands) for row in rows] == [("1", False), ("2", True)]
    told = client.post(f"/deliveries/{first}/read-again", follow=True).content.decode()
    assert "with the map Fictional-Forum, version 2" in told


def test_a_sheet_of_a_workbook_is_mapped(site: Site, signed_in: SignedIn) -> None:
    client, content, book = signed_in("intake"), io.BytesIO(), Workbook()
    book.active.append(["A title, and no header"])
    book.active.append(HEADER.split(","))
    for line in ROWS:
        book.active.append(line.split(","))
    book.create_sheet("Other").append(["nothing", "here"])
    book.save(content)
    delivery = drop(client, content.getvalue(), "unknown.xlsx")
    page = client.get(f"/deliveries/{delivery}/map").content.decode()
    assert form_of(page)["header-rows"] == "2"
    sent, page = made(client, delivery)
    assert "2 registered + 0 duplicate + 1 held + 0 refused" in page
    client.post(f"/deliveries/{delivery}/map/save", sent)
    told = client.post(f"/deliveries/{delivery}/read-again", follow=True).content.decode()
    assert "4 entries received = 2 registered + 0 duplicate + 2 held + 0 refused" in told
    assert "The sum holds" in told


def test_reading_again_goes_on_where_it_was_stopped(
    site: Site, signed_in: SignedIn, monkeypatch: object
) -> None:
    from threshold.journey import mapping

    client = signed_in("intake")
    delivery = drop(client, "\n".join([HEADER, *ROWS]))
    sent, _ = made(client, delivery)
    client.post(f"/deliveries/{delivery}/map/save", sent)
    monkeypatch.setattr(mapping, "_AT_ONCE", 1)  # type: ignore[attr-defined]
    register, done = mapping.register, []

    def stop_at_the_second(*args: object) -> object:
        if done:
            raise RuntimeError("stopped")
        done.append(1)
        return register(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(mapping, "register", stop_at_the_second)  # type: ignore[attr-defined]
    client.raise_request_exception = False
    client.post(f"/deliveries/{delivery}/read-again")
    stopped = client.get(f"/deliveries/{delivery}").content.decode()
    assert "has not been read to its end" in stopped and "1 registered" in stopped
    monkeypatch.setattr(mapping, "register", register)  # type: ignore[attr-defined]
    told = client.post(f"/deliveries/{delivery}/read-again", follow=True).content.decode()
    assert "3 entries received = 2 registered + 0 duplicate + 1 held" in told and "The sum holds" in told


def test_two_hundred_empty_columns_and_long_cells_stay_usable(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    header = ",".join([HEADER, *(f"Empty {n}" for n in range(200)), "Long"])
    row = ROWS[1] + "," * 200 + "," + "long words " * 3_000
    delivery = drop(client, f"{header}\n{row}\n")
    page = client.get(f"/deliveries/{delivery}/map").content.decode()
    assert "202 empty columns" in page and len(page) < 3_000_000
    _, page = made(client, delivery)
    assert "1 registered" in page


def test_a_thousand_rows_are_tried_within_two_seconds(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    many = [ROWS[0].replace("A-1", f"M-{n}").replace("al@", f"al{n}@") for n in range(1_200)]
    delivery = drop(client, "\n".join([HEADER, *many]))
    sent, page = made(client, delivery)
    assert "the first 1,000 rows" in page
    fastest = 9.0
    for _ in range(3):
        started = time.perf_counter()
        client.post(f"/deliveries/{delivery}/map", sent)
        fastest = min(fastest, time.perf_counter() - started)
    assert fastest < 2


def test_only_a_table_that_waits_has_a_map_to_make(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    assert client.get(f"/deliveries/{site.deliveries['own']}/map").status_code == 404
    delivery = drop(client, "\n".join([HEADER, *ROWS]))
    assert signed_in("analyst").get(f"/deliveries/{delivery}/map").status_code == 403


def test_a_text_in_utf_8_is_mapped_so_wherever_its_last_letters_stand(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("intake")
    header = "Case ref,Surname,What was done"
    for end in ("\u00e9", "\u00e9a", "\u00e9ab", "\u00e9abc", "abcd"):
        delivery = drop(client, f"{header}\nB-1,Zo\u00eb,{end}")
        assert "Zo\u00eb" in client.get(f"/deliveries/{delivery}/map").content.decode(), end


def saved(client: Client, delivery: int, **more: str) -> None:
    sent, _ = made(client, delivery, **more)
    assert client.post(f"/deliveries/{delivery}/map/save", sent).status_code == 303


def state(delivery: int) -> set[str]:
    return {
        row.state
        for row in query(
            "select state from intake_entry where delivery = %s and retracted_by is null", [delivery]
        )
    }


def test_one_sender_writes_the_same_columns_in_several_ways(site: Site, signed_in: SignedIn) -> None:
    """With commas, with semicolons, below a title, in a workbook: each is read by the map made for it."""
    client = signed_in("intake")
    rows = [HEADER, *ROWS[:2]]

    def written(way: str, mark: str) -> bytes:
        lines = [line.replace("A-", f"{mark}-") for line in rows]
        match way:
            case "semicolons":
                return "\n".join(lines).replace(",", ";").encode()
            case "title":
                return "\n".join(["Referrals of April" + "," * HEADER.count(","), *lines]).encode()
            case "workbook":
                book, held = Workbook(), io.BytesIO()
                for line in lines:
                    book.active.append(line.split(","))
                book.save(held)
                return held.getvalue()
        return "\n".join(lines).encode()

    ways = ("commas", "semicolons", "title", "workbook")
    for number, way in enumerate(ways):
        delivery = drop(client, written(way, f"first{number}"), way)
        if "held" in state(delivery):
            saved(client, delivery)
            client.post(f"/deliveries/{delivery}/read-again")
        assert state(delivery) == {"registered"}, way
    for number, way in enumerate(ways):
        delivery = drop(client, written(way, f"later{number}"), way)
        assert state(delivery) == {"registered"}, way


def test_a_name_belongs_to_the_maps_of_one_sender(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    saved(client, drop(client, "\n".join([HEADER, *ROWS])))
    other = drop(client, "\n".join([HEADER.replace("Port", "IP Port"), *ROWS]))
    _, page = made(client, other, sender="Another Forum")
    assert "belongs to the maps of Fictional Forum" in page and "Save this map" not in page
    _, page = made(client, other, sender="Another Forum", name="another")
    assert "Save this map" in page


def test_two_senders_with_the_same_columns_are_asked_about(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    first, second = (drop(client, "\n".join([HEADER, *ROWS]).replace("A-", f"{n}-")) for n in "BC")
    saved(client, first)
    saved(client, second, sender="Another Forum", name="another", time_zone="UTC")
    page = re.sub(r"<[^>]+>", "", client.get(f"/deliveries/{second}").content.decode())
    assert "Read it as sent by Fictional Forum" in page and "Read it as sent by Another Forum" in page
    client.post(f"/deliveries/{second}/read-again", {"map": "another"})
    assert {row.sender for row in query("select sender from report where delivery = %s", [second])} == {
        "Another Forum"
    }
    third = drop(client, "\n".join([HEADER, *ROWS]).replace("A-", "D-"))
    assert "several maps have this header" in client.get(f"/deliveries/{third}").content.decode()
    answer = client.post(f"/deliveries/{third}/read-again", {"map": "made up"})
    assert answer.status_code == 422 and state(third) == {"held"}
    client.post(f"/deliveries/{third}/read-again", {"map": "Fictional-Forum"})
    assert {row.sender for row in query("select sender from report where delivery = %s", [third])} == {
        "Fictional Forum"
    }


def test_the_trial_says_what_would_be_registered_and_be_no_use(site: Site, signed_in: SignedIn) -> None:
    """Rows that are registered with less than they seem to say: counted over all of them, not seen by chance."""
    client = signed_in("intake")
    rows = [f"A-{n},al{n}@mail.example,203.0.113.7,,0{n}/04/2026 09:15,viewed,yes,," for n in range(1, 8)]
    rows += ["A-8,al8@mail.example,203.0.113.7,50123,soon,unknown,yes,,"]
    delivery = drop(client, "\n".join([HEADER, *rows]))
    _, page = made(client, delivery, clock="24")
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert (
        "7 an internet address without a port cannot be resolved to one subscriber row 2, row 3, row 4"
        in told
    )
    assert "1 an internet address that is not fit for resolution: does not fit the date order" in told
    assert "8 when it happened is not said" in told and "1 what was done is not stated row 9" in told


def test_reasons_that_differ_in_the_value_alone_are_told_once(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    rows = [
        f"A-{n},al{n}@mail.example,,,05/04/2026 23:10,{word},yes,,"
        for n, word in enumerate(["baked", "fried"])
    ]
    delivery = drop(client, "\n".join([HEADER, *ROWS[:1], *rows]))
    _, page = made(client, delivery, **{"value-5:baked": "", "value-5:fried": ""})
    assert page.count("is not among the activities") == 1 and "2 held" in page


def test_one_time_for_both_is_asked_and_used(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    delivery = drop(client, "\n".join([HEADER, *ROWS[:1]]))
    _, page = made(client, delivery, **{"what-4": "happened"})
    assert "Not answered yet: Is the time at which it happened also" in page
    _, page = made(client, delivery, clock="24", **{"what-4": "happened", "connection_time": "yes"})
    assert page.count("3 April 2026, 09:15") == 2 and "Save this map" in page


def test_two_hundred_empty_columns_do_not_swell_the_page(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("intake")
    gap = "," * 201
    text = "\n".join([f"{HEADER}{gap}Last", *(f"{row}{gap}" for row in ROWS)])
    page = client.get(f"/deliveries/{drop(client, text)}/map").content.decode()
    assert "200 columns without a name" in page and 'name="what-200"' not in page
    assert 'name="what-209"' in page, (
        "a column with a name can be mapped though it is empty in the first rows"
    )
    assert len(page) < 250_000


def test_a_map_that_was_wrong_is_put_right_from_a_table_that_it_read(site: Site, signed_in: SignedIn) -> None:
    """The wrong time zone, and a word without a meaning: a later version, and the same file brought again."""
    client = signed_in("intake")
    text = "\n".join([HEADER, *ROWS])
    first = drop(client, text)
    saved(client, first)
    client.post(f"/deliveries/{first}/read-again")
    assert state(first) == {"registered", "held"}
    page = client.get(f"/deliveries/{first}").content.decode()
    assert "Make a new version of its map" in page
    sent = form_of(client.get(f"/deliveries/{first}/map").content.decode())
    assert (sent["time_zone"], sent["sender"], sent["what-4"]) == (
        "Europe/London",
        "Fictional Forum",
        "connection_at",
    )
    changed = {"time_zone": "America/New_York", "value-5:baked": "produced"}
    saved(client, first, **changed)
    told = client.get(f"/deliveries/{first}").content.decode()
    assert "Bring this file again" in told
    again = drop(client, text, "again.csv")
    assert state(again) == {"registered"}, (
        "the times are others now, so each is the later version of its report"
    )
    page = client.get(f"/deliveries/{again}").content.decode()
    assert "3 registered + 0 duplicate + 0 held" in page
    other = drop(client, "\n".join([HEADER, *ROWS]).replace("A-", "Z-"))
    row = one("select count(*) as n from report where delivery = %s", [other])
    assert row is not None and row.n == 3
    no_table = drop(client, '[{"reportId": 1}]')
    assert client.get(f"/deliveries/{no_table}/map").status_code == 404
