"""Before and after any contact: six questions that are never skipped, and what is owed to people afterwards.

Each question is a fact of the policy: its answer is a statement, so that bands and permissions move with it. An
answer may also be *asked*: somebody was asked, and has not answered. Writes run inside an act that is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from threshold.acts.db import query
from threshold.acts.verbs import OpenAct
from threshold.acts.writing import claim_rows, retract_rows
from threshold.cases.casebook import Standing, WrongCase, add_task, check_live
from threshold.times import end_of_uk_day, uk_day


@dataclass(frozen=True, slots=True)
class Question:
    """One question, the fact that answers it, and what its two answers mean here."""

    key: str
    text: str
    fact: str
    yes: str
    no: str


QUESTIONS = (
    Question(
        "children",
        "Is a child in the home, or linked to this person?",
        "lives_with_children",
        "A child lives there or stays there",
        "No child does",
    ),
    Question(
        "position_of_trust",
        "Does this person hold a position of trust?",
        "position_of_trust",
        "They work or volunteer with children, or hold a post of trust",
        "They do not",
    ),
    Question(
        "suicide",
        "Was the risk of suicide assessed?",
        "suicide_risk",
        "There is a risk that no plan meets yet",
        "It was assessed, and a plan meets it",
    ),
    Question(
        "violence",
        "Is there a risk of violence, or are there weapons?",
        "violence_risk",
        "There is a risk that no plan meets yet",
        "It was assessed, and a plan meets it",
    ),
    Question(
        "vulnerability",
        "Does anybody there need care, help or an interpreter?",
        "vulnerability",
        "Somebody does, and no plan is made yet",
        "It was assessed, and a plan meets it",
    ),
    Question(
        "other_agency",
        "Is another force or agency already at work on this?",
        "another_agency",
        "One is, and has not agreed to this contact",
        "None is, or it has agreed",
    ),
)
BY_KEY = {question.key: question for question in QUESTIONS}

# Welfare afterwards, from the contact: the first 48 hours carry the highest risk (IOPC, Essex 2019,
# https://feeds.bbci.co.uk/news/uk-england-essex-47214268 [S]).
WELFARE_FROM, WELFARE_BY = timedelta(hours=24), timedelta(hours=48)
# Dates on which the risk rises again, each with a follow-up of its own (same source).
TRIGGERS = {
    "interview": "Interview",
    "bail_return": "Return on bail",
    "charge": "Charge, or decision to charge",
    "court": "Court",
}
SUPPORT = {
    "stop_it_now": "Stop it Now! helpline, 0808 1000 900, www.stopitnow.org.uk",
    "samaritans": "Samaritans, 116 123",
    "family_pack": "Information for the family",
    "liaison_and_diversion": "Liaison and diversion service",
    "doctor": "Their doctor, or the crisis team",
    "phone": "A telephone in place of the one that was seized",
}


class WrongContact(WrongCase):
    """What was said before or after contact cannot be taken. ``str()`` says why and what to do."""


def answer(opened: OpenAct, case: Standing, key: str, value: str, source: str, words: str = "") -> Question:
    """Record an answer before contact, in place of the one before; the question, for the statement beside it.

    :raises WrongContact: no such question or answer, or nobody is named who says so, or was asked
    """
    check_live(case)
    question = BY_KEY.get(key)
    if question is None:
        raise WrongContact(f"The questions are {', '.join(BY_KEY)}.")
    if value not in ("yes", "no", "asked"):
        raise WrongContact("Answer yes or no, or say that somebody was asked and has not answered.")
    if not source.strip():
        raise WrongContact("Say who says so, or who was asked.")
    before = query(
        "select id from contact_answer where case_file = %s and question = %s and retracted_by is null",
        [case.id, key],
    )
    retract_rows(opened, "contact_answer", [row.id for row in before])
    claim_rows(
        opened,
        "contact_answer",
        ["case_file", "officer", "question", "answer", "source", "words"],
        [(case.id, opened.actor.id, key, value, source.strip(), words.strip())],
    )
    return question


def answers_of(case: int, as_at_condition: str = "c.retracted_by is null") -> dict[str, Any]:
    """The standing answer to each question that has one."""
    rows = query(
        f"""select c.*, o.full_name as by_whom, act.at from contact_answer c
            left join officer o on o.id = c.officer left join act on act.id = c.asserted_by
            where c.case_file = %s and {as_at_condition} order by c.id""",
        [case],
    )
    return {row.question: row for row in rows}


def check_before_contact(case: int) -> None:
    """Nobody is contacted, in whatever way, before each question was answered, or somebody was asked it.

    :raises WrongContact: a question was skipped
    """
    skipped = [question.text for question in QUESTIONS if question.key not in answers_of(case)]
    if skipped:
        raise WrongContact(f"Nobody is contacted before this is answered, or asked: {' '.join(skipped)}")


def contacted(opened: OpenAct, case: int, at: datetime) -> None:
    """After any contact: welfare is followed up between 24 and 48 hours from then."""
    words = "Ask how the person and the family are, and offer support"
    add_task(opened, case, "welfare", words, at + WELFARE_BY, at + WELFARE_FROM)


def trigger_date(opened: OpenAct, case: Standing, kind: str, on: datetime | None) -> int:
    """A date on which the risk rises again: a follow-up on that day; the number of the task.

    :raises WrongContact: no such kind of date, or no date to come
    """
    check_live(case)
    if kind not in TRIGGERS:
        raise WrongContact(f"The kinds of dates are {', '.join(TRIGGERS)}.")
    if on is None or on <= opened.at:
        raise WrongContact("Give the date, a day to come.")
    day = end_of_uk_day(uk_day(on))
    words = f"{TRIGGERS[kind]}: ask how the person and the family are on this day"
    return add_task(opened, case.id, "welfare", words, day, day - timedelta(days=1))


def offer_support(
    opened: OpenAct, case: Standing, to_whom: str, what: str, taken_up: str = "not said", words: str = ""
) -> None:
    """Record support that was offered, each time.

    :raises WrongContact: to nobody, or none of the kinds there are
    """
    if to_whom not in ("person", "family"):
        raise WrongContact("Say to whom support was offered: the person, or the family.")
    if what not in SUPPORT:
        raise WrongContact(f"Say which support was offered: {', '.join(SUPPORT)}.")
    if taken_up not in ("yes", "no", "not said"):
        raise WrongContact("Say whether it was taken up: yes, no or not said.")
    claim_rows(
        opened,
        "support",
        ["case_file", "officer", "to_whom", "what", "taken_up", "words"],
        [(case.id, opened.actor.id, to_whom, what, taken_up, words.strip())],
    )


def support_of(case: int) -> list[Any]:
    """Support offered on a case, the latest first."""
    return query(
        """select s.*, o.full_name as by_whom, act.at from support s
           left join officer o on o.id = s.officer left join act on act.id = s.asserted_by
           where s.case_file = %s order by s.id desc""",
        [case],
    )
