"""Putting a policy into force: proved, proposed by one person, approved by another, and everybody worked out again.

One that begins later is put to work by the sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from threshold.acts.access import Actor, Power
from threshold.acts.db import one, query
from threshold.acts.verbs import act
from threshold.enquiries import adopting
from threshold.enquiries.adopting import WrongPolicy
from threshold.enquiries.assess import NoPolicy, assess, policy_in_force, policy_of
from threshold.policy.check import Fault, check
from threshold.policy.model import Policy

AT_ONCE = 200
Progress = Callable[[int], None]


class FaultyPolicy(WrongPolicy):
    """The policy did not pass its check, so it cannot be put into force."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        told = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"This policy has {len(faults)} fault{'s'[: len(faults) > 1]}:\n{told}")
        self.faults = faults


def begin_with_policy(actor: Actor, policy: Policy) -> None:
    """Put the policy into force that a home begins with.

    :raises WrongPolicy: there is one already
    """
    with act(actor, "begin with policy", Power.ADOPT_POLICY) as opened:
        adopting.begin_with_policy(opened, policy)


def propose(actor: Actor, policy: Policy, from_at: datetime | None = None) -> int:
    """Ask that a policy be put into force, at the instant that it names itself or at another; the number.

    :raises FaultyPolicy: it did not pass its check
    :raises WrongPolicy: it cannot be proposed (it says why)
    """
    actor.require(Power.ADOPT_POLICY)
    _refuse_faults(policy)
    with act(actor, "propose policy", Power.ADOPT_POLICY) as opened:
        return adopting.propose(opened, policy, from_at or policy.in_force_from)


def propose_withdrawal(actor: Actor, in_force: int) -> int:
    """Ask that a policy in force, or about to be, be withdrawn; the number of the proposal.

    :raises WrongPolicy: it does not stand, or nothing would be left in force
    """
    with act(actor, "propose withdrawal of policy", Power.ADOPT_POLICY) as opened:
        return adopting.propose_withdrawal(opened, in_force)


def approve(actor: Actor, proposal: int, progress: Progress | None = None) -> int:
    """Approve somebody else's proposal, and work everybody out again where another policy is now in force.

    Gives how many subjects changed.

    :raises WrongPolicy: there is none, it is one's own, or it cannot be done any more
    """
    actor.require(Power.ADOPT_POLICY)
    asked = one("select text from policy_proposal where id = %s and retracted_by is null", [proposal])
    if asked is not None and asked.text is not None:
        _refuse_faults(policy_of(asked.text))
    with act(actor, "approve policy", Power.ADOPT_POLICY, proposal=proposal) as opened:
        adopting.approve(opened, proposal)
    return work_out_again(actor, Power.ADOPT_POLICY, progress)


def decline(actor: Actor, proposal: int) -> None:
    """Decline a proposal, one's own as well.

    :raises WrongPolicy: there is none
    """
    with act(actor, "decline policy", Power.ADOPT_POLICY, proposal=proposal) as opened:
        adopting.decline(opened, proposal)


def work_out_again(actor: Actor, power: Power, progress: Progress | None = None) -> int:
    """Work everybody out again whose band another policy made than the one in force; how many changed."""
    try:
        digest = policy_in_force(datetime.now(UTC)).digest
    except NoPolicy:
        return 0
    changed = done = 0
    while subjects := _under_another(digest):
        with act(actor, "work out again under policy", power) as opened:
            changed += assess(opened, subjects)
        done += len(subjects)
        if progress:
            progress(done)
    return changed


def _under_another(digest: str) -> list[int]:
    """Asked every minute of everybody: two stretches of an index, and not the whole table."""
    rows = query(
        """(select subject from assessment where retracted_by is null and policy < %(d)s limit %(n)s)
           union
           (select subject from assessment where retracted_by is null and policy > %(d)s limit %(n)s)
           limit %(n)s""",
        {"d": digest, "n": AT_ONCE},
    )
    return sorted(row.subject for row in rows)


def _refuse_faults(policy: Policy) -> None:
    faults = tuple(fault for proof in check(policy) for fault in proof.faults)
    if faults:
        raise FaultyPolicy(faults)
