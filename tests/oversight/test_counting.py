"""The numbers against the obvious way of counting, at every date, for every reader; and what changed between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.force import Force, subject_of_account
from tests.referrals import referral, write
from tests.stories import RECEIVED, Team, Told, assessed, labelled, standing_links, subject_of

from threshold.acts.access import Actor, Power, Refused, Role
from threshold.acts.db import query
from threshold.acts.record import verify
from threshold.acts.verbs import look
from threshold.journey import subjects
from threshold.journey.importing import files_under, take_in
from threshold.journey.subjects import Answer
from threshold.oversight import queries
from threshold.oversight.changes import changes
from threshold.oversight.counting import Count, Reading, Scope, count
from threshold.oversight.definitions import ALL, CELLS, DIVISION, SUMS, TABLE
from threshold.oversight.sentences import sentence
from threshold.oversight.verbs import WrongAnswer, save_answer
from threshold.people.components import Contradiction
from threshold.people.verbs import WrongPair


def today(actor: Actor) -> Count:
    return count(actor, Reading.of("today", None), with_doubt=True)


def numbers(found: Count) -> dict[str, int | None]:
    return {key: number.value for key, number in found.numbers.items()}


def obvious(actor: Actor, reading: Reading) -> dict[str, int]:
    """Every mention read, put together in Python; for a reader to whom nothing is closed."""
    rows = query(
        """select n.id, n.role, m.subject, r.received_at, a.ladder, a.route from mention n
           join member m on m.mention = n.id and m.asserted_by <= %(n)s
                        and (m.retracted_by is null or m.retracted_by > %(n)s)
           join report r on r.id = n.report
           left join assessment a on a.subject = m.subject and a.asserted_by <= %(n)s
                        and (a.retracted_by is null or a.retracted_by > %(n)s)
           where n.asserted_by <= %(n)s""",
        {"n": reading.act},
    )
    had = [row for row in rows if reading.received_by is None or row.received_at <= reading.received_by]
    place = {row.subject: (row.ladder, row.route) for row in had if row.role == "reported"}
    found = {each.key: sum(cell in each.cells for cell in place.values()) for each in SUMS}
    roles = {
        "harmed": "harmed",
        "recipients": "recipient",
        "associated": "associated",
        "reporters": "reporter",
    }
    for key, role in roles.items():
        found[key] = len({row.subject for row in had if row.role == role})
    return found


def adds_up(found: Count) -> None:
    values = numbers(found)
    assert values["subjects"] == sum(values[part.key] or 0 for part in DIVISION)
    assert values["subjects"] == sum(values[each.key] or 0 for each in TABLE if len(each.cells) == 1)
    assert values["subjects"] == sum(values[f"rung-{rung}"] or 0 for rung in range(1, 5))
    assert found.doubt is not None and found.in_doubt is not None
    assert found.doubt.at_least <= found.doubt.reached <= found.doubt.at_most == values["subjects"]
    assert (values["subjects"] or 0) - found.in_doubt["subjects"] <= found.doubt.at_least


ACCOUNTS = st.sampled_from(["a", "b", "c", "d"])
REPORTS = st.builds(
    Told,
    account=ACCOUNTS,
    emails=st.sampled_from([(), ("one@mail.example",), ("two@mail.example",)]),
    phones=st.sampled_from([(), ("07700900101",), ("07700900102",)]),
    age=st.sampled_from([None, None, 14]),
    others=st.sampled_from([(), (Told("harmed-1", role="harmed"),), (Told("a", role="recipient"),)]),
)
DAYS = st.sampled_from([RECEIVED - timedelta(days=9), RECEIVED])
STEPS = st.one_of(
    st.tuples(st.just("import"), st.lists(REPORTS, min_size=1, max_size=3), DAYS),
    st.tuples(st.sampled_from(["same", "different"]), st.integers(0, 50), st.integers(0, 50)),
    st.tuples(st.just("undo"), st.integers(0, 50), st.none()),
    st.tuples(st.just("state"), st.integers(0, 50), st.sampled_from(["rung 1", "rung 3", "rung 4", "adult"])),
)


def do(team: Team, step: tuple[Any, ...]) -> None:
    kind, one, other = step
    if kind == "import":
        team.take_in(*labelled(one), received_at=other)
        return
    mentions = [row.id for row in query("select id from mention order by id")]
    if not mentions:
        return
    pick = mentions[one % len(mentions)]
    if kind == "undo":
        links = standing_links()
        if links:
            subjects.undo(team.analyst, links[one % len(links)].id, "made up")
    elif kind == "state" and other == "adult":
        team.state(pick, "adult_established", "yes")
    elif kind == "state":
        team.identify(pick, other[-1])
    else:
        say = subjects.same if kind == "same" else subjects.different
        try:
            say(team.analyst, pick, mentions[other % len(mentions)], "made up")
        except (WrongPair, Contradiction):
            return


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=3, max_size=9))
def test_whatever_is_done_parts_add_up_the_past_stays_and_changes_explain_the_difference(
    team: Team, steps: list[tuple[Any, ...]]
) -> None:
    """The property of this room. Examples share a database: each goes on from the one before."""
    past = []
    for step in steps:
        do(team, step)
        found = today(team.analyst)
        adds_up(found)
        values = numbers(found)
        expected = obvious(team.analyst, found.reading)
        assert {key: values[key] for key in expected} == expected
        past.append(found)
    last = past[-1]
    for then in past:
        again = count(team.analyst, then.reading, with_doubt=True)
        assert (numbers(again), again.doubt) == (numbers(then), then.doubt)
    for then, later in [*((then, last) for then in past), *pairwise(past)]:
        explained = changes(team.analyst, then.reading, later.reading)
        for each in SUMS:
            difference = (later.value(each.key) or 0) - (then.value(each.key) or 0)
            assert queries.change_of(each, explained) == difference
        for change in explained:
            assert change.by is not None and then.reading.act < change.by.number <= later.reading.act
            assert f"(act {change.by.number}," in change.says()
    by = RECEIVED - timedelta(days=1)
    known = Reading("now-known", last.reading.act, by, by)
    now_known = count(team.analyst, known, with_doubt=True)
    adds_up(now_known)
    expected = obvious(team.analyst, known)
    assert {key: now_known.value(key) for key in expected} == expected
    for each in SUMS:
        difference = (last.value(each.key) or 0) - (now_known.value(each.key) or 0)
        assert queries.change_of(each, changes(team.analyst, known, last.reading)) == difference


def told(team: Team, before: Reading) -> list[tuple[str, str]]:
    return [(c.why, c.says()) for c in changes(team.analyst, before, Reading.of("today", None))]


def test_a_link_undone_after_the_answer_explains_itself(team: Team) -> None:
    one, other = team.subjects_of(Told("a"), Told("b"))
    link = subjects.same(team.analyst, one, other, "one man")
    number = save_answer(team.analyst, Reading.of("today", None), "The Fictional Gazette")
    subjects.undo(team.analyst, link, "two men")
    with look(team.analyst, "tests", Power.COUNT) as seen:
        answer = queries.answer(seen, number)
        since = queries.since(seen, answer)
    by_key = {each.definition.key: each for each in since.differences}
    assert (by_key["subjects"].then, by_key["subjects"].now, by_key["subjects"].by) == (1, 2, 1)
    [change] = since.changes
    assert (change.subject, change.before, change.why, change.other) == (other, None, "separated", one)
    assert (
        f"Subject {other} and subject {one} are no longer one, when link {link} was undone" in change.says()
    )
    assert since.reasons == [("separated", 1, 0)]


def test_each_reason_says_what_happened_and_by_which_act(team: Team) -> None:
    one, other, third = team.subjects_of(Told("a"), Told("b"), Told("c", others=(Told("v", role="harmed"),)))
    before = Reading.of("today", None)
    assert told(team, before) == []
    team.take_in(*labelled([Told("d")], batch="late"))
    [(why, says)] = told(team, before)
    new = subject_of("late/0")
    assert why == "new report" and f"Subject {new}: report" in says and "came in delivery" in says
    before = Reading.of("today", None)
    subjects.same(team.analyst, one, other, "one man")
    [(why, says)] = told(team, before)
    assert why == "joined" and f"Subject {other} and subject {one} became one, when a link was made" in says
    before = Reading.of("today", None)
    team.identify(third, "4")
    team.state(third, "adult_established", "yes")
    [(why, says)] = told(team, before)
    assert why == "identity and age"
    assert (
        "'account only' to 'identified and confirmed by an officer'" in says and "adult established" in says
    )


def test_whoever_was_harmed_and_is_then_reported_comes_in_by_the_report(team: Team) -> None:
    team.subjects_of(Told("a", others=(Told("v", role="harmed"),)))
    before = Reading.of("today", None)
    team.take_in(*labelled([Told("v")]))
    [change] = changes(team.analyst, before, Reading.of("today", None))
    assert (change.before, change.why) == (None, "new report")


def test_the_three_readings_of_one_date(team: Team) -> None:
    early, late = RECEIVED - timedelta(days=30), RECEIVED
    team.take_in(*labelled([Told("a"), Told("b")], batch="early"), received_at=early)
    team.take_in(*labelled([Told("c")]), received_at=late)
    then = datetime.now(UTC)
    subjects.same(team.analyst, subject_of("early/0"), subject_of("early/1"), "one man")
    team.identify(subject_of("early/0"), "3")
    assert count(team.analyst, Reading.of("known-at", then)).value("subjects") == 3
    assert count(team.analyst, Reading.of("known-at", early)).value("subjects") == 0
    known = count(team.analyst, Reading.of("now-known", early + timedelta(days=1)))
    assert (known.value("subjects"), known.value("candidates"), known.value("reports")) == (1, 1, 2)
    assert today(team.analyst).value("subjects") == 2


def test_possible_links_make_the_range_and_a_different_pair_narrows_it(team: Team) -> None:
    one, other = team.subjects_of(Told("a", phones=("07700900101",)), Told("b", phones=("07700900101",)))
    found = today(team.analyst)
    assert found.doubt is not None and found.in_doubt is not None
    assert (found.doubt.at_least, found.doubt.at_most, found.in_doubt["accounts"]) == (1, 2, 2)
    subjects.different(team.analyst, one, other, "they met")
    found = today(team.analyst)
    assert found.doubt is not None and (found.doubt.at_least, found.doubt.at_most) == (2, 2)


def test_an_account_is_not_a_person_and_a_child_is_counted_apart(team: Team) -> None:
    account, child = team.subjects_of(Told("a"), Told("b", age=14))
    team.identify(child, "4")
    found = today(team.analyst)
    assert (found.value("people"), found.value("accounts"), found.value("children")) == (0, 1, 1)
    said = sentence(found)
    assert "we are aware of 0 people;" in said
    assert (
        "1 account that nobody has been found behind yet" in said
        and "1 child, or sign of one" in said.partition("counted apart")[2]
    )
    team.identify(account, "3")
    assert "we are aware of 1 person (1 candidate at premises)" in sentence(today(team.analyst))
    assert assessed(account).ladder == 3


# -- who is counted for whom -------------------------------------------------------------------------------------

READERS = [
    "analyst",
    "named",
    "investigator",
    "elsewhere",
    "supervisor",
    "other_supervisor",
    "safeguarding",
    "demo",
]


@pytest.mark.parametrize("name", READERS)
def test_what_is_counted_is_what_this_reader_may_see(name: str, standing_force: Force) -> None:
    actor = standing_force.actor(name)
    found = today(actor)
    rows = query(
        """select a.subject from assessment a
           where a.retracted_by is null and a.listed and visible(%s, a.subject)""",
        [actor.id],
    )
    assert found.scope is Scope.SEEN
    assert found.value("subjects") == len(rows) > 0
    adds_up(found)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("reading", ["today", "now-known"])
def test_the_rows_behind_each_number_are_as_many_and_visible(
    name: str, reading: str, standing_force: Force
) -> None:
    actor = standing_force.actor(name)
    asked = Reading.of(reading, datetime.now(UTC) if reading == "now-known" else None)
    for key, number in count(actor, asked).numbers.items():
        with look(actor, "tests", Power.COUNT) as seen:
            if number.value is None:
                with pytest.raises(Refused):
                    queries.behind(seen, asked, ALL[key])
                continue
            rows, page = [], 1
            while more := queries.behind(seen, asked, ALL[key], page).rows:
                rows += more
                page += 1
        assert len(rows) == number.value, key
        if number.definition.what in ("subjects", "roles"):
            assert sorted(seen.shown) == sorted(row.subject for row in rows)
            visible = query(
                "select s from unnest(%s::bigint[]) s where visible(%s, s)", [seen.shown, actor.id]
            )
            assert len(visible) == len(rows), key


def test_tied_children_are_who_the_access_rule_says(standing_force: Force) -> None:
    rows = query(
        "select distinct subject as s from member where retracted_by is null and tied_to_child(subject)"
    )
    tied = query("select * from tied_to_children() s")
    assert sorted(r.s for r in tied) == sorted(r.s for r in rows)


def test_the_chief_is_told_the_forces_own_total_and_no_row(standing_force: Force) -> None:
    chief = standing_force.actor("chief")
    found = today(chief)
    everybody = query("select from assessment where retracted_by is null and listed")
    assert found.scope is Scope.FORCE
    assert (
        found.value("subjects")
        == len(everybody)
        > (today(standing_force.actor("analyst")).value("subjects") or 0)
    )
    for key in ALL:
        with pytest.raises(Refused), look(chief, "tests", Power.COUNT) as seen:
            queries.behind(seen, found.reading, ALL[key])
    assert {number.value for number in found.numbers.values()} & {1, 2, 3, 4} <= {
        found.value("reports"), found.value("deliveries")
    }  # fmt: skip
    assert found.in_doubt is None


def test_closing_a_record_changes_no_chiefs_number_and_takes_it_from_the_rest(force: Force) -> None:
    chief, analyst = force.actor("chief"), force.actor("analyst")
    before = numbers(today(chief)), today(analyst).value("subjects")
    subjects.close_access(force.actor("supervisor"), force.subjects["free"], "a colleague", ["supervisor"])
    assert numbers(today(chief)) == before[0]
    assert today(analyst).value("subjects") == (before[1] or 0) - 1


def test_what_is_closed_today_is_counted_at_no_date_under_any_number(force: Force) -> None:
    """Joined with the closed one since, another is closed too; what it was called before does not give it away."""
    before = Reading.of("today", None)
    analyst, named = force.actor("analyst"), force.actor("other_supervisor")
    then = count(analyst, before, with_doubt=True)
    free, closed = force.subjects["free"], force.subjects["closed"]
    subjects.same(named, free, closed, "one man")
    again = count(analyst, before, with_doubt=True)
    assert again.value("subjects") == (then.value("subjects") or 0) - 1
    with look(analyst, "tests", Power.COUNT) as seen:
        rows = queries.behind(seen, before, ALL["subjects"]).rows
    assert not {free, closed} & {row.subject for row in rows}
    assert not {free, closed} & {
        n for c in changes(analyst, before, Reading.of("today", None)) for n in (c.subject, c.other)
    }


def test_no_question_about_a_closed_record_is_in_the_doubt(force: Force, tmp_path: Path) -> None:
    """A telephone number ties the two and nobody else: only who may see both is told."""
    for n in (1, 2):
        text = referral(f"pair-{n}", phone="07700900177", ip=f"198.51.100.{n}")
        write(tmp_path, {f"{n}.xml": text})
    take_in(force.actor("intake"), files_under([tmp_path]))
    before = {name: today(force.actor(name)) for name in ("analyst", "supervisor")}
    closed = subject_of_account("pair-2")
    subjects.close_access(force.actor("supervisor"), closed, "a colleague", ["supervisor"])
    after = {name: today(force.actor(name)) for name in before}
    for name, fewer in (("analyst", 2), ("supervisor", 0)):
        then, now = before[name].in_doubt, after[name].in_doubt
        assert then is not None and now is not None
        assert then["subjects"] - now["subjects"] == fewer, name


def test_intake_counts_what_it_took_in_itself(standing_force: Force) -> None:
    found = today(standing_force.actor("intake"))
    assert found.scope is Scope.DELIVERIES
    given = {key for key, number in found.numbers.items() if number.value is not None}
    assert given == {"reports", "deliveries"}
    assert found.value("deliveries") == len(query("select from delivery"))
    other = standing_force.actor("intake")
    elsewhere = Actor(other.id + 1000, "x", "X", "", frozenset({Role.INTAKE}))
    assert today(elsewhere).value("deliveries") == today(elsewhere).value("reports") == 0


@pytest.mark.parametrize("name", ["auditor", "policy_owner", "administrator", "nobody"])
def test_nobody_else_counts(name: str, standing_force: Force) -> None:
    actor = standing_force.actor(name)
    with pytest.raises(Refused), look(actor, "tests", Power.COUNT):
        raise AssertionError("not reached")
    with pytest.raises(Refused):
        save_answer(actor, Reading.of("today", None), "nobody")


# -- saved answers -----------------------------------------------------------------------------------------------


def found_by(actor: Actor) -> Iterator[int]:
    with look(actor, "tests", Power.COUNT) as seen:
        yield from (row.id for row in queries.answers(seen)[0])


def test_an_answer_is_found_by_who_gave_it_and_a_chiefs_by_chiefs(force: Force) -> None:
    now = Reading.of("today", None)
    analysts = save_answer(force.actor("analyst"), now, "the Gazette")
    chiefs = save_answer(force.actor("chief"), now, "the Gazette")
    assert list(found_by(force.actor("analyst"))) == [analysts]
    assert list(found_by(force.actor("chief"))) == [chiefs]
    assert list(found_by(force.actor("named"))) == []
    with look(force.actor("named"), "tests", Power.COUNT) as seen:
        assert queries.answer(seen, analysts) is None
    assert verify().whole


def test_an_answer_keeps_what_was_said_and_no_hidden_number(force: Force) -> None:
    chief = force.actor("chief")
    shown = today(chief)
    number = save_answer(chief, shown.reading, "  the Gazette  ")
    with look(chief, "tests", Power.COUNT) as seen:
        answer = queries.answer(seen, number)
        since = queries.since(seen, answer)
    assert answer is not None
    assert (answer.sentence, answer.given_for, answer.by_whom) == (
        sentence(shown),
        "the Gazette",
        "Chi Chief",
    )
    assert answer.numbers["numbers"] == numbers(shown)
    assert since.changes == [] and not since.rows_shown and seen.shown == []


def test_an_answer_needs_somebody_it_was_given_to(team: Team) -> None:
    for wrong in ("", "  ", "x" * 501):
        with pytest.raises(WrongAnswer):
            save_answer(team.analyst, Reading.of("today", None), wrong)


def test_a_record_closed_since_the_answer_is_named_nowhere_and_the_sum_still_holds(force: Force) -> None:
    analyst, free = force.actor("analyst"), force.subjects["free"]
    number = save_answer(analyst, Reading.of("today", None), "the Gazette")
    subjects.state(force.actor("supervisor"), free, Answer("identity_ladder", "4", "fact", "Checks"))
    subjects.close_access(force.actor("supervisor"), free, "a colleague", ["supervisor"])
    with look(analyst, "tests", Power.COUNT) as seen:
        since = queries.since(seen, queries.answer(seen, number))
    assert free not in {change.subject for change in since.changes}
    for each in since.differences:
        if each.definition in SUMS:
            assert each.by == queries.change_of(each.definition, since.changes) + each.shown_otherwise
    total = next(each for each in since.differences if each.definition.key == "subjects")
    assert (total.by, total.shown_otherwise) == (-1, -1)


def test_every_cell_has_its_definition() -> None:
    assert {cell for each in TABLE if len(each.cells) == 1 for cell in each.cells} == set(CELLS)
    assert len(ALL) == len({each.title for each in ALL.values()})
