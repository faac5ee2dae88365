"""What an officer does on a subject's pages: each a verb, and back to the page with what came of it."""

from __future__ import annotations

from django.http import HttpResponse

from threshold.acts.access import Actor, NotVisible
from threshold.enquiries.verbs import WrongStatement
from threshold.journey import subjects as journey
from threshold.journey.subjects import Answer, Seen
from threshold.pages.frame import Request, done, whole_number
from threshold.pages.moments import read_day, read_moment
from threshold.people import queries as people
from threshold.people.verbs import WrongPair

_RECORDED = "Recorded. The band was worked out again."


def state(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Answer a check, from the summary."""
    return _done(request, _RECORDED, "subject", number, _state(request, actor, number))


def say(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Type any statement, from the page of statements."""
    return _done(request, _RECORDED, "said", number, _state(request, actor, number))


def _done(request: Request, told: str, name: str, number: int, holder: int) -> HttpResponse:
    """Back to the page of whoever holds the number now; where it has moved, that is said."""
    if holder != number:
        told = f"Subject {number} is now part of subject {holder}, and this was done there. {told}"
    return done(request, told, name, number=holder)


def _state(request: Request, actor: Actor, number: int) -> int:
    """The subject that the statement was written to."""
    typed = request.POST
    answer = Answer(
        fact=typed.get("fact", ""),
        value=_value(request),
        mark=typed.get("mark", ""),
        source=typed.get("source", "")[:500],
        as_of=read_moment(typed.get("as-of", "")),
        words=typed.get("words", "")[:4_000],
    )
    return journey.state(actor, number, answer, seen=_seen(request, number)).subject


def _seen(request: Request, number: int) -> Seen:
    """What the page showed when it was drawn; a form without it has seen nothing."""
    return Seen(number, whole_number(request.POST.get("seen-act"), 0))


def _value(request: Request) -> str:
    chosen = request.POST.get("value", "")
    match chosen:
        case "":
            raise WrongStatement("Choose an answer; if nobody knows, choose not known.")
        case "number":
            return request.POST.get("number", "")
        case "birth":
            born = read_day(request.POST.get("birth", ""))
            if born is None:
                raise WrongStatement("Give the date of birth, such as 31/1/1990.")
            return born.isoformat()
    return chosen


def take_back(request: Request, actor: Actor, number: int) -> HttpResponse:
    subject = journey.take_back(
        actor,
        whole_number(request.POST.get("statement"), 0),
        request.POST.get("reason", "")[:1_000],
        seen=_seen(request, number),
    )
    return done(
        request,
        "Taken back. It stays in the record, and the band was worked out again without it.",
        "said",
        number=subject,
    )


def take(request: Request, actor: Actor, number: int) -> HttpResponse:
    holder = journey.take(actor, number)
    return _done(request, "You have taken this subject on.", "subject", number, holder)


def let_go(request: Request, actor: Actor, number: int) -> HttpResponse:
    holder = journey.let_go(actor, number)
    return _done(request, "You have let this subject go.", "subject", number, holder)


def close_access(request: Request, actor: Actor, number: int) -> HttpResponse:
    """Close the subject to all but the accounts named; who closes it may not be among them."""
    readers = request.POST.get("readers", "").replace(",", " ").split()
    journey.close_access(actor, number, request.POST.get("reason", "")[:1_000], readers)
    return done(request, f"Subject {number} is closed to all but the people you named.", "home")


def open_access(request: Request, actor: Actor, number: int) -> HttpResponse:
    journey.open_access(actor, number)
    return done(request, "This subject is open again.", "history", number=number)


def same(request: Request, actor: Actor, number: int) -> HttpResponse:
    one, other = _pair(request, number)
    try:
        journey.same(actor, one, other, request.POST.get("reason", ""), seen=_seen(request, number))
    except NotVisible as hidden:
        raise WrongPair(str(hidden)) from hidden
    return _linked(request, number, "Recorded as the same person. Undo it below if that was wrong.")


def different(request: Request, actor: Actor, number: int) -> HttpResponse:
    one, other = _pair(request, number)
    try:
        journey.different(actor, one, other, request.POST.get("reason", ""), seen=_seen(request, number))
    except NotVisible as hidden:
        raise WrongPair(str(hidden)) from hidden
    return _linked(request, number, "Recorded as different people. Undo it below if that was wrong.")


def undo(request: Request, actor: Actor, number: int) -> HttpResponse:
    try:
        link = whole_number(request.POST.get("link"), 0)
        journey.undo(actor, link, request.POST.get("reason", ""), seen=_seen(request, number))
    except NotVisible as hidden:
        raise WrongPair(str(hidden)) from hidden
    return _linked(request, number, "Undone. Both numbers are as they were before.")


def _pair(request: Request, number: int) -> tuple[int, int]:
    other = whole_number(request.POST.get("other"), 0)
    if not other:
        raise WrongPair("Give the number of the other subject.")
    return whole_number(request.POST.get("one"), number), other


def _linked(request: Request, number: int, text: str) -> HttpResponse:
    """Back to the subject that holds this number now."""
    return done(request, text, "identity", number=people.subject_of(number) or number)
