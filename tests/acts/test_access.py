"""Who sees whom: every role towards every standing, in the database's own words; and nothing closed leaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.force import PEOPLE, Force

from threshold.acts import queries as record_queries
from threshold.acts.access import MATRIX, Actor, NotVisible, Power, Refused, Role, check_visible, only_visible
from threshold.acts.closing import WrongClosure
from threshold.acts.db import one, query
from threshold.acts.officers import end_account
from threshold.acts.record import verify
from threshold.acts.verbs import OpenLook, look
from threshold.cases import queries as lists
from threshold.cases.queries import LISTS
from threshold.journey import subjects
from threshold.journey.subjects import Answer
from threshold.people import queries as people

ALL = {"own", "other", "closed", "near_closed", "free", "tied", "child", "harmed"}
SEEN: dict[str, set[str]] = {
    "analyst": ALL - {"closed"},
    "named": ALL,
    "investigator": ALL - {"closed", "other"},
    "elsewhere": ALL - {"closed", "own"},
    "supervisor": ALL - {"closed"},
    "other_supervisor": ALL,
    "safeguarding": {"tied", "child", "harmed"},
    "demo": ALL - {"closed"},
    "intake": set(),
    "chief": set(),
    "auditor": set(),
    "policy_owner": set(),
    "administrator": set(),
    "administrator2": set(),
    "nobody": set(),
}
ELSEWHERE = {("investigator", "other"): "South", ("elsewhere", "own"): "North"}
NONE = 10_000_000


@pytest.fixture
def anna(standing_force: Force) -> Actor:
    """An analyst, to whom the closed subject is closed."""
    return standing_force.actor("analyst")


@pytest.fixture
def seen_by_anna(anna: Actor) -> Iterator[OpenLook]:
    with look(anna, "test", Power.SEE_SUBJECTS) as seen:
        yield seen


def visible(actor: Actor, subject: int) -> bool:
    row = one("select visible(%s, %s) as seen", [actor.id, subject])
    assert row is not None
    return bool(row.seen)


def test_every_account_of_the_force_has_its_expectation() -> None:
    assert set(SEEN) == {person[0] for person in PEOPLE}
    assert {role for person in PEOPLE for role in person[3]} == set(Role) - {Role.SWEEP}
    assert set(MATRIX) == set(Role)


@pytest.mark.parametrize("name", SEEN)
def test_a_role_sees_exactly_what_it_may(standing_force: Force, name: str) -> None:
    actor = standing_force.actor(name)
    numbers = {what: standing_force.subjects[what] for what in ALL}
    assert {what for what in ALL if visible(actor, numbers[what])} == SEEN[name]
    assert only_visible(actor, [*numbers.values(), NONE]) == {numbers[what] for what in SEEN[name]}
    for what, number in numbers.items():
        held = one("select held_elsewhere(%s, %s) as team", [actor.id, number])
        assert held is not None
        assert held.team == ELSEWHERE.get((name, what)), what
        if what in SEEN[name]:
            check_visible(actor, number)
        else:
            with pytest.raises(NotVisible):
                check_visible(actor, number)


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.parametrize("number", [NONE, 0, -1, 2**62])
def test_nobody_sees_what_does_not_exist(standing_force: Force, name: str, number: int) -> None:
    with pytest.raises(NotVisible, match=f"^There is no subject {number}\\.$"):
        check_visible(standing_force.actor(name), number)


def test_a_closed_subject_is_answered_like_one_that_does_not_exist(
    standing_force: Force, anna: Actor
) -> None:
    closed = standing_force.subjects["closed"]
    with pytest.raises(NotVisible, match=f"^There is no subject {closed}\\.$"):
        check_visible(anna, closed)


def test_the_base_functions_say_what_a_role_sees(standing_force: Force) -> None:
    expected = {"analyst": "all", "investigator": "all", "supervisor": "all", "safeguarding": "children"}
    closed, other = standing_force.subjects["closed"], standing_force.subjects["other"]
    for name in SEEN:
        actor = standing_force.actor(name)
        row = one("select sees(%s) as sees", [actor.id])
        assert row is not None
        if name in expected or SEEN[name] == set():
            assert row.sees == expected.get(name, "none")
        hidden = {r.s for r in query("select hidden_from(%s) as s", [actor.id])}
        shut = {r.s for r in query("select closed_to(%s) as s", [actor.id])}
        assert shut == (set() if name in ("named", "other_supervisor") else {closed})
        assert shut <= hidden
        assert (other in hidden) == (name == "investigator")


def test_nobody_sees_anything_by_a_number_that_is_no_account(standing_force: Force) -> None:
    nobody = Actor(NONE, "", "", "", frozenset())
    assert not any(visible(nobody, number) for number in standing_force.subjects.values())


# --- a closed subject leaves no trace for others


@pytest.mark.parametrize("name", LISTS)
def test_ranks_have_no_gaps_and_totals_leave_the_closed_out(
    standing_force: Force, seen_by_anna: OpenLook, name: Any
) -> None:
    closed = standing_force.subjects["closed"]
    rows, total = lists.listed(seen_by_anna, name, limit=100)
    assert closed not in {row.subject for row in rows}
    assert closed not in seen_by_anna.shown
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    assert total == len(rows)
    assert lists.counts(seen_by_anna)[name] == total
    with look(standing_force.actor("named"), "test", Power.SEE_SUBJECTS) as named:
        seen, everything = lists.listed(named, name, limit=100)
    stands_here = closed in {row.subject for row in seen}
    assert everything == total + stands_here
    assert stands_here == (name == "find-out")


def test_pages_of_a_list_have_no_hole_where_the_closed_stands(
    standing_force: Force, seen_by_anna: OpenLook
) -> None:
    whole, total = lists.listed(seen_by_anna, "find-out", limit=100)
    paged = [lists.listed(seen_by_anna, "find-out", page=n, limit=1)[0] for n in range(1, total + 1)]
    assert [len(page) for page in paged] == [1] * total
    assert [page[0].subject for page in paged] == [row.subject for row in whole]


@pytest.mark.parametrize(
    "typed", ["closed-1", "casey@mail.example", "Casey Closedaway", "nothing@mail.example"]
)
def test_a_search_for_the_closed_finds_as_little_as_one_for_nobody(
    seen_by_anna: OpenLook, typed: str
) -> None:
    assert people.search(seen_by_anna, typed) == []
    assert seen_by_anna.shown == []


def test_a_search_by_a_value_in_common_finds_only_the_open_one(
    standing_force: Force, seen_by_anna: OpenLook
) -> None:
    hits = people.search(seen_by_anna, "07700 900199")
    assert [hit.subject for hit in hits] == [standing_force.subjects["near_closed"]]


def test_no_possible_link_and_no_count_hints_at_the_closed(
    standing_force: Force, seen_by_anna: OpenLook
) -> None:
    near, closed = standing_force.subjects["near_closed"], standing_force.subjects["closed"]

    def phone(seen: OpenLook) -> Any:
        return next(row for row in people.identifiers(seen, near) if row.kind == "phone")

    assert closed not in {row.other for row in people.links(seen_by_anna, near)}
    assert phone(seen_by_anna).elsewhere == 0
    with look(standing_force.actor("named"), "test", Power.SEE_SUBJECTS) as named:
        assert closed in {row.other for row in people.links(named, near)}
        assert phone(named).elsewhere == 1


def test_a_report_leaves_the_closed_out_for_whoever_may_see_the_report(standing_force: Force) -> None:
    row = one("select report from mention where id = %s", [standing_force.subjects["closed"]])
    assert row is not None
    report = one("select delivery from report where id = %s", [row.report])
    assert report is not None
    for name, hidden in (("analyst", True), ("intake", True), ("named", False)):
        with look(standing_force.actor(name), "test") as seen:
            shown = {each.id for each in people.mentions_of_report(seen, row.report)}
            assert (standing_force.subjects["closed"] not in shown) == hidden
            assert people.hides_somebody(seen, report.delivery) == hidden


Try = Callable[[Actor, int], object]
TRIES: dict[str, Try] = {
    "state": lambda actor, n: subjects.state(actor, n, Answer("contact", "no", "fact", "Checks")),
    "take": lambda actor, n: subjects.take(actor, n),
    "let go": lambda actor, n: subjects.let_go(actor, n),
    "same": lambda actor, n: subjects.same(actor, 1, n, "why"),
    "same, turned": lambda actor, n: subjects.same(actor, n, 1, "why"),
    "different": lambda actor, n: subjects.different(actor, 1, n, "why"),
    "close access": lambda actor, n: subjects.close_access(actor, n, "why", ["supervisor"]),
    "open access": lambda actor, n: subjects.open_access(actor, n),
}


@pytest.mark.parametrize("name", TRIES)
def test_an_act_on_the_closed_is_answered_like_one_on_nobody(standing_force: Force, name: str) -> None:
    supervisor = standing_force.actor("supervisor")
    answers = []
    # The second mention of its report is not the closed subject's number, and tells as little.
    for number in (standing_force.subjects["closed"], NONE):
        with pytest.raises(NotVisible) as refused:
            TRIES[name](supervisor, number)
        answers.append(str(refused.value).replace(str(number), "N"))
    assert answers[0] == answers[1] == "There is no subject N."


@pytest.mark.parametrize("verb", ["take back", "undo"])
def test_a_statement_or_link_of_the_closed_is_answered_like_one_that_never_was(
    standing_force: Force, anna: Actor, verb: str
) -> None:
    closed = standing_force.subjects["closed"]
    table = "statement" if verb == "take back" else "link"
    where = "mention = %(m)s" if verb == "take back" else "%(m)s in (a, b)"
    row = one(f"select id from {table} where {where} and retracted_by is null limit 1", {"m": closed})
    assert row is not None
    answers = []
    for number in (row.id, NONE):
        with pytest.raises(Exception, match="does not stand") as refused:
            if verb == "take back":
                subjects.take_back(anna, number, "a mistake")
            else:
                subjects.undo(anna, number, "why")
        answers.append((type(refused.value), str(refused.value).replace(str(number), "N")))
    assert answers[0] == answers[1]


def test_refused_acts_changed_nothing(standing_force: Force) -> None:
    rows = query(
        "select verb, count(*) as n from act where verb in ('close access', 'open access') group by 1"
    )
    assert {row.verb: row.n for row in rows} == {"close access": 1}
    assert verify().whole


# --- closing and opening


def test_closing_shuts_out_everybody_who_is_not_named_the_closer_too(force: Force) -> None:
    free = force.subjects["free"]
    subjects.close_access(
        force.actor("supervisor"), free, "a colleague", ["other_supervisor", "investigator"]
    )
    seen = {name for name in SEEN if visible(force.actor(name), free)}
    assert seen == {"other_supervisor", "investigator"}
    subjects.open_access(force.actor("other_supervisor"), free)
    assert {name for name in SEEN if visible(force.actor(name), free)} == {
        name for name in SEEN if "free" in SEEN[name]
    }
    assert verify().whole


def test_a_child_closed_is_closed_to_safeguarding_too(force: Force) -> None:
    child = force.subjects["child"]
    subjects.close_access(force.actor("supervisor"), child, "a relative", ["supervisor"])
    assert not visible(force.actor("safeguarding"), child)
    with look(force.actor("safeguarding"), "test", Power.SEE_SUBJECTS) as seen:
        rows, total = lists.listed(seen, "children", limit=100)
    assert child not in {row.subject for row in rows}
    assert total == len(rows)


def test_closing_again_names_other_people(force: Force) -> None:
    free = force.subjects["free"]
    supervisor = force.actor("supervisor")
    subjects.close_access(supervisor, free, "a colleague", ["supervisor", "analyst"])
    subjects.close_access(supervisor, free, "a colleague", ["supervisor", "named"])
    assert {name for name in SEEN if visible(force.actor(name), free)} == {"supervisor", "named"}


@pytest.mark.parametrize(
    ("reason", "readers", "words"),
    [
        ("  ", ["supervisor"], "Say why"),
        ("why", [], "at least one supervisor"),
        ("why", ["analyst"], "at least one supervisor"),
        ("why", ["supervisor", "nobody here"], "There is no account nobody here"),
        ("why", ["supervisor", "chief"], "chief do not let them see subjects"),
    ],
)
def test_a_closing_that_nobody_could_open_or_read_is_refused(
    standing_force: Force, reason: str, readers: list[str], words: str
) -> None:
    free = standing_force.subjects["free"]
    with pytest.raises(WrongClosure, match=words):
        subjects.close_access(standing_force.actor("supervisor"), free, reason, readers)
    assert visible(standing_force.actor("analyst"), free)


def test_only_whoever_has_the_power_closes_and_opens(standing_force: Force) -> None:
    for name in SEEN:
        actor = standing_force.actor(name)
        if not actor.may(Power.CLOSE_ACCESS):
            with pytest.raises(Refused):
                subjects.close_access(actor, standing_force.subjects["free"], "why", ["supervisor"])
            with pytest.raises(Refused):
                subjects.open_access(actor, standing_force.subjects["closed"])


def test_what_is_not_closed_cannot_be_opened(standing_force: Force) -> None:
    free = standing_force.subjects["free"]
    with pytest.raises(WrongClosure, match="is not closed"):
        subjects.open_access(standing_force.actor("supervisor"), free)


def test_a_link_undone_after_closing_opens_nothing(force: Force) -> None:
    supervisor = force.actor("supervisor")
    own, free = force.subjects["own"], force.subjects["free"]
    joined = subjects.same(supervisor, own, free, "one man")
    subjects.close_access(supervisor, own, "a colleague", ["supervisor"])
    subjects.undo(supervisor, joined, "two men")
    for number in (own, free):
        assert not visible(force.actor("analyst"), number)
        subjects.open_access(supervisor, number)
        assert visible(force.actor("analyst"), number)


def test_what_is_closed_today_is_closed_in_the_past_under_every_number_it_had(force: Force) -> None:
    before = datetime.now(UTC)
    named = force.actor("other_supervisor")
    free, closed = force.subjects["free"], force.subjects["closed"]
    subjects.same(named, free, closed, "one man")
    anna = force.actor("analyst")
    with look(anna, "test", Power.SEE_SUBJECTS, as_at=before) as seen:
        for number in (free, closed):
            with pytest.raises(NotVisible):
                check_visible(anna, number, seen.as_at)
        assert people.search(seen, "free-1") == []
        for name in LISTS:
            rows, total = lists.listed(seen, name, limit=100)
            assert not {free, closed} & {row.subject for row in rows}
            assert total == len(rows)
        near = force.subjects["near_closed"]
        assert not {free, closed} & {row.other for row in people.links(seen, near)}
        assert all(row.elsewhere == 0 for row in people.identifiers(seen, near) if row.kind == "phone")


def test_the_acts_that_others_see_do_not_name_a_closed_subject(force: Force) -> None:
    free = force.subjects["free"]
    subjects.take(force.actor("analyst"), free)
    subjects.close_access(force.actor("demo"), free, "a colleague", ["other_supervisor"])
    for name, told in (("supervisor", set()), ("analyst", set()), ("auditor", {str(free)})):
        with look(force.actor(name), "record") as seen:
            page = record_queries.acts(seen)
        mine = {row.subject for row in page.rows if row.verb in ("take", "close access")}
        assert {number for number in mine if number == str(free)} == told, name


def test_a_closed_account_sees_nothing(force: Force) -> None:
    ann = force.actor("analyst")
    end_account(force.actor("administrator"), "analyst")
    assert not any(visible(ann, number) for number in force.subjects.values())
