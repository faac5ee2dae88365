"""Work done in a real browser: by keyboard alone, and by two officers at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import Website

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the element has the focus; it must be seen then."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            box = page.locator(":focus").bounding_box()
            assert box and box["width"] > 0 and box["height"] > 0
            return
    raise AssertionError(f"no Tab leads to {selector}")


def test_from_sign_in_to_an_answer_with_the_keyboard_alone(website: Website, chromium: Browser) -> None:
    page = chromium.new_context(base_url=website.address).new_page()
    page.goto("/sign-in")
    tab_to(page, "#username", 6)
    page.keyboard.type("analyst")
    tab_to(page, "#password", 1)
    page.keyboard.type(website.site.passwords["analyst"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    tab_to(page, ".t-main-action")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lists/act")
    tab_to(page, ".t-who")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subjects/*")
    tab_to(page, ".t-next [name=value]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.value") == "no"
    tab_to(page, "[name=source]", 1)
    page.keyboard.type("Police records")
    tab_to(page, ".t-next [name=mark]", 2)
    page.keyboard.press("Space")
    tab_to(page, ".t-next button", 3)
    page.keyboard.press("Enter")
    page.wait_for_selector(".govuk-notification-banner")
    assert "Recorded" in page.inner_text(".govuk-notification-banner")
    page.context.close()


def answer(page: Page, value: str) -> None:
    form = page.locator(".t-next form")
    form.get_by_label(value, exact=True).check()
    form.get_by_label("Where does this come from?").fill("Local records")
    form.get_by_label("a fact", exact=True).check()
    form.get_by_role("button", name="Save answer").click()


def test_the_second_of_two_officers_is_told_what_changed(website: Website, visit: Visit) -> None:
    address = f"/subjects/{website.site.subjects['own']}"
    first, second = visit("analyst"), visit("investigator")
    first.goto(address)
    second.goto(address)
    answer(first, "Yes")
    assert first.locator(".govuk-notification-banner").is_visible()
    answer(second, "No")
    assert second.title().startswith("Error: ")
    assert second.get_by_role("heading", name="What changed while you were looking").is_visible()
    assert "Analyst Person" in second.inner_text(".t-changed")


def test_a_name_that_is_a_script_stays_a_name(website: Website, visit: Visit) -> None:
    page = visit("analyst")
    page.goto(f"/subjects/{website.site.subjects['nasty']}/identity")
    assert page.title().startswith("Subject")
    assert "<script>" in page.inner_text("main") and "{{ 7 * 7 }}" in page.inner_text("main")
