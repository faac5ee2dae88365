"""The past from the command line: replays, a backtest, the published tools; held to their schemas."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands.conftest import held_to_schema, threshold
from tests.force import Force

from threshold.acts.db import one, query
from threshold.acts.officers import issue_token

POLICY = Path(__file__).parents[2] / "policies" / "default.yaml"


def acting_as(force: Force, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THRESHOLD_TOKEN", issue_token(force.actor("administrator"), name))


def spoil(number: int) -> None:
    from django.db import connections

    with connections["owner"].cursor() as owner:
        owner.execute("alter table assessment disable trigger user")
        owner.execute(f"update assessment set known = 3, could_be = 4 where id = {number}")
        owner.execute("alter table assessment enable trigger user")


def test_everything_on_record_comes_out_again(force: Force) -> None:
    done = threshold("replay", "all", "--json")
    told = held_to_schema("replay", done.json)
    count = query("select count(*) as n from assessment")[0].n
    assert (done.code, told["replayed"], told["different"]) == (0, count, 0)
    assert told["assessments"] == []
    half = threshold("replay", "all", "--sample", "50%", "--from", "inputs", "--json")
    assert half.json["replayed"] == query("select count(*) as n from assessment where id % 2 = 0")[0].n


def test_a_subjects_past_is_replayed_in_a_look_with_what_was_corrected_since(force: Force) -> None:
    own = force.subjects["own"]
    done = threshold("replay", own, "--json")
    told = held_to_schema("replay", done.json)
    assert done.code == 0 and told["replayed"] >= 3
    texts = [c["text"] for each in told["assessments"] for c in each["corrected_since"]]
    assert any("was taken back: another person was meant" in text for text in texts)
    look = one("select route, shown from look order by id desc limit 1")
    assert look is not None and (look.route, list(look.shown)) == ("command replay", [own])


def test_a_defect_is_loud_and_its_values_are_for_those_who_may_see(
    force: Force, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = query("select max(id) as id from assessment where subject = %s", [force.subjects["own"]])[0].id
    spoil(number)
    done = threshold("replay", "all")
    assert done.code == 1
    assert f"DIFFERENT  assessment {number}" in done.out
    assert "known from inputs: stored 3, again" in done.out and "known from rows: stored 3" in done.out
    acting_as(force, "auditor", monkeypatch)
    hidden = threshold("replay", "all")
    assert hidden.code == 1 and "stored not shown to you" in hidden.out and "stored 3" not in hidden.out


def test_who_may_replay(force: Force, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, other = force.subjects["closed"], force.subjects["other"]
    of_closed = query("select max(id) as id from assessment where subject = %s", [closed])[0].id
    acting_as(force, "analyst", monkeypatch)
    assert threshold("replay", "all").code == 2
    assert threshold("replay", closed).code == 2
    assert threshold("replay", "--assessment", of_closed).code == 2
    assert threshold("replay", other).code == 0
    acting_as(force, "chief", monkeypatch)
    assert threshold("replay", other).code == 2
    assert threshold("replay", "nobody").code == 2


def test_a_new_policy_is_tried_over_the_past_by_its_owner(
    force: Force, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stricter = tmp_path / "stricter.yaml"
    stricter.write_text(POLICY.read_text().replace("times_seen >= 2", "times_seen >= 1"))
    today = query("select (now() at time zone 'Europe/London')::date::text as day")[0].day
    acting_as(force, "policy_owner", monkeypatch)
    done = threshold("policy", "backtest", stricter, "--from", today, "--to", today, "--json")
    told = held_to_schema("backtest", done.json)
    assert told["subjects"] == query("select count(*) as n from assessment where retracted_by is null")[0].n
    assert told["higher"] > 0 and told["lower"] == 0
    assert (
        "would have been higher"
        in threshold("policy", "backtest", stricter, "--from", today, "--to", today).out
    )
    assert threshold("policy", "backtest", stricter, "--from", today, "--to", "2020-01-01").code == 2
    acting_as(force, "analyst", monkeypatch)
    assert threshold("policy", "backtest", stricter).code == 2


def test_the_tools_say_what_they_are_worth(force: Force) -> None:
    told = held_to_schema("tools", threshold("tools", "--json").json)
    assert {tool["name"] for tool in told["tools"]} == {"osp_dc", "osp_iic", "cport", "casic", "kirat"}
    assert told["agreement"] == []
    assert "about 73 times in 100" in threshold("tools").out
