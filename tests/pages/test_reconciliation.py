"""Everything that came in a period is accounted for on one page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.test import Client
from tests.pages.fictional import Site, person, report

from threshold.acts.access import Power
from threshold.acts.db import one
from threshold.acts.verbs import look
from threshold.intake import reconciling
from threshold.intake.reconciling import Period
from threshold.journey.importing import files_under, take_in

SignedIn = Callable[[str], Client]
NOW = datetime.now(UTC)
_numbers = iter(range(5_000, 9_000))


def bring(site: Site, folder: Path, *reports: object, ago: timedelta, road: str = "import") -> int:
    path = folder / f"{next(_numbers)}.json"
    path.write_text(json.dumps(list(reports)))
    receipt = take_in(site.actor("intake"), files_under([path]), road=road, received_at=NOW - ago)
    return receipt.deliveries[0]


def one_report(sender: str = "Fictional Chat Ltd", **more: object) -> dict[str, object]:
    number = next(_numbers)
    made = report(number, [person("A Name", f"reconciled-{number}")], **more)
    made["reportedInformation"]["reportingEsp"] = {"espName": sender}
    return made


def day(ago: int) -> str:
    return (NOW - timedelta(days=ago)).date().isoformat()


def test_the_sum_of_a_period_by_sender_road_and_day(site: Site, signed_in: SignedIn, tmp_path: Path) -> None:
    first, second = one_report(), one_report("Other Service")
    bring(site, tmp_path, first, {"neither": "one"}, ago=timedelta(days=40))
    bring(site, tmp_path, first, second, ago=timedelta(days=39), road="page")
    page = signed_in("intake").get(f"/reconciliation?from={day(41)}&to={day(38)}").content.decode()
    assert "4 entries received in 2 deliveries = 2 registered + 1 duplicate + 1 held + 0 refused" in page
    assert "The sum holds for every delivery: reading to the end found 4" in page
    assert "Other Service" in page and "Sender not read" in page
    by_road = page[page.index("By road") :]
    assert "import" in by_road and "page" in by_road
    narrow = re.search(r'href="([^"]*sender-of=[^"]*)"', page)
    assert narrow
    one_sender = signed_in("intake").get(narrow[1].replace("&amp;", "&")).content.decode()
    assert "what came from one sender" in one_sender and "Sender not read" not in one_sender


def test_sums_by_every_key_add_up_to_the_whole(site: Site, tmp_path: Path) -> None:
    for ago in (33, 34, 70):
        bring(site, tmp_path, one_report(), one_report("Other Service"), {"x": 1}, ago=timedelta(days=ago))
    period = Period(NOW - timedelta(days=100), NOW)
    with look(site.actor("intake"), "tests", Power.SEE_DELIVERIES) as seen:
        whole = reconciling.whole(seen, period)
        for by in ("day", "month", "road", "sender"):
            rows = reconciling.sums(seen, period, by)
            assert sum(row.received for row in rows) == whole.received, by
            for row in rows:
                assert row.received == row.registered + row.duplicate + row.held + row.refused


def test_what_is_held_for_a_day_is_listed_until_somebody_looks(
    site: Site, signed_in: SignedIn, tmp_path: Path
) -> None:
    client = signed_in("intake")
    young = bring(site, tmp_path, {"young": 1}, ago=timedelta(hours=2))
    old = bring(site, tmp_path, {"old": 1}, ago=timedelta(days=3))
    page = client.get("/reconciliation").content.decode()
    assert f'href="/deliveries/{old}">delivery {old}</a>, 3 days old' in page
    assert f'">delivery {young}</a>,' not in page
    client.get("/held")
    assert f">delivery {old}</a>, 3 days old" in client.get("/reconciliation").content.decode()
    client.get(f"/deliveries/{old}")
    assert f">delivery {old}</a>, 3 days old" not in client.get("/reconciliation").content.decode()


def test_hand_overs_say_how_many_are_not_known(site: Site, tmp_path: Path) -> None:
    dated = one_report()
    dated["dateReceived"] = "2026-10-25T06:30:00Z"  # six hours after it happened
    bring(site, tmp_path, dated, ago=timedelta(days=50))
    undated = one_report()
    del undated["dateReceived"]
    bring(site, tmp_path, undated, ago=timedelta(days=50))
    period = Period(NOW - timedelta(days=51), NOW - timedelta(days=49))
    with look(site.actor("intake"), "tests", Power.SEE_DELIVERIES) as seen:
        first, second, *_ = reconciling.hand_overs(seen, period)
    assert (first.known, first.not_known, first.median) == (1, 1, timedelta(hours=6))
    assert (second.known, second.not_known, second.longest) == (0, 2, None)


def test_a_silent_sender_is_asked_about_on_the_page_and_the_first_page(
    site: Site, signed_in: SignedIn, tmp_path: Path
) -> None:
    for ago in (30, 29, 28, 27):
        bring(site, tmp_path, one_report("Quiet Service"), ago=timedelta(days=ago))
        bring(site, tmp_path, one_report("Slow Service"), ago=timedelta(days=(ago - 26) * 14))
    # Old cases tell nothing of how often a sender sends.
    path = tmp_path / "history.json"
    path.write_text(json.dumps([one_report("Quiet Service")]))
    take_in(site.actor("intake"), files_under([path]), history=True)
    for address in ("/", "/reconciliation"):
        page = signed_in("intake").get(address).content.decode()
        assert "Quiet Service" in page and "27 days" in page, address
        assert "Slow Service:" not in page, address


def test_a_wrong_period_is_said_and_the_last_week_shown(site: Site, signed_in: SignedIn) -> None:
    for wrong in ("from=rubbish", f"from={day(1)}&to={day(5)}", "to=99/99/2026"):
        answer = signed_in("intake").get(f"/reconciliation?{wrong}")
        assert answer.status_code == 422 and "The last seven days are shown" in answer.content.decode()
    assert signed_in("intake").get("/reconciliation?from=1/1/0001&to=31/12/9999&road=%00").status_code == 200


def test_a_delivery_that_was_not_read_to_its_end_is_named(
    site: Site, signed_in: SignedIn, tmp_path: Path
) -> None:
    old = bring(site, tmp_path, one_report(), ago=timedelta(days=4))
    from threshold.acts.verbs import act
    from threshold.intake.verbs import begin_again

    with act(site.actor("intake"), "begin reading again", Power.IMPORT) as opened:
        begin_again(opened, old)
    page = signed_in("intake").get("/reconciliation").content.decode()
    assert "not read to the end: 1" in page and "1 delivery has not been read to the end yet" in page
    assert one("select id from delivery where id = %s", [old])
