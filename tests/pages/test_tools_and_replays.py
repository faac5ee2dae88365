"""The pages behind the case: published tools for adults only, and any assessment worked out again."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from tests.pages.fictional import Site

from threshold.acts.db import one, query
from threshold.journey import subjects as journey
from threshold.journey.subjects import Answer

SignedIn = Callable[[str], Client]


def established(site: Site) -> int:
    number = site.subjects["free"]
    journey.state(site.actor("analyst"), number, Answer("adult_established", "yes", "fact", "Passport seen"))
    return number


def words(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_tools_are_linked_from_an_adults_page_alone_and_shut_for_others(
    site: Site, signed_in: SignedIn
) -> None:
    client = signed_in("analyst")
    number = established(site)
    assert f'href="/subjects/{number}/tools"' in words(client, f"/subjects/{number}")
    child = site.subjects["child"]
    assert "/tools" not in words(client, f"/subjects/{child}")
    shut = words(client, f"/subjects/{child}/tools")
    assert "they are shut" in shut and "<select" not in shut


def test_a_tool_is_shown_with_what_it_is_worth_and_worked_out(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number = established(site)
    page = words(client, f"/subjects/{number}/tools?tool=cport")
    assert "about 73 times in 100" in page and "956 people" in page and "11 in 100" in page
    form = {
        "tool": "osp_iic", "form": "tool", "sex": "male", "convicted": "no", "source": "Prison records",
        "item-image_sanctions": "2", "item-contact_child": "0", "item-contact_adult": "0", "item-non_contact": "0",
    }  # fmt: skip
    refused = client.post(f"/subjects/{number}/tools/work-out", form)
    assert refused.status_code == 422
    assert "not applicable, because this person is not convicted" in refused.content.decode()
    assert 'value="Prison records"' in refused.content.decode()
    kept = client.post(f"/subjects/{number}/tools/work-out", form | {"convicted": "yes"}, follow=True)
    assert "10.31%" in kept.content.decode() and "No band moved" in kept.content.decode()


def test_a_kirat_result_is_brought_shown_beside_ours_and_taken_back(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number = established(site)
    form = {"tool": "kirat", "form": "tool", "band": "low", "assessor": "DC Made Up", "source": "File 1"}
    page = client.post(f"/subjects/{number}/tools/bring", form, follow=True).content.decode()
    assert "Low</strong>, as brought" in page and "Differs from ours (very high)" in page
    result = query("select id from tool_result")[0].id
    page = client.post(
        f"/subjects/{number}/tools/take-back", {"result": result}, follow=True
    ).content.decode()
    assert "No result is on record" in page
    assert one("select retracted_by from tool_result").retracted_by  # type: ignore[union-attr]


def test_an_assessment_of_the_history_is_worked_out_again_in_a_look(site: Site, signed_in: SignedIn) -> None:
    client = signed_in("analyst")
    number = site.subjects["own"]
    history = words(client, f"/subjects/{number}/history")
    first = query("select min(id) as id from assessment where subject = %s", [number])[0].id
    assert f"/subjects/{number}/replay?assessment={first}" in history
    page = words(client, f"/subjects/{number}/replay?assessment={first}")
    assert "The same, in every field" in page
    look = one("select route, shown from look order by id desc limit 1")
    assert look is not None and (look.route, look.shown) == ("replay", [number])
    other = query("select max(id) as id from assessment where subject <> %s", [number])[0].id
    assert client.get(f"/subjects/{number}/replay?assessment={other}").status_code == 400


def test_a_changed_assessment_is_shown_loudly(site: Site, signed_in: SignedIn) -> None:
    from django.db import connections

    number = site.subjects["own"]
    with connections["owner"].cursor() as owner:
        owner.execute("alter table assessment disable trigger user")
        owner.execute(f"update assessment set could_be = 4, known = 4 where subject = {number}")
        owner.execute("alter table assessment enable trigger user")
    page = words(signed_in("analyst"), f"/subjects/{number}/replay")
    assert "It does not come out the same" in page and "its stored inputs" in page


def test_a_child_was_never_scored(site: Site, signed_in: SignedIn) -> None:
    answer = signed_in("analyst").post(
        f"/subjects/{site.subjects['child']}/tools/bring",
        {"tool": "kirat", "form": "tool", "band": "low", "assessor": "a", "source": "b"},
    )
    assert answer.status_code == 422
    assert not query("select id from tool_result")
