"""The calendar's own acts: bands whose time has passed are worked out again, as are all when a policy begins; parked
cases whose day of review has come are open again.

It also clears away what an import that was killed left lying: personal data does not wait for the next one.
"""

from __future__ import annotations

from threshold.acts.access import Actor, Power, actor_by_name
from threshold.acts.db import one
from threshold.acts.heads import sign_heads
from threshold.acts.officers import SWEEP
from threshold.acts.verbs import act
from threshold.cases.casebook import parked_too_long, take_up_parked
from threshold.enquiries.assess import reassess_due
from threshold.journey.policies import work_out_again
from threshold.journey.scratch import IN_MEMORY, clear_leftovers

AT_ONCE = 200


def sweeper() -> Actor | None:
    """The system's own account; None in a home that has no accounts yet."""
    return actor_by_name(SWEEP)


def sweep(actor: Actor) -> int:
    """Work out again every assessment that is past its *good until*, or made by a policy that is no longer in
    force; how many. Signs the heads of both chains.
    """
    clear_leftovers(IN_MEMORY)
    clear_leftovers()
    done = 0
    while _anything_due():
        with act(actor, "sweep", Power.SWEEP) as opened:
            done += reassess_due(opened, AT_ONCE)
    done += work_out_again(actor, Power.SWEEP)
    while parked_too_long():
        with act(actor, "take parked cases up", Power.SWEEP) as opened:
            take_up_parked(opened, AT_ONCE)
    sign_heads()
    return done


def _anything_due() -> bool:
    row = one(
        "select exists (select from assessment where retracted_by is null and good_until <= now()) as due"
    )
    assert row is not None
    return bool(row.due)
