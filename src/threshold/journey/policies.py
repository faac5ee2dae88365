"""Putting a policy into force: recorded with its text and digest, and everybody worked out again under it."""

from __future__ import annotations

from collections.abc import Callable

from threshold.acts.access import Actor, Power
from threshold.acts.db import query
from threshold.acts.verbs import act
from threshold.enquiries.assess import assess
from threshold.enquiries.verbs import put_in_force
from threshold.policy.model import Policy

AT_ONCE = 200


def adopt(actor: Actor, policy: Policy, progress: Callable[[int], None] | None = None) -> int:
    """Put a policy into force now and work every listed subject out again; how many changed."""
    with act(actor, "put policy into force", Power.ADOPT_POLICY) as opened:
        put_in_force(opened, policy, opened.at)
    changed = done = 0
    while subjects := _under_another(policy.digest):
        with act(actor, "work out again under policy", Power.ADOPT_POLICY) as opened:
            changed += assess(opened, subjects)
        done += len(subjects)
        if progress:
            progress(done)
    return changed


def _under_another(digest: str) -> list[int]:
    rows = query(
        "select subject from assessment where retracted_by is null and policy <> %s order by subject limit %s",
        [digest, AT_ONCE],
    )
    return [row.subject for row in rows]
