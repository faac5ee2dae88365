"""The identity ladder moves by an officer's act with its evidence, and by nothing else (design section 2).

Rung 2 rests on an answer with all three comparisons, rung 3 on an occupant of premises to which the subject leads,
rung 4 on an officer's own confirmation and its source. The database refuses a rung that has not its evidence, and
one whose evidence falls away later is taken back in the act in which it does (``enquiries/lapsing.py``).
"""

from __future__ import annotations

from threshold.acts.access import Actor, Power
from threshold.acts.db import one
from threshold.acts.verbs import act
from threshold.enquiries.assess import policy_in_force
from threshold.enquiries.drafting import DraftStatement
from threshold.enquiries.verbs import WrongStatement, write_statements
from threshold.journey.assessing import assess
from threshold.journey.subjects import LADDER, Answer, Seen, check_unchanged, drafted, visible_subject

_LACKS = {
    "2": "The second rung rests on an answer whose three comparisons are all signed and agree.",
    "3": "The third rung rests on somebody who is recorded at premises to which this subject leads.",
}


def climb(
    actor: Actor,
    subject: int,
    rung: str,
    *,
    answer: int | None = None,
    occupant: int | None = None,
    source: str = "",
    words: str = "",
    seen: Seen | None = None,
) -> int:
    """Put a subject on a rung of the identity ladder, by its evidence; the number of the statement.

    :raises WrongStatement: there is no such rung, or it has not the evidence that it needs
    :raises NotVisible: there is no such subject for this actor
    """
    with act(actor, "identify", Power.STATE, subject=subject) as opened:
        holder = visible_subject(actor, subject)
        check_unchanged(seen)
        if rung in _LACKS:
            draft = DraftStatement(LADDER, True, choice=rung, as_of=opened.at, words=words.strip())
            source = source.strip() or _EVIDENCE[rung]
        else:
            typed = Answer(LADDER, rung, "fact", source, words=words)
            draft = drafted(policy_in_force(opened.at), typed, opened.at)
        held = one(
            "select rung_holds(%s, %s, %s, %s, %s) as holds", [holder, rung, answer, occupant, actor.id]
        )
        assert held is not None
        if not held.holds:
            raise WrongStatement(_LACKS[rung])
        number = write_statements(
            opened,
            [(subject, draft)],
            received_at=opened.at,
            mark="fact",
            source=source.strip(),
            officer=actor.id,
            answer=answer if rung == "2" else None,
            occupant=occupant if rung == "3" else None,
        )[0]
        assess(opened, [holder])
    return number


_EVIDENCE = {
    "2": "an answer about a connection, compared three times",
    "3": "an occupant of the premises",
}
