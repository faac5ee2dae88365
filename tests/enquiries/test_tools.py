"""Published tools on real rows: shut but for adults, in the database too; a brought result runs the earlier clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.stories import Team, Told, assessed, band

from threshold.acts.access import Power
from threshold.acts.db import query
from threshold.acts.verbs import act
from threshold.acts.writing import claim_rows
from threshold.cases.queries import changes
from threshold.enquiries import tools as room
from threshold.enquiries.replaying import numbers, replay
from threshold.enquiries.tools import WrongTool
from threshold.journey import tools
from threshold.journey.tools import Asked
from threshold.policy.tools.scoring import Outcome

MAN = {"sex": "male", "convicted": "yes", "source": "Prison records"}
IMAGES = {"image_sanctions": "1", "contact_child": "0", "contact_adult": "0", "non_contact": "0"}


def adult(team: Team, **told: Any) -> int:
    one = team.subject(Told(f"adult-{len(query('select 1 from mention'))}", **told))
    team.state(one, "adult_established", "yes")
    return one


def results(team: Team, subject: int) -> list[Any]:
    with team.looking() as look:
        return room.results(look, subject)


def test_a_result_is_kept_with_its_inputs_and_gives_the_same_outcome_again(team: Team) -> None:
    one = adult(team)
    before = assessed(one)
    number = tools.work_out(team.analyst, one, "osp_iic", Asked(**MAN, items=IMAGES))
    (row,) = results(team, one)
    assert row.id == number and row.band == 2 and not row.brought
    assert row.answers == {"sex": "male", "convicted": "yes", "image_sanctions": 1, "contact_child": 0,
                           "contact_adult": 0, "non_contact": 0}  # fmt: skip
    assert row.digest_text == room.tool("osp_iic").digest
    again: Outcome = room.outcome_of(row.outcome)
    assert (again.rate, again.band) == (3.328, "medium")
    assert assessed(one) == before, "no band and no clock moves by a tool that is worked out"
    with team.looking() as look:
        assert changes(look, one)[0].verb == "work out tool"


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ({"convicted": "no"}, "not applicable, because this person is not convicted"),
        ({"sex": "female"}, "a woman"),
        ({"sex": "not_known"}, "the sex is not known"),
        ({"source": " "}, "needs a source"),
        ({"sex": "maybe"}, "Say what is known"),
    ],
)
def test_outside_its_population_nothing_is_kept(team: Team, who: dict[str, str], why: str) -> None:
    one = adult(team)
    with pytest.raises(WrongTool, match=why) as refused:
        tools.work_out(team.analyst, one, "osp_iic", Asked(**(MAN | who), items=IMAGES))
    assert not results(team, one)
    assert "is low" not in str(refused.value)


@pytest.mark.parametrize("told", [{}, {"age": 40}, {"age": 14}])
def test_tools_are_shut_for_children_and_where_age_is_not_established(
    team: Team, told: dict[str, Any]
) -> None:
    one = team.subject(Told("somebody", **told))
    with pytest.raises(WrongTool, match="not established"):
        tools.work_out(team.analyst, one, "osp_iic", Asked(**MAN, items=IMAGES))
    with pytest.raises(WrongTool, match="not established"):
        tools.bring(team.analyst, one, "kirat", "low", "DC Made Up", "File 1", None)
    with (
        pytest.raises(psycopg.errors.RaiseException, match="is for adults"),
        act(team.analyst, "by another way", Power.STATE) as opened,
    ):
        columns = ["mention", "tool", "version", "digest_text", "brought", "band", "answers", "outcome", "assessor",
                   "source", "as_of", "received_at", "officer"]  # fmt: skip
        values = [one, "kirat", "2", "", True, 1, "{}", "{}", "a", "a", opened.at, opened.at, team.analyst.id]
        claim_rows(opened, "tool_result", columns, [values])
    assert query("select count(*) as n from tool_result")[0].n == 0


def test_a_graver_result_that_is_brought_runs_its_clock_and_moves_no_band(team: Team) -> None:
    one = adult(team)
    team.state(one, "earlier_warning", "yes")
    before = assessed(one)
    number = tools.bring(team.analyst, one, "kirat", "very_high", "DC Made Up", "File 1", None)
    after = assessed(one)
    received = results(team, one)[0].received_at
    assert (after.known, after.could_be, after.deciding) == (before.known, before.could_be, before.deciding)
    assert after.due == min(before.due, received + timedelta(days=1))
    assert all(replay(n).same for n in numbers())  # type: ignore[union-attr]
    tools.take_back(team.analyst, one, number)
    again = assessed(one)
    assert again.due == after.due, "a due time never moves later by itself"
    assert not results(team, one)
    with pytest.raises(WrongTool, match="does not stand"):
        tools.take_back(team.analyst, one, number)


def test_a_result_of_today_may_be_dated_today_and_none_next_week(team: Team) -> None:
    one = adult(team)
    now = datetime.now(UTC)
    tools.bring(team.analyst, one, "kirat", "low", "DC Made Up", "File 1", now + timedelta(hours=10))
    with pytest.raises(WrongTool, match="in the future"):
        tools.bring(team.analyst, one, "kirat", "low", "DC Made Up", "File 1", now + timedelta(days=7))


def test_a_milder_result_that_is_brought_changes_nothing(team: Team) -> None:
    one = adult(team, solicited=True)
    before = assessed(one)
    tools.bring(team.analyst, one, "kirat", "low", "DC Made Up", "File 1", None)
    assert assessed(one) == before


def test_an_ungraded_person_gets_the_clock_of_the_result(team: Team) -> None:
    one = adult(team)
    assert band(one)[0] == 0 and assessed(one).due is None
    tools.bring(team.analyst, one, "kirat", "high", "DC Made Up", "File 1", None)
    assert band(one)[0] == 0
    assert assessed(one).due == results(team, one)[0].received_at + timedelta(days=7)


def test_how_often_the_two_graders_agree_is_counted(team: Team) -> None:
    for told, result in (({"solicited": True}, "low"), ({"solicited": True}, "very_high"), ({}, "high")):
        tools.bring(team.analyst, adult(team, **told), "kirat", result, "DC Made Up", "File 1", None)
    (found,) = room.agreement()
    assert found == room.Agreement("kirat", 3, same=1, tool_higher=0, ours_higher=1, not_graded=1)


@pytest.mark.parametrize(
    ("tool", "band_typed", "assessor", "why"),
    [
        ("osp_dc", "low", "a", "is worked out here"),
        ("kirat", "dire", "a", "Choose the band"),
        ("kirat", "low", " ", "who made the result"),
        ("magic", "low", "a", "no tool magic"),
    ],
)
def test_a_brought_result_says_what_is_missing(
    team: Team, tool: str, band_typed: str, assessor: str, why: str
) -> None:
    with pytest.raises(WrongTool, match=why):
        tools.bring(team.analyst, adult(team), tool, band_typed, assessor, "File 1", None)


def test_cport_takes_the_item_that_is_not_known_from_casic(team: Team) -> None:
    one = adult(team)
    casic = {item.name: "yes" for item in room.tool("casic").items}
    tools.work_out(team.analyst, one, "casic", Asked(**MAN, items=casic))
    no = {item.name: "no" for item in room.tool("cport").items} | {"sexual_interest": "not_known"}
    tools.work_out(team.analyst, one, "cport", Asked(**MAN, items=no))
    assert results(team, one)[0].outcome["score"] == 1
    with pytest.raises(WrongTool, match="whole number"):
        tools.work_out(team.analyst, one, "osp_iic", Asked(**MAN, items=IMAGES | {"contact_child": "two"}))


def test_a_force_lays_its_own_table_into_its_home(team: Team, home: Any) -> None:
    own = home.path / "tools"
    own.mkdir()
    text = (room.SHIPPED / "cport.yaml").read_text().replace("rates: {}", "rates: {0: 3}")
    (own / "cport.yaml").write_text(text)
    one = adult(team)
    no = {item.name: "no" for item in room.tool("cport").items}
    tools.work_out(team.analyst, one, "cport", Asked(**MAN, items=no))
    assert results(team, one)[0].outcome["rate"] == 3
