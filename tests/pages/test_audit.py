"""The auditor's pages: who looked, what one officer looked at, what is unusual, and a head checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from tests.pages.fictional import Site

from threshold.acts.db import one
from threshold.acts.heads import sign_heads
from threshold.home import Home

SignedIn = Callable[[str], Client]


def text(answer: object) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())  # type: ignore[attr-defined]


def test_who_looked_at_a_subject_is_shown_with_page_and_time(site: Site, signed_in: SignedIn) -> None:
    number = site.subjects["own"]
    signed_in("analyst").get(f"/subjects/{number}/history")
    signed_in("elsewhere").get(f"/subjects/{number}")
    auditor = signed_in("auditor")
    page = text(auditor.get(f"/record/who-looked?subject={number}"))
    assert "Analyst Person Team North History" in page
    assert f"Not shown: no such subject for this person (record {number})" in page
    assert "For lawful purposes only" in page and "Ownteam" not in page
    assert "Auditor Person Who looked" in text(auditor.get(f"/record/who-looked?subject={number}"))
    assert "A subject is a whole number" in text(auditor.get("/record/who-looked?subject=Ownteam"))
    assert "Nobody has looked at it" in text(auditor.get("/record/who-looked?subject=987654"))


def test_an_officers_looks_are_shown_after_the_reason(site: Site, signed_in: SignedIn) -> None:
    signed_in("investigator").post("/search", {"q": "Drew Freeman"})
    auditor = signed_in("auditor")
    form = {"form": "begin", "officer": "investigator", "from": "1/1/2026", "until": "31/12/2199"}
    refused = auditor.post("/record/officers/begin", form)
    assert refused.status_code == 422 and "Say why you need" in text(refused)
    assert 'value="1/1/2026"' in refused.content.decode()
    unread = auditor.post("/record/officers/begin", {**form, "reason": "why", "from": "soon"})
    assert unread.status_code == 422 and "Write a date" in text(unread)
    done = auditor.post("/record/officers/begin", {**form, "reason": "A complaint by a neighbour"})
    page = text(auditor.get(done["Location"]))
    assert "Your reason: A complaint by a neighbour" in page and "What Investigator Person looked at" in page
    assert "searched for a text (kept apart as number" in page and "Freeman" not in page
    listed = text(auditor.get("/record/officers"))
    assert "Investigator Person 1 January 2026 to 31 December 2199 A complaint by a neighbour" in listed
    act = one("select verb, body from act order by id desc limit 1")
    assert act is not None and act.verb == "begin audit" and "complaint" not in json.dumps(act.body)


def test_what_an_officer_tried_to_change_and_was_refused_is_shown(site: Site, signed_in: SignedIn) -> None:
    free, other = site.subjects["free"], site.subjects["other"]
    investigator = signed_in("investigator")
    said = {"fact": "contact", "value": "yes", "mark": "fact", "source": "", "words": "Freeman"}
    act = one("select max(id) as id from act")
    assert act is not None
    said["seen-act"] = str(act.id)
    assert investigator.post(f"/subjects/{free}/state", said).status_code == 422
    assert investigator.post(f"/subjects/{other}/take").status_code == 404
    assert investigator.post("/accounts/end", {"username": "analyst"}).status_code == 403
    auditor = signed_in("auditor")
    form = {"officer": "investigator", "from": "1/1/2026", "until": "31/12/2199", "reason": "A complaint"}
    page = text(auditor.get(auditor.post("/record/officers/begin", form)["Location"]))
    assert f"Tried: state Refused: it was against the rules of what may be recorded (record {free})" in page
    assert f"Tried: take Refused: no such subject for this person (record {other})" in page
    assert "Tried: account end Refused: roles did not allow it" in page
    assert "Freeman" not in page
    assert "Tried: take" in text(auditor.get(f"/record/who-looked?subject={other}"))
    own = text(investigator.get("/record/looks"))
    assert f"(record {free})" in own and "Tried: account end" in own
    # It may be told to whom it belongs, and not that there is such a record.
    assert f"(record {other})" not in own


def test_what_is_unusual_is_shown_without_content(site: Site, signed_in: SignedIn) -> None:
    signed_in("elsewhere").post("/search", {"q": "Elsewhere Person"})
    signed_in("investigator").post("/search", {"q": "Drew Freeman"})
    signed_in("investigator").get(f"/subjects/{site.subjects['free']}")
    auditor = signed_in("auditor")
    page = text(auditor.get("/record/unusual"))
    assert "Own name. Searched for their own name once." in page
    assert "Searched for 1 subject, opened what was found, and never did an act on any." in page
    assert "Freeman" not in page and "never" in page
    assert "None of them says that anybody did wrong" in page
    own = text(auditor.get("/record/unusual?kind=own+name&days=1"))
    assert "1 thing to ask about" in own and "opened what was found" not in own
    assert auditor.get("/record/unusual?kind=guilty").status_code == 400


@pytest.fixture
def line(site: Site) -> str:
    sign_heads()
    return Home.current().heads.read_text(encoding="ascii").splitlines()[0]


def test_a_head_is_checked_where_it_is_pasted_or_sent(line: str, signed_in: SignedIn) -> None:
    auditor = signed_in("auditor")
    good = text(auditor.post("/record/heads", {"line": line}))
    assert "everything is good and agrees" in good and "Agrees: it has this hash" in good
    sent = text(auditor.post("/record/heads", {"file": BytesIO(f"{line}\n\n{line}\nrubbish".encode())}))
    assert "not everything is good" in sent and "Line 3 cannot be read as a head" in sent
    assert "The newest heads of this home" in text(signed_in("administrator").get("/record/heads"))
    assert "Paste a line" in text(auditor.post("/record/heads", {"line": " "}))
    assert "At most 200 lines" in text(auditor.post("/record/heads", {"line": f"{line}\n" * 201}))


@pytest.mark.parametrize(
    ("changed", "signature", "chain"),
    [
        ({"at": "2020-01-01T00:00:00+00:00"}, "Not good", "Agrees"),
        ({"hash": "00" * 32}, "Not good", "Contradicts"),
        ({"count": 1_000}, "Not good", "Contradicts"),
        ({"number": 10**6}, "Not good", "The chain ends before it"),
        ({"number": 0}, "Not good", "There is no such number"),
        ({"number": 10**30}, "Not good", "There is no such number"),
        ({"chain": "officer"}, "Not good", "There is no such number"),
        ({"signature": "ff"}, "Not good", "Agrees"),
    ],
)
def test_a_changed_head_is_not_good(
    changed: dict[str, object], signature: str, chain: str, line: str, signed_in: SignedIn
) -> None:
    page = text(signed_in("auditor").post("/record/heads", {"line": json.dumps(json.loads(line) | changed)}))
    asked = page.partition("What you asked about")[2].partition("The newest heads")[0]
    assert signature in asked and chain in asked and "not everything is good" in asked


def test_a_rewritten_past_contradicts_a_head_that_was_signed(line: str, signed_in: SignedIn) -> None:
    """Signed with the right key, about another past."""
    from dataclasses import replace

    from threshold.acts.chain import Head, read_heads
    from threshold.acts.heads import _key, _line

    (head,) = read_heads([line])
    assert isinstance(head, Head)
    other = replace(head, hash=bytes(32))
    signed = _line(other, _key(Home.current()).sign(other.signed)).decode()
    page = text(signed_in("auditor").post("/record/heads", {"line": signed}))
    asked = page.partition("What you asked about")[2].partition("The newest heads")[0]
    assert "Good: signed with a key of this home" in asked and "Contradicts" in asked
    assert "not everything is good" in asked
