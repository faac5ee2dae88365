"""Closed access: a subject that only named people see (staff, partners' staff, the team's relatives).

Every mention of the subject is closed, so that a link undone later opens nothing by itself. Run inside an act
that is open.
"""

from __future__ import annotations

from collections.abc import Sequence

from threshold.acts.access import Actor, Power
from threshold.acts.db import query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows


class WrongClosure(Exception):
    """Access cannot be closed or opened so. ``str()`` says why."""


def close(opened: OpenAct, subject: int, reason: str, readers: Sequence[Actor]) -> None:
    """Close the subject to all but these readers; one that is closed already gets them in place of the others.

    :raises WrongClosure: no reason, a reader who sees no subjects, or nobody who could open it again
    """
    if not reason.strip():
        raise WrongClosure("Say why access is closed.")
    for reader in readers:
        if not reader.may(Power.SEE_SUBJECTS):
            raise WrongClosure(f"The roles of {reader.username} do not let them see subjects.")
    if not any(reader.may(Power.CLOSE_ACCESS) for reader in readers):
        raise WrongClosure("Name at least one supervisor, or nobody could ever open it again.")
    _retract(opened, subject)
    mentions = query(
        "select mention from member where subject = %s and retracted_by is null order by mention", [subject]
    )
    closures = claim_rows(
        opened, "closure", ["mention", "reason"], [(row.mention, reason.strip()) for row in mentions]
    )
    named = sorted({reader.id for reader in readers})
    claim_rows(
        opened,
        "closure_reader",
        ["closure", "officer"],
        [(closure, officer) for closure in closures for officer in named],
    )


def open_again(opened: OpenAct, subject: int) -> None:
    """Open the subject to everybody whose role lets them see it.

    :raises WrongClosure: it is not closed
    """
    if not _retract(opened, subject):
        raise WrongClosure(f"Access to subject {subject} is not closed.")


def _retract(opened: OpenAct, subject: int) -> int:
    closures = [
        row.id
        for row in query(
            """select c.id from closure c
               join member m on m.mention = c.mention and m.retracted_by is null
               where m.subject = %s and c.retracted_by is null order by c.id""",
            [subject],
        )
    ]
    readers = query(
        "select id from closure_reader where closure = any(%s) and retracted_by is null order by id",
        [closures],
    )
    retract_rows(opened, "closure_reader", [row.id for row in readers])
    return retract_rows(opened, "closure", closures)
