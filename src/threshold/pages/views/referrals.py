"""A referral typed on a page: each question has its answer, or “not known”."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import OpenLook
from threshold.intake import referral
from threshold.intake.referral import Answer, Typed, TypedIdentifier, TypedPerson, WrongReferral
from threshold.journey.referring import refer
from threshold.pages import words
from threshold.pages.frame import Request, done, page, whole_number
from threshold.pages.moments import WrongMoment, read_day, read_moment
from threshold.people import queries as people
from threshold.times import uk_day

MOST_PEOPLE, MOST_IDENTIFIERS = 12, 12


def typing(request: Request, look: OpenLook) -> HttpResponse:
    """The form; sent to itself when somebody asks for room for another person or identifier."""
    more_people = request.POST.get("more") == "person"
    more_identifiers = request.POST.get("more") == "identifiers"
    return page(
        request,
        "referral.html",
        said=request.POST,
        done_kinds=request.POST.getlist("activities"),
        people_count=min(whole_number(request.POST.get("people"), 1) + more_people, MOST_PEOPLE),
        identifier_count=min(
            whole_number(request.POST.get("identifiers"), 3) + 3 * more_identifiers, MOST_IDENTIFIERS
        ),
        most_people=MOST_PEOPLE,
        most_identifiers=MOST_IDENTIFIERS,
        referral=referral,
        form_number=_form_number(request.POST) or referral.new_form(),
    )


def take_in(request: Request, actor: Actor) -> HttpResponse:
    """Take the referral in; then show whom it is about."""
    typed, received_at = _typed(request.POST)
    receipt = refer(actor, typed, received_at)
    told = receipt.told[0]
    if told.report is None:
        return done(request, "Taken in, and held: see why.", "delivery", number=receipt.deliveries[0])
    said = (
        "This was typed before: nothing was registered twice." if told.state == "duplicate" else "Registered."
    )
    subject = people.first_subject_of(told.report) if actor.may(Power.SEE_SUBJECTS) else None
    if subject is not None:
        return done(request, said, "subject", number=subject)
    return done(request, said, "report", number=told.report)


def _form_number(posted: Any) -> str:
    """The number of the form that was sent: the same form sent twice is one report."""
    sent = str(posted.get("form-number", ""))
    return sent if re.fullmatch("[a-z0-9]{1,20}", sent) else ""


def _typed(posted: Any) -> tuple[Typed, datetime | None]:
    """The form as it was sent, its times read as UK times.

    :raises WrongReferral: a time cannot be read, or when the force had it is missing or still to come
    """
    wrong: list[str] = []

    def text(name: str, most: int = 500) -> str:
        return str(posted.get(name, ""))[:most].strip()

    def answer(name: str, most: int = 500) -> Answer:
        return Answer(text(name, most), posted.get(f"{name}-not-known") == "yes")

    def moment(name: str, asked: str) -> str:
        """ISO 8601 in UTC; a day alone stays a day."""
        try:
            if not text(name):
                return ""
            day = None if ":" in text(name) else read_day(text(name))
            found = read_moment(text(name))
            return day.isoformat() if day else found.isoformat() if found else ""
        except WrongMoment as problem:
            wrong.append(f"{asked}: {problem}.")
            return ""

    received_at = None
    try:
        received_at = read_moment(text("received"))
    except WrongMoment as problem:
        wrong.append(f"When the force had it: {problem}.")
    now = datetime.now(UTC)
    if not text("received"):
        wrong.append(
            "When the force had it: write the date, and the time if it is known. Clocks start there."
        )
    elif received_at and received_at > now:
        # Today, without a time, is until now.
        if ":" not in text("received") and uk_day(received_at) == uk_day(now):
            received_at = now
        else:
            wrong.append("When the force had it: the force cannot have had it in the future.")
    happened = answer("happened")
    found = tuple(
        _person(posted, f"p{number}", text, answer, moment)
        for number in range(1, min(whole_number(posted.get("people"), 1), MOST_PEOPLE) + 1)
        if number == 1 or posted.get(f"p{number}-role")
    )
    typed = Typed(
        kind=text("kind"),
        sender=answer("sender"),
        reference=answer("reference"),
        told_by=answer("told_by"),
        happened=Answer(moment("happened", "When it happened"), happened.not_known),
        service=answer("service"),
        activities=tuple(kind for kind in words.ACTIVITIES if kind in posted.getlist("activities")),
        activities_not_known=posted.get("activities-not-known") == "yes",
        words=answer("words", 4_000),
        people=found,
        form=_form_number(posted),
    )
    if wrong:
        raise WrongReferral(wrong)
    return typed, received_at


def _person(posted: Any, at: str, text: Any, answer: Any, moment: Any) -> TypedPerson:
    count = min(whole_number(posted.get("identifiers"), 3), MOST_IDENTIFIERS)
    rows = (
        TypedIdentifier(text(f"{at}-kind{n}"), text(f"{at}-text{n}"), text(f"{at}-service{n}"))
        for n in range(1, count + 1)
    )
    return TypedPerson(
        role=text(f"{at}-role"),
        identifiers=tuple(row for row in rows if row.text),
        nothing_known=posted.get(f"{at}-nothing-known") == "yes",
        age=answer(f"{at}-age"),
        born=moment(f"{at}-born", "Date of birth"),
        ip=text(f"{at}-ip"),
        port=text(f"{at}-port"),
        ip_at=moment(f"{at}-ip-at", "Time of the internet address"),
    )
