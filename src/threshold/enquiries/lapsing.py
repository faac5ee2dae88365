"""When what an enquiry was about no longer stands, its answer says nothing any more (design section 3, rule 2).

*No trace* is an answer about that name, date and day. So before a subject is worked out again, whatever was asked
about a name, a date of birth, a connection, premises or an occupant that no longer stands with it lapses, and rungs
of the identity ladder whose evidence is gone are taken back. The checks are then open again, and due as ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows
from threshold.enquiries.asking import unanswer

_REASONS = {
    "connection": "the connection it was about was corrected or is another person's",
    "premises": "nothing leads from this subject to the premises it was about any more",
    "occupant": "the occupant it was about was corrected",
    "identifier": "the name it was about was corrected or is another person's",
    "born": "the date of birth it was about was corrected or is another person's",
}
RUNG_GONE = "what this rung of the identity ladder rested on no longer stands"

_NO_LONGER_STANDS = """
    select e.id, n.id as answer, (array_agg(a.kind order by a.id))[1] as kind
    from member m
    join enquiry e on e.mention = m.mention and e.retracted_by is null
    join enquiry_about a on a.enquiry = e.id and a.retracted_by is null
    left join enquiry_answer n on n.enquiry = e.id and n.retracted_by is null
    where m.subject = any(%(subjects)s) and m.retracted_by is null
      and (n.result is null or n.result <> 'withdrawn')
      and not exists (select from enquiry_lapse l where l.enquiry = e.id)
      and not case a.kind
          when 'connection' then exists (
              select from connection c join member o on o.mention = c.mention and o.retracted_by is null
              where c.id = a.row and c.retracted_by is null and o.subject = m.subject)
          when 'premises' then exists (
              select from led_to t join member o on o.mention = t.mention and o.retracted_by is null
              where t.premises = a.row and t.retracted_by is null and o.subject = m.subject)
          when 'occupant' then exists (select from occupant o where o.id = a.row and o.retracted_by is null)
          when 'identifier' then exists (
              select from member o join identifier i on i.mention = o.mention and i.retracted_by is null
              where o.subject = m.subject and o.retracted_by is null and i.kind || '|' || i.folded = a.value)
          when 'born' then exists (
              select from member o join statement s on s.mention = o.mention and s.retracted_by is null
              where o.subject = m.subject and o.retracted_by is null and s.fact = 'age' and s.known
                and s.born_from || '/' || s.born_to = a.value)
          end
    group by e.id, n.id order by e.id"""

_RUNGS_GONE = """
    select s.id from member m join statement s on s.mention = m.mention and s.retracted_by is null
    where m.subject = any(%(subjects)s) and m.retracted_by is null
      and s.fact = 'identity_ladder' and s.known and s.choice in ('2', '3')
      and not rung_holds(s.mention, s.choice, s.answer, s.occupant, s.officer)"""


def lapse(opened: OpenAct, subjects: Iterable[int]) -> None:
    """Close the enquiries of these subjects that are about what no longer stands, and take back what they yielded.

    What an answer led to may be what another was about, so it is asked again until nothing is left.
    """
    parameters = {"subjects": list(subjects)}
    if not _anything():
        return
    while rows := query(_NO_LONGER_STANDS, parameters):
        for row in rows:
            _close(opened, row)
    gone = [row.id for row in query(_RUNGS_GONE, parameters)]
    retract_rows(opened, "statement", gone)
    claim_rows(opened, "statement_taken_back", ["statement", "reason"], [(n, RUNG_GONE) for n in gone])


def _anything() -> bool:
    """Whether anything was ever asked or settled on evidence: an import into a new home has nothing to lapse."""
    row = one("select exists (select from enquiry) or exists (select from occupant) as anything")
    return bool(row and row.anything)


def _close(opened: OpenAct, row: Any) -> None:
    reason = _REASONS[row.kind]
    if row.answer is not None:
        unanswer(opened, [row.answer], f"the answer lapsed: {reason}")
    claim_rows(opened, "enquiry_lapse", ["enquiry", "answer", "reason"], [(row.id, row.answer, reason)])


def lapsed_by(act: int) -> dict[int, int]:
    """The enquiries that lapsed by an act, each with the mention it is about."""
    rows = query(
        "select e.id, e.mention from enquiry_lapse l join enquiry e on e.id = l.enquiry where l.asserted_by = %s",
        [act],
    )
    return {row.id: row.mention for row in rows}
