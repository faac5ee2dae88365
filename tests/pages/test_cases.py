"""A case on pages: opened from a subject, decided, refused on the page itself; forged requests change nothing."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.cases.desk import Desk, at_the_desk, at_the_door
from tests.force import Force
from tests.pages.conftest import client_of_a_browser

from threshold.acts.db import one


def signed_in(force: Force, name: str) -> Client:
    client = client_of_a_browser()
    answer = client.post("/sign-in", {"username": name, "password": force.passwords[name]})
    assert answer.status_code == 303
    return client


def take(client: Client, desk: Desk, choice: str, **more: str) -> object:
    typed = {
        "form": "decide", "choice": choice, "reason": "a made-up reason", "threat": "x", "powers": "y",
        "review": "31/1/2027", "seen": str(_assessment(desk)),
    }  # fmt: skip
    return client.post(f"/cases/{desk.case}/take", typed | more)


def _assessment(desk: Desk) -> int:
    row = one("select id from assessment where subject = %s and retracted_by is null", [desk.subject])
    assert row is not None
    return int(row.id)


def test_a_warning_by_pages_from_the_subject_to_the_watch(force: Force) -> None:
    desk = at_the_door(force)
    owner, supervisor = signed_in(force, "investigator"), signed_in(force, "supervisor")
    decide = owner.get(f"/cases/{desk.case}/decide").content.decode()
    assert decide.index("would change the band") < decide.index("Your decision</h2>")
    assert take(owner, desk, "warning_visit").status_code == 303  # type: ignore[attr-defined]
    decision = one("select id from decision where case_file = %s", [desk.case])
    assert decision is not None
    word = {"form": "approve", "decision": str(decision.id), "outcome": "approved", "reason": "I agree"}
    assert owner.post(f"/cases/{desk.case}/approve", word).status_code == 403
    assert supervisor.post(f"/cases/{desk.case}/approve", word).status_code == 303
    preview = owner.get(f"/cases/{desk.case}/letter?level=person")
    assert preview["Content-Type"] == "application/pdf"
    made = owner.post(f"/cases/{desk.case}/letter/make", {"level": "person", "language": "en"})
    assert made.status_code == 303
    letter = one("select id, pdf from letter where case_file = %s", [desk.case])
    assert letter is not None and owner.get(f"/letters/{letter.id}").content == preview.content == bytes(
        letter.pdf
    )
    page = owner.get(f"/cases/{desk.case}/visit").content.decode()
    assert "Everything holds." in page
    signed = owner.post(
        f"/cases/{desk.case}/visit/sign", {"letter": str(letter.id), "premises": str(desk.premises)}
    )
    assert signed.status_code == 303
    sheet = owner.get(signed["Location"]).content.decode()
    assert "Sheet for the door" in sheet and "Stop it Now!" in sheet
    visit = one("select id from visit where case_file = %s", [desk.case])
    assert visit is not None
    wrong = owner.post(
        f"/visits/{visit.id}/record", {"form": "record", "result": "warned", "letter": "handed"}
    )
    assert wrong.status_code == 422 and "Say when it happened" in wrong.content.decode()
    assert signed_in(force, "elsewhere").get(f"/visits/{visit.id}").status_code == 404
    desk.result(visit.id, "warned")
    assert "Watched" in owner.get(f"/cases/{desk.case}").content.decode()
    assert "1 home" in signed_in(force, "chief").get("/visits").content.decode()


def test_a_forged_choice_is_refused_on_the_page(force: Force) -> None:
    desk = at_the_desk(force)
    client = signed_in(force, "investigator")
    answer = take(client, desk, "warning_visit")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "no override makes it so" in answer.content.decode()  # type: ignore[attr-defined]
    assert one("select id from decision where case_file = %s", [desk.case]) is None


@pytest.mark.parametrize(
    "path", ["close", "park", "confirm", "visit/sign", "letter/make", "open-again", "carry-out"]
)
def test_an_empty_form_changes_nothing(force: Force, path: str) -> None:
    desk = at_the_desk(force)
    before = one("select max(id) as id from act")
    answer = signed_in(force, "supervisor").post(f"/cases/{desk.case}/{path}", {})
    assert answer.status_code == 422, answer.content.decode()
    assert one("select max(id) as id from act") == before


def test_an_approval_on_another_case_s_page_is_none(force: Force) -> None:
    desk, other = at_the_door(force), at_the_desk(force)
    decision = desk.decide()
    answer = signed_in(force, "supervisor").post(
        f"/cases/{other.case}/approve", {"decision": str(decision), "outcome": "approved", "reason": "x"}
    )
    assert answer.status_code == 422 and "no decision" in answer.content.decode()
    assert one("select id from decision_approval") is None
