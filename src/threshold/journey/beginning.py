"""The beginning of a home: migrations, first accounts, and the default policy in force."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from threshold.acts.access import Actor, Role, actor_by_name
from threshold.acts.db import one
from threshold.acts.officers import NewAccount, first_accounts, issue_token
from threshold.boot import migrate
from threshold.journey.policies import begin_with_policy
from threshold.policy import document
from threshold.policy.model import Policy

# The checkout that this version runs from: policies, sample and maps lie beside the code.
SHIPPED = Path(__file__).resolve().parents[3]


def default_policy() -> Policy:
    """The policy that ships with this version."""
    return document.load(SHIPPED / "policies" / "default.yaml")


def begin(administrators: Sequence[str]) -> list[NewAccount]:
    """Make a new home ready: its first administrators' accounts (passwords shown once), and the policy."""
    people = [(name, name, "", [Role.ADMINISTRATOR]) for name in administrators]
    return begin_with(people)


def unfinished() -> bool:
    """Whether the making of this home was stopped before it had an account: then it can be begun again."""
    migrate()
    return one("select id from officer limit 1") is None


def begin_with(people: Sequence[tuple[str, str, str, Sequence[Role]]]) -> list[NewAccount]:
    """Migrate, make these accounts (username, full name, team, roles), and put the default policy into force."""
    migrate()
    made = first_accounts(people)
    first = actor_by_name(people[0][0])
    assert first is not None
    # The first policy comes with the home itself; every later one takes two policy owners.
    begin_with_policy(
        Actor(first.id, first.username, first.full_name, "", frozenset({Role.POLICY_OWNER})), default_policy()
    )
    return made


def first_token(account: NewAccount) -> str:
    """A new account's own token for the command line, shown once."""
    officer = actor_by_name(account.username)
    assert officer is not None
    return issue_token(officer, account.username)
