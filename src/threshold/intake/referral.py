"""A referral as an officer types it: each question answered or said not to be known, made into a document. Pure."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from threshold.intake.readers.typed import MARK

KINDS = {
    "public": "A member of the public",
    "partner": "A partner (school, children's services, another force)",
    "intelligence": "Our own intelligence",
    "other": "Somebody else",
}
ROADS = {
    "telephone": "Telephone",
    "e-mail": "E-mail",
    "letter": "Letter",
    "in person": "In person",
    "website": "A form on a website",
    "own work": "Our own work",
}
IDENTIFIERS = {
    "account": "Account",
    "email": "E-mail",
    "phone": "Telephone",
    "device": "Device",
    "screen_name": "Screen name",
    "display_name": "Display name",
    "profile_url": "Profile address",
    "name": "Name",
    "address": "Address",
}
# Who tells, where they give no name.
NOT_NAMED = {
    "public": "A member of the public, not named",
    "partner": "A partner, not named",
    "intelligence": "Own intelligence",
    "other": "A source that is not named",
}


class WrongReferral(Exception):
    """The referral cannot be taken in as typed. ``problems``: what to do about each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed for a question, or that the answer is not known."""

    text: str = ""
    not_known: bool = False

    def problem(self, asked: str) -> str | None:
        if self.text and self.not_known:
            return f"{asked}: there is an answer, and “not known” is ticked. Keep one."
        if not self.text and not self.not_known:
            return f"{asked}: answer it, or tick “not known”."
        return None


@dataclass(frozen=True, slots=True)
class TypedIdentifier:
    kind: str
    text: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class TypedPerson:
    """One person. ``nothing_known``: nobody can say who it is."""

    role: str
    identifiers: tuple[TypedIdentifier, ...] = ()
    nothing_known: bool = False
    age: Answer = Answer()
    born: str = ""
    ip: str = ""
    port: str = ""
    ip_at: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """Everything on the form. Times are in ISO 8601 with their zone, or a bare day.

    ``form`` tells one form from another where the source gives no reference of its own: two telephone calls that
    say the same are two reports, and one form that is sent twice is one.
    """

    kind: str
    sender: Answer
    reference: Answer
    told_by: Answer
    happened: Answer
    service: Answer
    activities: tuple[str, ...]
    activities_not_known: bool
    words: Answer
    people: tuple[TypedPerson, ...]
    form: str = ""


def new_form() -> str:
    """The number of a form: what is typed on two forms is two reports, however little either says."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(10))


def document(typed: Typed) -> bytes:
    """The referral as the document that is kept and read.

    :raises WrongReferral: a question is neither answered nor said not to be known
    """
    if problems := list(_problems(typed)):
        raise WrongReferral(problems)
    told: dict[str, object] = {
        MARK: 1,
        "kind": typed.kind,
        "sender": typed.sender.text or NOT_NAMED[typed.kind],
        "reference": typed.reference.text or None,
        "told_by": typed.told_by.text or None,
        "happened": typed.happened.text or None,
        "service": typed.service.text or None,
        "activities": list(typed.activities) or None,
        "words": typed.words.text or None,
        "people": [_person(person) for person in typed.people],
    }
    if typed.form and not typed.reference.text:
        told["form"] = typed.form
    return json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "replace")


_QUESTIONS = (
    "kind",
    "sender",
    "reference",
    "told_by",
    "happened",
    "service",
    "activities",
    "words",
    "people",
)


def check_document(content: bytes) -> None:
    """Check a referral that comes as the document (``docs/referral.schema.json``) by the rules of the form.

    :raises WrongReferral: it is no such document, or a question is neither answered nor said not to be known
    """
    try:
        told = json.loads(content)
    except ValueError as wrong:
        raise WrongReferral([f"This is not JSON: {wrong}."]) from wrong
    if not isinstance(told, dict) or next(iter(told), None) != MARK or told[MARK] != 1:
        raise WrongReferral([f"A referral is an object that begins with “{MARK}”: 1."])
    problems = [
        f"{name[:40]}: there is no such question." for name in told.keys() - {MARK, "form", *_QUESTIONS}
    ]
    problems += [f"{name}: answer it, or say null (not known)." for name in _QUESTIONS if name not in told]
    if problems:
        raise WrongReferral(sorted(problems))
    activities = told["activities"]
    try:
        typed = Typed(
            kind=_text(told["kind"], "kind"),
            sender=Answer(_text(told["sender"], "sender")),
            reference=_answer(told, "reference"),
            told_by=_answer(told, "told_by"),
            happened=_answer(told, "happened"),
            service=_answer(told, "service"),
            activities=tuple(_text(each, "activities") for each in _list(activities, "activities")),
            activities_not_known=activities is None,
            words=_answer(told, "words"),
            people=tuple(_read_person(each) for each in _list(told["people"], "people")),
            form=_text(told.get("form", ""), "form"),
        )
    except _NotSo as wrong:
        raise WrongReferral([str(wrong)]) from wrong
    if problems := list(_problems(typed)):
        raise WrongReferral(problems)


class _NotSo(Exception):
    """Something in the document is not of the kind that it should be."""


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _NotSo(f"{where}: a text should stand here.")
    return value.strip()


def _answer(told: Mapping[str, object], name: str) -> Answer:
    value = told.get(name, "")
    return Answer(not_known=True) if value is None else Answer(_text(value, name))


def _list(value: object, where: str) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise _NotSo(f"{where}: a list should stand here.")
    return value or []


_OF_A_PERSON = {"role", "identifiers", "age", "born", "connections"}


def _read_person(told: Any) -> TypedPerson:
    if not isinstance(told, dict) or told.keys() - _OF_A_PERSON:
        raise _NotSo(f"people: each is an object with {', '.join(sorted(_OF_A_PERSON))}.")
    found = _list(told.get("identifiers"), "identifiers")
    connections = _list(told.get("connections"), "connections")
    if not all(isinstance(each, dict) for each in [*found, *connections]):
        raise _NotSo("identifiers, connections: each is an object.")
    at = connections[0] if connections else {}
    return TypedPerson(
        role=_text(told.get("role", ""), "role"),
        identifiers=tuple(
            TypedIdentifier(
                _text(each.get("kind"), "kind"),
                _text(each.get("text"), "text"),
                _text(each.get("service", ""), "service"),
            )
            for each in found
        ),
        nothing_known=not (found or connections) and told.get("identifiers", "") is None,
        age=_answer(told, "age"),
        born=_text(told.get("born", ""), "born"),
        ip=_text(at.get("address", ""), "address"),
        port=_text(at.get("port") or "", "port"),
        ip_at=_text(at.get("at") or "", "at"),
    )


def _person(person: TypedPerson) -> dict[str, object]:
    told: dict[str, object] = {"role": person.role}
    if person.born:
        told["born"] = person.born
    if person.age.text or not person.born:
        told["age"] = person.age.text or None
    told["identifiers"] = [
        {"kind": one.kind, "text": one.text, **({"service": one.service} if one.service else {})}
        for one in person.identifiers
    ] or None
    if person.ip:
        told["connections"] = [
            {"address": person.ip, "port": person.port or None, "at": person.ip_at or None}
        ]
    return told


def _problems(typed: Typed) -> Iterator[str]:
    if typed.kind not in KINDS:
        yield "Who tells: say what kind of source it is."
    asked = {
        "Who tells": typed.sender,
        "Their reference": typed.reference,
        "How it reached the force": typed.told_by,
        "When it happened": typed.happened,
        "Service or platform": typed.service,
        "What was said": typed.words,
    }
    for words, answer in asked.items():
        if problem := answer.problem(words):
            yield problem
    if bool(typed.activities) == typed.activities_not_known:
        yield "What was done: tick what was done, or “not known”, and not both."
    if not any(person.role in ("reported", "") for person in typed.people):
        yield "People: say who is reported, or that nothing is known of them."
    for number, person in enumerate(typed.people, 1):
        yield from (f"Person {number}: {problem}" for problem in _problems_of(person, typed.service.text))


def _problems_of(person: TypedPerson, service: str) -> Iterator[str]:
    if not person.role:
        yield "say who this is."
    known = bool(person.identifiers or person.ip)
    if known == person.nothing_known:
        yield "give something that identifies them, or tick “nothing is known of who this is”, and not both."
    if not person.born and (problem := person.age.problem("age or date of birth")):
        yield problem
    if person.born and person.age.not_known:
        yield "there is a date of birth, and the age is ticked as not known. Keep one."
    for one in person.identifiers:
        if one.kind not in IDENTIFIERS:
            yield f"say what “{one.text[:40]}” is."
        elif one.kind == "account" and not (one.service or service):
            yield f"say on which service the account “{one.text[:40]}” is: it is unique only there."
    if (person.port or person.ip_at) and not person.ip:
        yield "there is a port or a time, and no internet address for it."
