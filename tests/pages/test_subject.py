"""A subject's pages: what can be said on them, two officers at once, and how it was before."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.pages.fictional import Site

from threshold.acts.access import Power
from threshold.acts.db import one
from threshold.acts.verbs import act
from threshold.acts.writing import claim_rows
from threshold.journey import subjects as journey
from threshold.journey.subjects import Answer
from threshold.pages.views import subjects

SignedIn = Callable[[str], Client]
ANSWER = {"value": "no", "source": "Police records", "mark": "fact"}


def seen_act(page: str) -> str:
    found = re.search(r'name="seen-act" value="(\d+)"', page)
    assert found
    return found[1]


def answer(client: Client, number: int, fact: str, **more: str) -> object:
    page = client.get(f"/subjects/{number}").content.decode()
    form = {"fact": fact, "seen-act": seen_act(page), "form": f"answer-{fact}", **ANSWER, **more}
    return client.post(f"/subjects/{number}/state", form, follow=True)


def test_the_first_screen_says_why_what_is_missing_and_what_to_ask(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("analyst").get(f"/subjects/{site.subjects['free']}").content.decode()
    assert "Very high" in page and "another child in the home" in page
    assert page.index("Why this band") < page.index("Ask next") < page.index("What is not known")
    assert "Child who was harmed" in page


def test_each_reason_stands_with_the_facts_that_it_rests_on(site: Site, signed_in: SignedIn) -> None:
    """The clause 'lives_with_children' and the fact it reads have one name: they are still told apart."""
    page = signed_in("analyst").get(f"/subjects/{site.subjects['free']}").content.decode()
    why = page.partition("Why this band")[2].partition("</ul>")[0]
    reasons = re.findall(r"<li>(.*?)<", why)
    assert all(" because " in reason for reason in reasons), reasons
    assert "There is another child in the home." in why


def test_answering_a_check_takes_it_off_the_list(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number = site.subjects["own"]
    before = client.get(f"/subjects/{number}").content.decode()
    after = answer(client, number, "contact").content.decode()  # type: ignore[attr-defined]
    count = [int(m[1]) for page in (before, after) if (m := re.search(r"(\d+) checks outstanding", page))]
    assert count[1] == count[0] - 1
    assert "Recorded. The band was worked out again." in after


def test_an_answer_without_its_source_is_said_on_the_page_and_nothing_is_lost(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("analyst")
    shown = answer(client, site.subjects["own"], "contact", source="", words="seen at the door")
    text = shown.content.decode()  # type: ignore[attr-defined]
    assert shown.status_code == 422  # type: ignore[attr-defined]
    assert "There is a problem" in text and "a statement needs a source" in text
    assert "seen at the door" in text
    assert 'href="#answer-contact"' in text and 'id="answer-contact"' in text


def test_the_second_of_two_officers_is_told_what_changed(site: Site, signed_in: SignedIn) -> None:
    number = site.subjects["own"]
    first, second = signed_in("analyst"), signed_in("investigator")
    drawn = seen_act(second.get(f"/subjects/{number}").content.decode())
    answer(first, number, "contact", value="yes")
    form = {"fact": "contact", "seen-act": drawn, "form": "answer-contact", **ANSWER}
    told = second.post(f"/subjects/{number}/state", form)
    text = told.content.decode()
    assert told.status_code == 409
    assert "What changed while you were looking" in text and "Analyst Person" in text
    assert "Police records" in text, "what the second officer typed is still there"
    again = second.post(f"/subjects/{number}/state", {**form, "seen-act": seen_act(text)})
    assert again.status_code == 303


def test_two_do_not_work_one(site: Site, signed_in: SignedIn) -> None:
    number = site.subjects["free"]
    assert signed_in("investigator").post(f"/subjects/{number}/take").status_code == 303
    told = signed_in("analyst").post(f"/subjects/{number}/take")
    assert told.status_code == 409
    assert "Investigator Person has already taken" in told.content.decode()


def test_a_statement_is_typed_and_taken_back(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number = site.subjects["own"]
    page = client.get(f"/subjects/{number}/said?about=age").content.decode()
    form = {
        "fact": "age",
        "value": "birth",
        "birth": "31/1/1980",
        "source": "Driving licence",
        "mark": "fact",
    }
    said = client.post(f"/subjects/{number}/say", {**form, "seen-act": seen_act(page)}, follow=True)
    assert "Born 31 January 1980" in said.content.decode()
    statement = re.search(r'name="statement" value="(\d+)"', said.content.decode())
    assert statement
    drawn = {"statement": statement[1], "seen-act": seen_act(said.content.decode())}
    without = client.post(f"/subjects/{number}/take-back", {**drawn, "form": f"back-{statement[1]}"})
    assert without.status_code == 422
    assert "Say why the statement is taken back." in without.content.decode()
    drawn["reason"] = "the licence is his brother's"
    back = client.post(f"/subjects/{number}/take-back", drawn, follow=True)
    assert "Taken back" in back.content.decode() and "Born 31 January" not in back.content.decode()
    assert "the licence is his brother" in client.get(f"/subjects/{number}/history").content.decode()


def test_a_possible_link_is_decided_and_undone(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    one_number, other = site.subjects["free"], site.subjects["free again"]
    page = client.get(f"/subjects/{one_number}/identity").content.decode()
    assert "Possibly the same" in page and "drew@mail.example" in page
    pair = {"one": str(one_number), "other": str(other), "form": "link-new", "seen-act": seen_act(page)}
    refused = client.post(f"/subjects/{one_number}/same", pair)
    assert refused.status_code == 422 and "a link needs a reason" in refused.content.decode()
    client.post(f"/subjects/{one_number}/same", {**pair, "reason": "the same man, I asked him"})
    moved = client.get(f"/subjects/{other}").content.decode()
    assert f"Number {other} is part of subject {one_number}" in moved
    link = one("select id from link where strength = 'confirmed' and retracted_by is null")
    assert link is not None
    undone = {"link": str(link.id), "reason": "another man"}
    stale = client.post(f"/subjects/{one_number}/undo", {**undone, "seen-act": seen_act(page)})
    assert stale.status_code == 409
    page = client.get(f"/subjects/{one_number}/identity").content.decode()
    client.post(f"/subjects/{one_number}/undo", {**undone, "seen-act": seen_act(page)})
    assert "is part of" not in client.get(f"/subjects/{other}").content.decode()


def test_a_clock_whose_band_was_undone_says_why_it_still_runs(site: Site, signed_in: SignedIn) -> None:
    graded, ungraded = site.subjects["free"], site.subjects["free again"]
    analyst = site.actor("analyst")
    journey.undo(analyst, journey.same(analyst, graded, ungraded, "alike"), "not alike")
    stands = one(
        "select known, due, clock_from from assessment where subject = %s and retracted_by is null",
        [ungraded],
    )
    assert stands is not None and stands.known == 0 and stands.due and stands.clock_from is None
    page = signed_in("analyst").get(f"/subjects/{ungraded}").content.decode()
    assert "The band that began this clock is no longer known" in page
    page = signed_in("analyst").get(f"/subjects/{graded}").content.decode()
    assert "The band that began this clock is no longer known" not in page


def test_a_hidden_person_cannot_be_linked_to(site: Site, signed_in: SignedIn) -> None:
    pair = {"one": str(site.subjects["own"]), "other": str(site.subjects["closed"]), "reason": "a guess"}
    told = signed_in("analyst").post(f"/subjects/{site.subjects['own']}/same", pair)
    assert told.status_code == 422
    assert f"There is no subject {site.subjects['closed']}" in told.content.decode()


def test_the_past_is_shown_and_cannot_be_changed(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number = site.subjects["own"]
    before = datetime.now(UTC)
    answer(client, number, "contact", value="yes")
    asked = f"{before:%Y-%m-%dT%H:%M:%S}Z"
    now, then = (
        client.get(f"/subjects/{number}{query}").content.decode() for query in ("", f"?as-at={asked}")
    )
    known = "because there are signs that a child was met or touched"
    assert known in now and known not in then
    assert "As known at" in then and "Save answer" not in then and "/state" not in then


def test_what_is_closed_today_is_not_shown_as_it_was_under_another_number(
    site: Site, signed_in: SignedIn
) -> None:
    """A link joins 'free again' into 'free'; then 'free again' is undone and closed: the joined past is closed too."""
    analyst = site.actor("analyst")
    free, again = site.subjects["free"], site.subjects["free again"]
    link = journey.same(analyst, free, again, "for a time")
    joined = datetime.now(UTC)
    client = signed_in("analyst")
    assert client.get(f"/subjects/{free}").status_code == 200
    import time

    time.sleep(1.1)
    journey.undo(analyst, link, "it was not him")
    with act(analyst, "close access", Power.STATE) as opened:
        claim_rows(opened, "closure", ["mention", "reason"], [(again, "staff")])
    asked = f"{joined + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}Z"
    assert client.get(f"/subjects/{free}").status_code == 200
    assert client.get(f"/subjects/{free}?as-at={asked}").status_code == 404
    assert f"/subjects/{free}" not in client.get(f"/lists/act?as-at={asked}").content.decode()
    assert client.get(f"/subjects/{again}").status_code == 404


def test_a_connection_never_stands_without_port_and_both_times(site: Site, signed_in: SignedIn) -> None:
    page = signed_in("analyst").get(f"/subjects/{site.subjects['free']}/activity").content.decode()
    row = page[page.index("203.0.113.7") :].partition("</tr>")[0]
    assert "50123" in row
    assert "25 October 2026, 01:30:00 BST" in row and "25 October 2026, 00:30:00 UTC" in row
    assert "Within an hour of a clock change" in row
    bare = page[page.index("198.51.100.9") :].partition("</tr>")[0]
    assert "Not given" in bare and "no port given" in bare


def test_thousands_of_connections_stand_on_pages_and_the_heading_counts_all(
    site: Site, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("analyst")
    address = f"/subjects/{site.subjects['free']}/activity"
    whole = client.get(address).content.decode()
    monkeypatch.setattr(subjects, "ROWS", 1)
    first, second, beyond = (client.get(f"{address}?page={n}").content.decode() for n in (1, 2, 99))
    shown = ["203.0.113.7", "198.51.100.9"]
    assert all(one in whole for one in shown)
    assert [[one in page for page in (first, second)] for one in shown] in (
        [[True, False], [False, True]],
        [[False, True], [True, False]],
    )
    heading = re.search(r"\d+ connections", whole)
    assert heading and heading[0] in first and heading[0] in second
    assert "stand on the pages before" in beyond and "?page=2" in first


def test_an_answer_says_when_it_was_true(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number = site.subjects["own"]
    wrong = answer(client, number, "contact", **{"as-of": "31/2/2026"})
    assert "There is no 31 February" in wrong.content.decode()  # type: ignore[attr-defined]
    answer(client, number, "contact", **{"as-of": "1/11/2026"})
    assert "True at 1 November 2026, 23:59 GMT" in client.get(f"/subjects/{number}/said").content.decode()


def test_a_statement_by_a_leaver_stays(site: Site) -> None:
    """The history names who typed what, whatever became of them since."""
    number = journey.state(
        site.actor("analyst"), site.subjects["own"], Answer("contact", "no", "fact", "Records")
    ).number
    row = one("select officer from statement where id = %s", [number])
    assert row is not None and row.officer == site.actor("analyst").id


def test_a_supervisor_closes_access_and_opens_it_again(site: Site, signed_in: SignedIn) -> None:
    number = site.subjects["free"]
    supervisor, analyst = signed_in("supervisor"), signed_in("analyst")
    form = {"readers": "analyst", "reason": "a member of staff", "form": "close"}
    refused = supervisor.post(f"/subjects/{number}/close", form)
    assert refused.status_code == 422 and "at least one supervisor" in refused.content.decode()
    supervisor.post(f"/subjects/{number}/close", form | {"readers": "supervisor"})
    assert analyst.get(f"/subjects/{number}").status_code == 404
    assert "Closed to all but" in supervisor.get(f"/subjects/{number}/history").content.decode()
    supervisor.post(f"/subjects/{number}/open")
    assert analyst.get(f"/subjects/{number}").status_code == 200


def test_what_is_said_of_a_number_that_moved_says_where_it_was_written(
    site: Site, signed_in: SignedIn
) -> None:
    one, other = sorted((site.subjects["own"], site.subjects["free"]))
    client = signed_in("supervisor")
    journey.same(site.actor("analyst"), one, other, "one man")
    sent = {"fact": "contact", "value": "no", "mark": "fact", "source": "Checks", "form": "answer-contact"}
    sent["seen-act"] = "1000000"
    told = client.post(f"/subjects/{other}/state", sent, follow=True)
    assert told.redirect_chain[-1][0] == f"/subjects/{one}"
    assert f"Subject {other} is now part of subject {one}, and this was done there" in told.content.decode()


ADULTS_WORDS = re.compile(
    r"access to children|lives? with (a child|children)|convictions?|warned|warning|position of trust|suspect|offender"
    r"|this person (has|made|shared|groomed|coerced|exploited|viewed|asked)",
    re.I,
)


@pytest.mark.parametrize("who", ["child", "free"])
def test_no_page_of_a_child_or_of_somebody_of_no_known_age_has_an_adults_words(
    site: Site, signed_in: SignedIn, who: str
) -> None:
    client = signed_in("analyst")
    number = site.subjects[who]
    pages = ["", "/activity", "/identity", "/said", "/reports", "/history", "/said?about=access_to_children"]
    for where in [*(f"/subjects/{number}{page}" for page in pages), "/lists/children", "/lists/find-out"]:
        shown = client.get(where).content.decode()
        assert not ADULTS_WORDS.search(re.sub(r"<[^>]+>", " ", shown)), where
