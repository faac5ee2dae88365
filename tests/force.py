"""A small fictional force: an account for every role, and a record of every standing towards them.

``fill`` makes it once; the fixture ``force`` gives every test a copy of its own, home and heads included.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.referrals import referral, write

from threshold.acts.access import Actor, Power, Role, actor_by_name
from threshold.acts.db import one
from threshold.acts.verbs import look
from threshold.home import Home
from threshold.journey import subjects
from threshold.journey.beginning import begin_with
from threshold.journey.calendar import sweep, sweeper
from threshold.journey.importing import files_under, take_in
from threshold.journey.subjects import Answer
from threshold.people.queries import search

NORTH, SOUTH = "North", "South"
PEOPLE: list[tuple[str, str, str, Sequence[Role]]] = [
    ("administrator", "Ada Administrator", "", [Role.ADMINISTRATOR]),
    ("administrator2", "Alex Administrator", "", [Role.ADMINISTRATOR]),
    ("demo", "Dee Demo", NORTH, [role for role in Role if role is not Role.SWEEP]),
    ("intake", "Ina Intake", NORTH, [Role.INTAKE]),
    ("analyst", "Ann Analyst", NORTH, [Role.ANALYST]),
    ("named", "Nia Named", SOUTH, [Role.ANALYST]),
    ("investigator", "Ivo Investigator", NORTH, [Role.INVESTIGATOR]),
    ("elsewhere", "Else Investigator", SOUTH, [Role.INVESTIGATOR]),
    ("supervisor", "Sue Supervisor", NORTH, [Role.SUPERVISOR]),
    ("other_supervisor", "Sal Supervisor", SOUTH, [Role.SUPERVISOR]),
    ("safeguarding", "Sam Safeguarding", NORTH, [Role.SAFEGUARDING]),
    ("chief", "Chi Chief", "", [Role.CHIEF]),
    ("auditor", "Aud Auditor", "", [Role.AUDITOR]),
    ("policy_owner", "Pol Owner", "", [Role.POLICY_OWNER]),
    ("nobody", "Nob Ody", "", []),
]

# Subject: the referrals that make it.
FILES = {
    "own": [referral("own-1", first="Alex", last="Ownteam", email="own@mail.example")],
    "other": [referral("other-1", first="Blake", last="Otherteam", email="other@mail.example")],
    "closed": [
        referral(
            "closed-1", first="Casey", last="Closedaway", phone="07700900199", email="casey@mail.example"
        )
    ],
    # A question stands between this one and the closed one: they have a telephone number in common.
    "near_closed": [referral("near-1", first="Corin", last="Near", phone="07700900199")],
    "free": [
        referral("free-1", first="Drew", last="Free", at="2026-11-10T08:00:00Z"),
        referral("free-1", first="Drew", last="Free", at="2026-11-12T08:00:00Z"),
    ],
    "tied": [referral("tied-1", first="Toni", last="Tied", harmed="harmed-1")],
    "child": [referral("child-1", first="Ash", age=14)],
}


@dataclass
class Force:
    """What was made: its home, passwords by account, subjects by what they are."""

    home: Home
    passwords: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        found = actor_by_name(name)
        assert found is not None
        return found


def fill(home: Home, folder: Path) -> Force:
    """Accounts, policy, deliveries; one subject taken by each team, one closed to all but two people."""
    force = Force(home, {made.username: made.password for made in begin_with(PEOPLE)})
    for name, texts in FILES.items():
        write(folder, {f"{name}/{n}.xml": text for n, text in enumerate(texts)})
        take_in(force.actor("intake"), files_under([folder / name]))
        force.subjects[name] = subject_of_account(f"{name.split('_')[0]}-1")
    force.subjects["harmed"] = subject_of_account("harmed-1")
    subjects.take(force.actor("investigator"), force.subjects["own"])
    subjects.take(force.actor("elsewhere"), force.subjects["other"])
    readers = ["named", "other_supervisor"]
    subjects.close_access(force.actor("other_supervisor"), force.subjects["closed"], "a relative", readers)
    _live_in(force)
    return force


def _live_in(force: Force) -> None:
    """Some work: a statement typed and taken back, a link made and undone, searches, a sweep."""
    analyst = force.actor("analyst")
    own, free = force.subjects["own"], force.subjects["free"]
    answer = Answer("lives_with_children", "yes", "intelligence", "Local records")
    subjects.take_back(analyst, subjects.state(analyst, own, answer).number, "another person was meant")
    subjects.undo(analyst, subjects.same(analyst, own, free, "one man"), "two men")
    for typed in ("own@mail.example", "07700 900199", "nul \x00 and half a pair \ud800"):
        with look(analyst, "search", Power.SEE_SUBJECTS) as seen:
            search(seen, typed)
    system = sweeper()
    assert system is not None
    sweep(system)


def subject_of_account(account: str) -> int:
    row = one(
        """select m.subject from identifier i join member m on m.mention = i.mention and m.retracted_by is null
           where i.kind = 'account' and i.received = %s order by i.id limit 1""",
        [account],
    )
    assert row is not None, account
    return int(row.subject)


def copy_home(force: Force, path: Path) -> Home:
    """A home of one's own with the same keys and heads."""
    shutil.copytree(force.home.path, path)
    return Home.at(path)
