"""One batch of n is n batches of one, in any order; and what officers make and undo leaves no trace in the view."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.stories import DUES, SAYS, Team, Told, labelled, mentions_of, view

from threshold.acts.db import query
from threshold.cases.queries import LISTS, counts, listed
from threshold.journey import importing, subjects
from threshold.people.components import Contradiction
from threshold.people.verbs import WrongPair

SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck))
_worlds = count(1)


def some(*values: str, most: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


def told(role: str = "reported") -> st.SearchStrategy[Told]:
    return st.builds(
        Told,
        account=st.sampled_from(["", "a", "b", "c"]),
        emails=some("x@mail.example", "y@mail.example"),
        unverified=some("x@mail.example", "z@mail.example"),
        phones=some("07700 900001", "07700 900002"),
        devices=some("356938035643801", "356938035643802"),
        ips=some("203.0.113.5", "203.0.113.6"),
        name=st.sampled_from(["", "Alex Example"]),
        born=st.sampled_from(["", "1990-01-31", "2011-05-05"]),
        compromised=st.integers(0, 4).map(lambda n: n == 0),
        solicited=st.integers(0, 3).map(lambda n: n == 0),
        at=st.sampled_from(["2026-11-07T08:00:00Z", "2026-11-08T08:00:00Z", "2026-11-08T08:30:00Z"]),
        priority=st.sampled_from(["", "", "a child is in danger"]),
        role=st.just(role),
    )


@st.composite
def reports(draw: st.DrawFn) -> list[Told]:
    found = []
    for one in draw(st.lists(told(), min_size=2, max_size=7)):
        others = draw(st.lists(told("harmed"), max_size=1)) if draw(st.integers(0, 3)) == 0 else []
        batched = draw(st.integers(0, 4)) == 0
        more = draw(st.lists(told(), max_size=2)) if batched else []
        found.append(replace(one, batched=batched, others=(*more, *others)))
    return found


def in_world(world: int, one: Told) -> Told:
    """The same report about people of a world of its own, so that one database serves every example."""
    return replace(
        one,
        account=one.account and f"{world}-{one.account}",
        emails=tuple(f"{world}.{e}" for e in one.emails),
        unverified=tuple(f"{world}.{e}" for e in one.unverified),
        phones=tuple(f"07{world:06}{p[-3:]}" for p in one.phones),
        devices=tuple(f"{world:09}{d}" for d in one.devices),
        ips=tuple(f"{ip.rpartition('.')[0]}.{world % 250 + 1}" for ip in one.ips),
        name=one.name and f"{one.name} {world}",
        others=tuple(in_world(world, other) for other in one.others),
    )


def taken_in(team: Team, batches: Sequence[Sequence[tuple[int, Told]]]) -> dict[str, Any]:
    """The view of a world of its own after these batches; reports are named by their place in the story."""
    world = next(_worlds)
    labels = []
    for batch in batches:
        those = [replace(in_world(world, one), label=f"w{world}/{n}") for n, one in batch]
        team.take_in(*those)
        labels += [one.label for one in those]
    return without_world(view(labels, [*SAYS, *DUES, "later_due"]), f"w{world}/")


def without_world(value: Any, prefix: str) -> Any:
    match value:
        case str():
            return value.removeprefix(prefix)
        case frozenset() | set():
            return frozenset(without_world(one, prefix) for one in value)
        case dict():
            return {without_world(k, prefix): without_world(v, prefix) for k, v in value.items()}
        case _:
            return value


@settings(SLOWLY, max_examples=30)
@given(st.data())
def test_one_batch_is_many_batches_of_one_in_any_order(team: Team, data: st.DataObject) -> None:
    story = list(enumerate(data.draw(reports())))
    whole = taken_in(team, [story])
    shuffled = data.draw(st.permutations(story))
    assert taken_in(team, [[one] for one in shuffled]) == whole
    cut = data.draw(st.integers(1, len(story) - 1))
    assert taken_in(team, [shuffled[:cut], shuffled[cut:]]) == whole


def test_a_repeated_report_changes_nothing(team: Team) -> None:
    story = labelled([Told("a"), Told("a", solicited=True), Told("b", phones=("07700 900001",))])
    team.take_in(*story)
    before = view([one.label for one in story], [*SAYS, *DUES])
    receipt = team.take_in(*story, *story)
    assert set(receipt.counts) == {"duplicate"}
    assert view([one.label for one in story], [*SAYS, *DUES]) == before


def present(team: Team, labels: Sequence[str]) -> dict[str, Any]:
    """Everything that anybody sees now, numbers included, but for due times and the age in days."""
    with team.looking() as opened:
        lists = {
            name: [(p.subject, p.called, p.known, p.could_be, p.route, p.clauses, p.checks, p.urgency)
                   for p in listed(opened, name, limit=500)[0]]
            for name in LISTS
        }  # fmt: skip
        numbers = counts(opened)
    members = query("select mention, subject from member where retracted_by is null order by 1, 2")
    said = query(
        """select m.subject, s.id from member m join statement s on s.mention = m.mention
           where m.retracted_by is null and s.retracted_by is null order by 1, 2"""
    )
    links = query("select id from link where retracted_by is null order by id")
    return {
        "lists": lists,
        "counts": numbers,
        "members": members,
        "said": said,
        "links": links,
        "view": view(labels, [c for c in SAYS if c != "clock_from"]),
    }


def dues() -> dict[int, Any]:
    rows = query("select subject, due from assessment where retracted_by is null and due is not null")
    return {row.subject: row.due for row in rows}


def a_busy_desk(team: Team) -> list[str]:
    """Accounts, shared identifiers, a harmed child, statements of every sort."""
    story = labelled(
        [
            Told("a", at="2026-11-01T08:00:00Z"),
            Told("a", at="2026-11-02T08:00:00Z", solicited=True),
            Told("b", phones=("07700 900001",), emails=("x@mail.example",)),
            Told("c", phones=("07700 900001",), devices=("356938035643801",), emails=("x@mail.example",)),
            Told("d", devices=("356938035643801",), emails=("x@mail.example",), born="2012-01-01"),
            Told("e", compromised=True, ips=("203.0.113.5",)),
            Told("e", ips=("203.0.113.5",), priority="a child is in danger"),
            Told("f", others=(Told("victim", role="harmed", age=12),)),
            Told("victim"),
            Told("g"),
        ]
    )
    team.take_in(*story)
    numbers = [mentions_of(one.label)[0].subject for one in story]
    team.rule_out(numbers[9])
    team.state(numbers[2], "lives_with_children", "yes")
    team.state(numbers[5], "contact", "not_known")
    team.state(numbers[7], "adult_established", "yes")
    return [one.label for one in story]


def test_links_made_and_undone_in_any_order_leave_the_view_as_it_was(team: Team) -> None:
    labels = a_busy_desk(team)
    mentions = [row.id for label in labels for row in mentions_of(label)]
    before, due_before = present(team, labels), dues()
    chance = random.Random(20261124)
    made: list[int] = []
    for _ in range(50):
        one, other = chance.sample(mentions, 2)
        say = chance.choice([subjects.same, subjects.different])
        try:
            made.append(say(team.analyst, one, other, "by chance"))
        except (WrongPair, Contradiction):
            subjects.undo(team.analyst, made.pop(chance.randrange(len(made))), "by chance")
    chance.shuffle(made)
    for link in made:
        subjects.undo(team.analyst, link, "by chance")
    assert present(team, labels) == before
    for subject, due in dues().items():
        assert subject not in due_before or due <= due_before[subject]


def test_automatic_links_undone_and_said_again_by_an_officer_give_the_same_view(team: Team) -> None:
    labels = a_busy_desk(team)
    before = view(labels)
    automatic = query("select id, a, b from link where strength = 'automatic' and retracted_by is null")
    assert automatic
    for link in automatic:
        subjects.undo(team.analyst, link.id, "doubtful")
    assert view(labels) != before
    for link in automatic:
        subjects.same(team.analyst, link.a, link.b, "sure")
    assert view(labels)["subjects"] == before["subjects"]
    assert view(labels)["assessed"] == before["assessed"]


def test_a_batch_that_shrank_on_a_busy_machine_grows_again() -> None:
    size = importing.FEWEST_AT_ONCE
    for _ in range(20):
        size = importing.next_size(size, 0.001, size)
    assert size == importing.MOST_AT_ONCE
    assert importing.next_size(size, 100.0, size) < size
