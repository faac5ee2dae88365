"""A new policy over the past: on each day only what was known that day, as the plain interpreter says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.enquiries.reference import World
from tests.stories import RECEIVED, Team, Told

from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.enquiries.backtesting import backtest
from threshold.journey import subjects
from threshold.journey.beginning import default_policy
from threshold.policy.document import read
from threshold.policy.model import Policy, band_name
from threshold.times import end_of_uk_day, uk_day

SHIPPED = default_policy()
STRICTER = read(
    SHIPPED.text.replace("times_seen >= 2", "times_seen >= 1")
    .replace("condition: shared\n", "condition: shared OR earlier_warning\n")
    .encode(),
    "stricter.yaml",
)
# Asked of a fact that the policy in force only listens to; its rule of combining is another.
OTHERWISE = read(
    SHIPPED.text.replace("condition: shared\n", "condition: shared OR viewed\n").encode(), "otherwise.yaml"
)


def night() -> None:
    """Everything done so far was done a day earlier."""
    from django.db import connections

    with connections["owner"].cursor() as owner:
        owner.execute("alter table act disable trigger user")
        owner.execute("update act set at = at - interval '1 day'")
        owner.execute("alter table act enable trigger user")


def lived(team: Team) -> None:
    """Five days: reports, answers, a link made and undone, a mistake taken back."""
    first = team.subject(Told("a", unverified=("x@mail.example",), age=30))
    second = team.subject(Told("b", unverified=("x@mail.example",)))
    night()
    warned = team.state(first, "earlier_warning", "yes")
    team.state(second, "shared", "no")
    night()
    link = subjects.same(team.analyst, first, second, "one man")
    night()
    team.subject(Told("a", at="2026-11-10T08:00:00Z", solicited=True))
    subjects.undo(team.analyst, link, "two men")
    night()
    subjects.take_back(team.analyst, warned, "another man")
    team.state(second, "viewed", "yes")


def by_the_interpreter(policy: Policy, days: list[datetime]) -> Counter[tuple[str, str]]:
    reopened = frozenset(fact.name for fact in policy.facts.values() if fact.reports_reopen)
    found: Counter[tuple[str, str]] = Counter()
    for end in days:
        row = one("select coalesce(max(id), 0) as id from act where at <= %s", [end])
        assert row is not None
        world = World.at(row.id, end, reopened)
        for stored in query(f"select subject, known from assessment a where {standing('a', row.id)}"):
            _, _, judged = world.judged(policy, stored.subject)
            found[band_name(stored.known), band_name(judged.known)] += 1
    return found


def test_each_day_is_judged_by_what_was_known_on_it(team: Team) -> None:
    lived(team)
    today = uk_day(datetime.now(UTC))
    first = today - timedelta(days=5)
    days = [end_of_uk_day(first + timedelta(days=n)) for n in range(6)]
    for policy in (SHIPPED, STRICTER, OTHERWISE):
        told: list[tuple[int, int]] = []
        found = backtest(policy, first, today, lambda done, of: told.append((done, of)))  # noqa: B023
        assert {(m.then, m.new): m.days for m in found.moves} == by_the_interpreter(policy, days)
        assert told == [(n, 6) for n in range(1, 7)]
    assert found.subjects == 2
    assert backtest(SHIPPED, first, today).higher == 0
    assert backtest(STRICTER, first, today).higher == 2
    assert backtest(STRICTER, first, today).clauses["shared"] == 1


def test_before_anything_was_known_there_is_nothing(team: Team) -> None:
    lived(team)
    day = RECEIVED.date() - timedelta(days=400)
    found = backtest(STRICTER, day, day + timedelta(days=3))
    assert (found.subjects, found.judged, found.moves) == (0, 0, ())
