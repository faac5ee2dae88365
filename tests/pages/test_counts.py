"""Counts as a reader meets them: the sentence, each number with its meaning, the rows behind, saved answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.pages.fictional import Site

from threshold.journey import subjects
from threshold.oversight.counting import Reading, count
from threshold.oversight.definitions import BESIDE, DIVISION
from threshold.oversight.sentences import sentence

SignedIn = Callable[[str], Client]


def text(html: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.decode()).split())


def form_of(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(act|reading|about|form)" value="([^"]*)"', html))


def shown(html: str, key: str) -> int:
    found = re.search(rf'href="/counts/{key}[^"]*">([\d,]+)<', html)
    assert found, key
    return int(found[1].replace(",", ""))


def test_the_page_says_the_sentence_and_each_number_with_its_meaning(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("analyst").get("/counts").content
    found = count(site.actor("analyst"), Reading.of("today", None))
    for each in (*DIVISION, *BESIDE):
        assert each.title in text(page) and each.says in text(page)
    for each in DIVISION:
        assert shown(page.decode(), each.key) == found.value(each.key)
    assert "we are aware of 0 people" in text(page)
    assert "Homes Not recorded yet" in text(page) and "Transferred in Not recorded yet" in text(page)
    assert "Closedaway" not in text(page)


def test_each_number_leads_to_as_many_rows(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    page = client.get("/counts").content.decode()
    for key in ("subjects", "children", "accounts", "harmed", "reports", "deliveries", "rung-1-child"):
        behind = client.get(f"/counts/{key}").content.decode()
        assert behind.count('scope="row"') == shown(page, key) < 25, key
    assert b"Closedaway" not in client.get("/counts/subjects").content


def test_a_date_is_asked_in_both_readings(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    past = client.get("/counts?as-at=1/11/2026&reading=known-at").content
    assert shown(past.decode(), "subjects") == 0
    assert "As known at 1 November 2026, 23:59 GMT" in text(past)
    known = client.get("/counts?as-at=1/1/2027&reading=now-known").content.decode()
    assert shown(known, "subjects") > 0
    wrong = client.get("/counts?as-at=rubbish")
    assert wrong.status_code == 422 and 'id="as-at-error"' in wrong.content.decode()


def test_an_answer_is_saved_as_it_was_shown_and_found_again(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    page = client.get("/counts").content.decode()
    before = sentence(count(site.actor("analyst"), Reading.of("today", None)))
    link = subjects.same(site.actor("analyst"), site.subjects["own"], site.subjects["other"], "one man")
    done = client.post("/counts/save", {**form_of(page), "given-for": "The <Gazette>"})
    assert done.status_code == 303
    answer = client.get(done["Location"]).content
    assert before.partition(",")[2].partition(",")[2] in text(answer).replace("&amp;", "&")
    assert "The &lt;Gazette&gt;" in answer.decode()
    assert "became one, when a link was made (act" in text(answer)
    assert link and "Became one with another: -1" in text(answer)
    assert "The &lt;Gazette&gt;" in client.get("/answers").content.decode()
    assert signed_in("supervisor").get(done["Location"]).status_code == 404
    other = client.post("/counts/save", {**form_of(client.get("/counts").content.decode()), "given-for": "x"})
    number = other["Location"].rpartition("/")[2]
    compared = client.get(f"{done['Location']}?with={number}").content
    assert "Became one with another: -1" in text(compared) and f"up to answer {number}" in text(compared)


@pytest.mark.parametrize(
    "wrong",
    [
        {"given-for": ""},
        {"act": "x"},
        {"act": "999999999"},
        {"about": ""},
        {"reading": "nonsense"},
        {"about": "2999-01-01"},
    ],
)
def test_an_answer_that_cannot_be_saved_is_said_on_the_page(
    wrong: dict[str, str], site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("analyst")
    form = form_of(client.get("/counts").content.decode())
    answer = client.post("/counts/save", {**form, "given-for": "the Gazette", **wrong})
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()


def test_a_chief_gets_numbers_without_ways_to_people(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("chief")
    page = client.get("/counts").content.decode()
    assert "/counts/" not in page.replace("/counts/save", "") and "/subjects/" not in page
    assert "Hidden" in page
    done = client.post("/counts/save", {**form_of(page), "given-for": "the Gazette"})
    answer = client.get(done["Location"]).content.decode()
    assert "Given by Chief Person" in text(answer.encode())
    assert "/subjects/" not in answer


def test_intake_is_told_what_it_took_in(site: Site, signed_in: SignedIn) -> None:
    page = text(signed_in("intake").get("/counts").content)
    assert "0 reports came in 0 deliveries that you took in" in page
    assert "Identified adults" not in page


def test_the_first_page_says_the_sentence_to_whoever_may_count(site: Site, signed_in: SignedIn) -> None:
    for name in ("analyst", "chief"):
        assert "How many people are we aware of?" in text(signed_in(name).get("/").content)
    for name in ("auditor", "nobody"):
        assert "How many people" not in text(signed_in(name).get("/").content)


def test_what_is_kept_as_numbers_is_plain_json(site: Site) -> None:
    from threshold.oversight.verbs import as_numbers

    found = count(site.actor("analyst"), Reading.of("today", None), with_doubt=True)
    assert json.loads(json.dumps(as_numbers(found))) == as_numbers(found)
