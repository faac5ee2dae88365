"""A fact of the policy as a question with the answers that a form offers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from threshold.journey.subjects import ALWAYS_ASKED, LADDER, RUNGS, TYPED_RUNGS
from threshold.pages.moments import day_words
from threshold.pages.words import starts
from threshold.policy import reasons
from threshold.policy.combine import FactValue
from threshold.policy.interpret import Judgement
from threshold.policy.model import FactRule, Policy
from threshold.policy.route import age_on

NOT_KNOWN = ("not_known", "Not known")
YES_NO = (("yes", "Yes"), ("no", "No"), NOT_KNOWN)
LADDER_QUESTION = "How far is this person identified?"


@dataclass(frozen=True, slots=True)
class Question:
    """What a form asks. ``field``: a text beside the choices (a number, a date of birth), or nothing."""

    fact: str
    text: str
    options: tuple[tuple[str, str], ...]
    field: Literal["", "number", "birth"] = ""
    now: str = ""
    raises: tuple[str, ...] = ()
    could_reach: int = 0


def question(
    policy: Policy, fact: str, now: str = "", raises: Iterable[str] = (), could_reach: int = 0
) -> Question | None:
    """The question about a fact, or None where nobody may be asked about it."""
    if fact == LADDER:
        return Question(fact, LADDER_QUESTION, tuple(TYPED_RUNGS.items()), now=now)
    rule = policy.facts.get(fact)
    if rule is None:
        return Question(fact, ALWAYS_ASKED[fact], YES_NO, now=now) if fact in ALWAYS_ASKED else None
    options, field = _answers(rule)
    return Question(
        fact, ALWAYS_ASKED.get(fact, rule.question), options, field, now, tuple(raises), could_reach
    )


def _answers(rule: FactRule) -> tuple[tuple[tuple[str, str], ...], Literal["", "number", "birth"]]:
    match rule.kind:
        case "yes_no":
            return YES_NO, ""
        case "choice":
            return (*((v, starts(v.replace("_", " "))) for v in rule.values), NOT_KNOWN), ""
        case _ if rule.name == "age":
            return (("birth", "Born on"), NOT_KNOWN), "birth"
        case _:
            return (("number", "This many"), NOT_KNOWN), "number"


def checks(
    policy: Policy, judgement: Judgement, facts: Mapping[str, FactValue], raised: Iterable[reasons.Sentence]
) -> tuple[list[Question], list[Question]]:
    """The checks outstanding, those that could raise the band most first, and the checks answered."""
    by_fact: dict[str, list[str]] = {}
    for sentence in raised:
        by_fact.setdefault(sentence.about, []).append(sentence.text)
    reach = reasons.reach(policy, judgement, facts)
    place = {fact: number for number, fact in enumerate(by_fact)}

    def asked_about(names: Iterable[str]) -> list[Question]:
        found = (
            question(policy, name, words_now(policy, name, facts), by_fact.get(name, ()), reach.get(name, 0))
            for name in names
        )
        return [each for each in found if each is not None]

    outstanding = sorted(
        judgement.outstanding, key=lambda name: (-reach.get(name, 0), place.get(name, len(place)))
    )
    answered = [name for name in policy.checks if name not in judgement.outstanding]
    return asked_about(outstanding), asked_about(answered)


def grounds(policy: Policy, why: Iterable[reasons.Sentence]) -> list[tuple[str, list[str]]]:
    """The reasons of a band, each with the facts that it rests on."""
    reason_of = {clause.id: clause.reason for clause in policy.clauses}
    found: list[tuple[str, list[str]]] = []
    for sentence in why:
        # A clause and a fact may have the same name: only the clause's own sentence gives its reason.
        reason = reason_of.get(sentence.about)
        if found and (reason is None or f"because {reason}" not in sentence.text):
            found[-1][1].append(sentence.text)
        else:
            found.append((sentence.text, []))
    return found


def words_now(policy: Policy, fact: str, facts: Mapping[str, FactValue]) -> str:
    return starts(reasons.fact_words(policy.facts[fact], facts[fact])) + "."


def all_facts(policy: Policy) -> list[tuple[str, str]]:
    """Everything that may be stated: name and question, in the policy's order."""
    found = {fact.name: fact.question for fact in policy.facts.values()} | ALWAYS_ASKED
    found.pop(LADDER, None)
    return [(LADDER, LADDER_QUESTION), *found.items()]


def asked(policy: Policy, fact: str) -> str:
    """What a statement is about, in words."""
    found = question(policy, fact)
    return found.text if found else starts(fact.replace("_", " "))


def clause_reason(policy: Policy | None, clause: str) -> str:
    """A clause in plain words; its name where this policy does not have it."""
    clauses = policy.clauses if policy else ()
    return next((c.reason for c in clauses if c.id == clause), clause.replace("_", " "))


def check_words(policy: Policy | None, fact: str) -> str:
    """What is not known while a check is outstanding."""
    rule = policy.facts.get(fact) if policy else None
    return rule.words.not_known if rule else fact.replace("_", " ")


def value_of(said: Any, now: datetime) -> str:
    """What a statement says, in words. ``said`` is its row."""
    if not said.known:
        return "Not known"
    if said.truth is not None:
        return "Yes" if said.truth else "No"
    if said.fact == LADDER:
        return RUNGS.get(said.choice, str(said.choice))
    if said.choice is not None:
        return starts(said.choice.replace("_", " "))
    if said.born_from is not None:
        return _born(said.born_from, said.born_to, now.date())
    if said.low is None and said.high is None:
        return "Seen once" if said.fact == "times_seen" else "Yes"
    if said.high is None:
        return f"{said.low} or more"
    return str(said.low) if said.low == said.high else f"{said.low or 0} to {said.high}"


def _born(earliest: date, latest: date, today: date) -> str:
    if earliest == latest:
        return f"Born {day_words(earliest)}, {age_on(earliest, today)} years old"
    youngest, oldest = age_on(latest, today), age_on(earliest, today)
    years = str(youngest) if youngest == oldest else f"{youngest} to {oldest}"
    return f"{years} years old, going by the age that was stated"
