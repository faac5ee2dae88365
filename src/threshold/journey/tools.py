"""An officer's acts with published tools: work one out, bring a result, take one back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from threshold.acts.access import Actor, NotVisible, Power, check_visible
from threshold.acts.verbs import act
from threshold.enquiries import tools as room
from threshold.enquiries.assess import assess
from threshold.enquiries.tools import Result, WrongTool
from threshold.people import queries as people
from threshold.policy.model import RANKS
from threshold.policy.tools.scoring import CannotBeScored, NotApplicable, Person, score

YES_NO_UNKNOWN = {"yes": True, "no": False, "not_known": None}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an officer answers: sex and conviction (the population), and each item as typed; "" is not known."""

    sex: str
    convicted: str
    items: Mapping[str, str]
    source: str


def work_out(actor: Actor, subject: int, tool_name: str, asked: Asked) -> int:
    """Work a published tool out and keep its inputs with its result; the result's number.

    :raises WrongTool: it does not apply, too little is known, or an answer cannot be read
    """
    tool = room.tool(tool_name)
    if not asked.source.strip():
        raise WrongTool("Say where these answers come from: a result needs a source.")
    if asked.sex not in ("male", "female", "not_known") or asked.convicted not in YES_NO_UNKNOWN:
        raise WrongTool("Say what is known of sex and of convictions; if nobody knows, choose not known.")
    answers = {item.name: _answer(item.question, asked.items.get(item.name, "")) for item in tool.items}
    with act(actor, "work out tool", Power.STATE, subject=subject) as opened:
        holder = _holder(actor, subject)
        person = Person(
            adult_established=room.route_of(holder) == "adult",
            male={"male": True, "female": False}.get(asked.sex),
            convicted=YES_NO_UNKNOWN[asked.convicted],
        )
        try:
            outcome = score(tool, person, answers, room.latest_outcomes(holder))
        except (NotApplicable, CannotBeScored) as refused:
            raise WrongTool(str(refused)) from refused
        return room.write_result(
            opened,
            holder,
            Result(
                tool,
                outcome.reduced,
                {"sex": asked.sex, "convicted": asked.convicted, **answers},
                room.outcome_as_json(outcome),
                actor.full_name,
                asked.source.strip(),
                opened.at,
            ),
        )


def _answer(question: str, typed: str) -> int | None:
    text = typed.strip()
    if text in ("", "not_known"):
        return None
    if text in ("yes", "no"):
        return int(text == "yes")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise WrongTool(f"{question} Give a whole number, or leave it empty where nobody knows.")
    return int(text)


def bring(
    actor: Actor, subject: int, tool_name: str, band: str, assessor: str, source: str, as_of: datetime | None
) -> int:
    """Record a result that an officer brings, as brought; the result's number. Clocks are worked out again.

    :raises WrongTool: the tool is not one that is brought, or who, when or which band is missing
    """
    tool = room.tool(tool_name)
    if tool.kind != "brought":
        raise WrongTool(f"{tool.title} is worked out here: answer its items.")
    known = next((name for name in RANKS if name == band), None)
    if known is None:
        raise WrongTool("Choose the band that the result gives.")
    if not assessor.strip() or not source.strip():
        raise WrongTool("Say who made the result, and where it is kept.")
    with act(actor, "bring tool result", Power.STATE, subject=subject) as opened:
        # A bare date is the end of its day.
        if as_of is not None and as_of > opened.at + timedelta(days=1):
            raise WrongTool("The day on which it was made cannot be in the future.")
        holder = _holder(actor, subject)
        number = room.write_result(
            opened,
            holder,
            Result(tool, known, {}, {}, assessor.strip(), source.strip(), as_of or opened.at),
        )
        assess(opened, [holder])
    return number


def take_back(actor: Actor, subject: int, number: int) -> int:
    """Take a result back; the subject it was about. It stays in the record, as retracted.

    :raises WrongTool: it does not stand, or is not of this subject
    """
    with act(actor, "take tool result back", Power.STATE, subject=subject, result=number) as opened:
        holder = _holder(actor, subject)
        mention = room.retract_result(opened, number)
        if people.subject_of(mention) != holder:
            raise WrongTool(f"Result {number} does not stand: it was already taken back, or never made.")
        assess(opened, [holder])
    return holder


def _holder(actor: Actor, mention: int) -> int:
    subject = people.subject_of(mention)
    if subject is None:
        raise NotVisible(mention)
    try:
        check_visible(actor, subject)
    except NotVisible as hidden:
        raise NotVisible(mention, hidden.held_by) from None
    return subject
