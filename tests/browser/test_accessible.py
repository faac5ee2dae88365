"""Every page for everybody: axe, a narrow screen, paper, and no script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.browser.conftest import Website
from tests.pages.fictional import Site

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


COMMON = [
    "/",
    "/lists/act?as-at=rubbish",
    "/lists/find-out?taken=nobody",
    "/lists/children",
    "/cases",
    "/cases?whose=all&state=watched",
    "/visits",
    "/enquiries",
    "/enquiries/near-misses",
    "/deliveries",
    "/held",
    "/reconciliation",
    "/maps",
    "/counts",
    "/counts?as-at=1/1/2027&reading=now-known",
    "/volumes",
    "/volumes?month=2026-11&as-at=1/1/2027",
    "/counts/subjects",
    "/counts/harmed",
    "/answers",
    "/policy",
    "/record",
    "/record/looks",
    "/password",
    "/no/such/page",
]


AUDIT = [
    "/record/who-looked?subject=1",
    "/record/who-looked?subject=rubbish",
    "/record/officers",
    "/record/officers/1",
    "/record/unusual",
    "/record/heads",
]


CASE_TABS = ("", "/contact", "/decide", "/visit")


def about(site: Site, person: str) -> list[str]:
    """Each page about one person, and about the delivery they came in."""
    number = site.subjects[person]
    tabs = (
        "",
        "/activity",
        "/identity",
        "/enquiries",
        "/said?about=times_seen",
        "/reports",
        "/history",
        "/replay",
        "/tools",
    )
    return [
        *(f"/subjects/{number}{tab}" for tab in tabs),
        f"/subjects/{number}?as-at=1/1/2027",
        f"/enquiries/{site.enquiries[person]}",
        f"/premises/{site.premises[person]}",
        f"/reports/{site.reports[person]}",
        f"/deliveries/{site.deliveries[person]}",
        *([f"/held/{site.held[person]}"] if person in site.held else []),
        *(f"/cases/{site.cases[person]}{tab}" for tab in CASE_TABS if person in site.cases),
        "/lists/act",
    ]


def everywhere(site: Site, person: str) -> list[str]:
    return [*about(site, person), *(COMMON if person == "free" else [])]


def unfold(page: Page) -> None:
    """Open whatever is folded, so that it is looked at too."""
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {each['id']}: {[node['html'][:200] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def test_axe_finds_nothing_serious_where_a_held_entry_is_mended(website: Website, visit: Visit) -> None:
    page = visit("intake")
    page.goto(f"/held/{website.site.held['nasty']}")
    assert page.get_by_role("button", name="Take it in").is_visible()
    found = serious(page)
    page.get_by_role("button", name="Take it in").click()
    assert "There is a problem" in page.content()
    assert not [*found, *serious(page)]


@pytest.mark.parametrize("person", ["free", "nasty", "own"])
def test_axe_finds_nothing_serious(person: str, website: Website, visit: Visit) -> None:
    page = visit("analyst")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    found: list[str] = []
    for address in everywhere(website.site, person):
        page.goto(address)
        unfold(page)
        found += serious(page)
    assert not found
    assert not [each for each in complaints if "Content Security Policy" in each]


def test_axe_finds_nothing_serious_for_intake_and_administration(website: Website, visit: Visit) -> None:
    found: list[str] = []
    for name, addresses in {
        "intake": ["/deliveries/add", "/deliveries", "/referrals/new"],
        "administrator": ["/accounts"],
        "chief": ["/", "/counts", "/volumes"],
        "auditor": AUDIT,
        "nobody": ["/", "/lists/act"],
    }.items():
        page = visit(name)
        for address in addresses:
            page.goto(address)
            unfold(page)
            found += serious(page)
        page.get_by_role("button", name="Sign out").click()
        found += serious(page)
    assert not found


@pytest.mark.parametrize("person", ["free", "nasty", "own"])
def test_no_page_scrolls_sideways_on_a_narrow_screen(person: str, website: Website, visit: Visit) -> None:
    """320 pixels, which is also 1280 at 400%."""
    page = visit("analyst", width=320)
    wide = []
    for address in everywhere(website.site, person):
        page.goto(address)
        unfold(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append((address, width))
    narrow = {"administrator": ["/accounts"], "auditor": AUDIT, "intake": ["/referrals/new"]}
    for name, addresses in narrow.items():
        page = visit(name, width=320)
        for address in addresses:
            page.goto(address)
            unfold(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    assert not wide


TABLE = (
    "Case ref,Suspect email,IP address,Port,IP time,What was done,Remarks"
    + ",".join(["", *(f"Empty {n}" for n in range(200))])
    + "\nA-1,al@mail.example,203.0.113.7,50123,03/04/2026 09:15,viewed,"
    + "a_very_long_word_" * 400
    + "," * 200
    + "\n"
)


def test_a_map_is_made_on_a_narrow_screen_without_script(website: Website, visit: Visit) -> None:
    """From a dropped table to its registered row; axe and the width on the way need script, so they come after."""
    page = visit("intake", width=320, java_script_enabled=False)
    page.goto("/deliveries/add")
    table = {"name": "unknown.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.get_by_label("Files").set_input_files(files=[table])
    page.get_by_role("button", name="Take in").click()
    page.get_by_role("button", name="Make a map for it").click()
    address = page.url
    page.get_by_label("Who sends tables of this layout?").fill("Fictional Forum")
    page.get_by_label("Reported person", exact=True).check()
    page.get_by_label("4 March 2026 (month first)").check()
    page.get_by_label("The 24-hour clock").check()
    page.get_by_label("In which time zone").select_option("UTC")
    page.get_by_role("button", name="Try it").click()
    page.wait_for_selector("#trial")
    assert "1 registered + 0 duplicate + 0 held + 0 refused" in page.content()
    assert "4 March 2026, 09:15:00 GMT" in page.content()

    seen = visit("intake", width=320)
    seen.goto(address)
    seen.get_by_label("Reported person", exact=True).check()
    seen.get_by_role("button", name="Try it").click()  # with what is missing said
    seen.wait_for_selector(".govuk-error-summary")
    unfold(seen)
    assert not serious(seen)
    assert seen.evaluate("document.documentElement.scrollWidth") <= 320
    seen.get_by_label("Who sends tables of this layout?").fill("Fictional Forum")
    seen.get_by_label("4 March 2026 (month first)").check()
    seen.get_by_label("The 24-hour clock").check()
    seen.get_by_label("In which time zone").select_option("UTC")
    seen.get_by_role("button", name="Try it").click()
    seen.wait_for_selector("#trial")
    assert seen.get_by_role("heading", name="What the officer will see").is_visible()
    assert not serious(seen)
    assert seen.evaluate("document.documentElement.scrollWidth") <= 320

    page.get_by_role("button", name="Save this map").click()
    page.get_by_role("button", name="Read it with that map").click()
    page.wait_for_selector(".govuk-notification-banner")
    assert "1 entry received = 1 registered" in page.content()
    seen.goto("/maps")
    unfold(seen)
    assert not serious(seen)
    assert seen.evaluate("document.documentElement.scrollWidth") <= 320


def test_paper_keeps_the_marking_and_leaves_the_menu_out(website: Website, visit: Visit) -> None:
    page = visit("analyst")
    page.goto(f"/subjects/{website.site.subjects['free']}")
    page.emulate_media(media="print")
    assert page.locator(".t-marking").first.is_visible() and page.locator(".t-marking").last.is_visible()
    assert not page.locator(".t-navigation").is_visible()
    assert page.get_by_role("heading", name="Why this band").is_visible()


def test_an_answer_saved_and_compared_is_accessible_and_fits(website: Website, visit: Visit) -> None:
    page = visit("supervisor", width=320)
    page.goto("/counts")
    page.get_by_label("To whom was it given").fill("The Fictional Gazette")
    page.get_by_role("button", name="Save the answer").click()
    page.wait_for_url("**/answers/*")
    assert page.get_by_role("heading", name="What has changed since").is_visible()
    assert not serious(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_it_works_without_script(website: Website, visit: Visit) -> None:
    page = visit("analyst", java_script_enabled=False)
    page.get_by_role("button", name="Work the Act list").click()
    page.get_by_role("link", name="Drew Freeman").click()
    page.get_by_role("link", name="Activity").click()
    assert "Connections" in page.content()
    page.get_by_role("link", name="Act", exact=True).click()
    page.get_by_text("Show only some").click()
    page.get_by_label("Taken on by").select_option("nobody")
    page.get_by_role("button", name="Show these").click()
    assert page.get_by_role("link", name="Drew Freeman").is_visible()
