"""Writes of the cases room. Run inside an act that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows


class AlreadyTaken(Exception):
    """Somebody else has taken this subject on."""

    def __init__(self, subject: int, by_whom: str) -> None:
        super().__init__(f"{by_whom} has already taken subject {subject}. Talk to them, or ask a supervisor.")


class NotTaken(Exception):
    """The subject is not taken by this officer."""

    def __init__(self, subject: int, why: str = "") -> None:
        super().__init__(why or f"You have not taken subject {subject}, so there is nothing to let go.")


def holder(subject: int) -> tuple[int, int, str] | None:
    """Who has taken a subject: number of the claim, officer, full name."""
    row = one(
        """select t.id, t.officer, o.full_name from taken t
           join member m on m.mention = t.mention and m.retracted_by is null
           join officer o on o.id = t.officer
           where m.subject = %s and t.retracted_by is null order by t.id limit 1""",
        [subject],
    )
    return (row.id, row.officer, row.full_name) if row else None


def take(opened: OpenAct, subject: int) -> None:
    """The actor takes the subject on, so that two do not work one.

    :raises AlreadyTaken: somebody (perhaps this officer) holds it
    """
    held = holder(subject)
    if held is not None:
        raise AlreadyTaken(subject, "You" if held[1] == opened.actor.id else held[2])
    claim_rows(
        opened, "taken", ["mention", "officer", "team"], [(subject, opened.actor.id, opened.actor.team)]
    )


def let_go(opened: OpenAct, subject: int) -> None:
    """The actor lets the subject go again; whoever else took a part of it on before they were joined, does not.

    :raises NotTaken: this officer does not hold it, or has a case about it
    """
    if one(
        """select from case_file f join member m on m.mention = f.mention and m.retracted_by is null
           join case_owner o on o.case_file = f.id and o.retracted_by is null and o.owner = %s
           where m.subject = %s and case_is_live(f.id) limit 1""",
        [opened.actor.id, subject],
    ):
        raise NotTaken(subject, "You have a case about this subject: hand the case over instead.")
    own = query(
        """select t.id from taken t join member m on m.mention = t.mention and m.retracted_by is null
           where m.subject = %s and t.officer = %s and t.retracted_by is null""",
        [subject, opened.actor.id],
    )
    if not own:
        raise NotTaken(subject)
    retract_rows(opened, "taken", [row.id for row in own])


class NoNotice(Exception):
    """The notice is not this officer's, or was already seen."""

    def __init__(self, notice: int) -> None:
        super().__init__(f"Notice {notice} is not one of yours, or you have seen it already.")


def tell_holders(opened: OpenAct, kind: str, mentions_by_report: Mapping[int, Sequence[int]]) -> None:
    """Tell whoever has taken on a subject of these mentions that the report changed; each once a report."""
    rows = [
        (row.officer, row.mention, report, kind)
        for report, mentions in mentions_by_report.items()
        for row in query(
            """select t.officer, min(near.mention) as mention
               from member near join member held on held.subject = near.subject and held.retracted_by is null
               join taken t on t.mention = held.mention and t.retracted_by is null
               where near.mention = any(%s) and near.retracted_by is null
               group by t.officer order by t.officer""",
            [list(mentions)],
        )
    ]
    claim_rows(opened, "notice", ["officer", "mention", "report", "kind"], rows)


def tell_of_enquiries(opened: OpenAct, kind: str, mentions_by_enquiry: Mapping[int, int]) -> None:
    """Tell whoever has taken on the subject of an enquiry what came of it; the actor knows already."""
    rows = [
        (row.officer, mention, enquiry, kind)
        for enquiry, mention in mentions_by_enquiry.items()
        for row in query(
            """select distinct t.officer from member near
               join member held on held.subject = near.subject and held.retracted_by is null
               join taken t on t.mention = held.mention and t.retracted_by is null
               where near.mention = %s and near.retracted_by is null and t.officer <> %s order by 1""",
            [mention, opened.actor.id],
        )
    ]
    claim_rows(opened, "notice", ["officer", "mention", "enquiry", "kind"], rows)


def see_notice(opened: OpenAct, notice: int) -> None:
    """The actor has seen a notice.

    :raises NoNotice: it is not theirs, or was already seen
    """
    own = query(
        "select id from notice where id = %s and officer = %s and retracted_by is null",
        [notice, opened.actor.id],
    )
    if not retract_rows(opened, "notice", [row.id for row in own]):
        raise NoNotice(notice)
