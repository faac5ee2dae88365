"""Cases: the desk, one case and what hangs on it, and what an officer does there."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast, get_args

from django.http import HttpResponse

from threshold.acts.access import Actor, Power
from threshold.acts.verbs import OpenLook
from threshold.cases import case_queries, contact
from threshold.cases.case_queries import PAGE, States, Whose, whole_case
from threshold.cases.decisions import Reasoning, evidence_facts, in_force, waiting
from threshold.cases.watching import HAPPENED
from threshold.journey import casework
from threshold.pages import questions
from threshold.pages.frame import Request, chosen, done, page, pages_of, whole_number
from threshold.pages.moments import read_moment
from threshold.policy import reasons

_LONG = 4_000


def docket(request: Request, look: OpenLook) -> HttpResponse:
    whose = cast(Whose, chosen(request, "whose", get_args(Whose)) or "mine")
    state = cast(States, chosen(request, "state", get_args(States)) or "open")
    waiting_only = chosen(request, "waiting", ["yes"]) is not None
    number = whole_number(request.GET.get("page"), most=1_000_000)
    rows, total = case_queries.docket(look, whose, state, number, waiting=waiting_only)
    return page(
        request,
        "case/docket.html",
        rows=rows,
        total=total,
        whose=whose,
        state=state,
        waiting=waiting_only,
        counted=case_queries.docket_counts(look),
        piles=case_queries.piles(look),
        happened=HAPPENED,
        now=look.moment,
        may_supervise=look.actor.may(Power.SUPERVISE),
        page_number=number,
        pagination=pages_of(
            request.path,
            number,
            total,
            PAGE,
            whose=whose,
            state=state,
            waiting="yes" if waiting_only else None,
        ),
    )


def around_case(look: OpenLook, number: int, tab: str) -> dict[str, Any]:
    """What stands at the head of every page of a case."""
    whole = whole_case(look, number)
    actor = look.actor
    theirs = actor.id == whole.standing.owner or actor.may(Power.SUPERVISE)
    return {
        "whole": whole,
        "case": whole.standing,
        "tab": tab,
        "homes": case_queries.homes_of(look, whole),
        "now": look.moment,
        "headline": reasons.headline(whole.assessed.judgement) if whole.assessed else None,
        "may_decide": actor.may(Power.DECIDE) and theirs and whole.standing.live,
        "may_work": actor.may(Power.DECIDE) and whole.standing.live,
        "may_open": actor.may(Power.DECIDE) and theirs,
        "may_supervise": actor.may(Power.SUPERVISE),
        "waiting": waiting(whole.decisions),
        "in_force": in_force(whole.decisions),
    }


def case(request: Request, look: OpenLook, number: int) -> HttpResponse:
    around = around_case(look, number, "case")
    at_home = case_queries.same_home(look, around["whole"])
    return page(request, "case/summary.html", **around, happened=HAPPENED, at_home=at_home)


def before_contact(request: Request, look: OpenLook, number: int) -> HttpResponse:
    return page(
        request,
        "case/contact.html",
        **around_case(look, number, "case-contact"),
        asked=contact.QUESTIONS,
        triggers=contact.TRIGGERS,
        kinds_of_support=contact.SUPPORT,
    )


def deciding(request: Request, look: OpenLook, number: int) -> HttpResponse:
    around = around_case(look, number, "case-decide")
    whole = around["whole"]
    explained: dict[str, Any] = {}
    if whole.assessed is not None:
        found = whole.assessed
        said = case_queries.evidence(look, whole)
        explained = {
            "why": questions.grounds(found.policy, reasons.why(found.policy, found.judgement, found.facts)),
            "higher": reasons.could_be_higher_if(found.policy, found.judgement, found.facts),
            "evidence": {
                option.response.id: {
                    condition: [row for fact in facts for row in said.get(fact, [])][:4]
                    for condition, facts in evidence_facts(found.policy, option.response).items()
                }
                for option in whole.options
            },
        }
    return page(request, "case/decide.html", **around, **explained)


# --- acts


def _moment(request: Request, name: str) -> datetime | None:
    return read_moment(request.POST.get(name, ""))


def _text(request: Request, name: str, most: int = _LONG) -> str:
    return request.POST.get(name, "")[:most]


def open_case(request: Request, actor: Actor, number: int) -> HttpResponse:
    made = casework.open_case(actor, number, _text(request, "why"))
    return done(request, "The case is open, and it is yours.", "case", number=made)


def hand_over(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.hand_over(actor, number, _text(request, "to", 100), _text(request, "note"))
    return done(request, "Handed over, with your note.", "cases")


def reassign(request: Request, actor: Actor) -> HttpResponse:
    given = casework.reassign(
        actor, _text(request, "from", 100), _text(request, "to", 100), _text(request, "note")
    )
    return done(request, f"{len(given)} cases were given to somebody else.", "cases")


def crime_number(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.set_crime_number(actor, number, _text(request, "crime-number", 100))
    return done(request, "The crime number is recorded.", "case", number=number)


def park(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.park(actor, number, _moment(request, "until"), _text(request, "reason"))
    return done(request, "Parked. It is counted, and comes back on its day.", "case", number=number)


def open_again(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.open_again(actor, number, _text(request, "reason"))
    return done(request, "The case is open again.", "case", number=number)


def watch_again(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.watch_again(actor, number, _text(request, "reason"))
    return done(request, "The case is watched again.", "case", number=number)


def carry_out(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.carry_out(actor, number, _text(request, "words"))
    return done(request, "Recorded. The case is watched from now.", "case", number=number)


def close(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.close(actor, number, _text(request, "reason"))
    return done(request, "The case is closed.", "case", number=number)


def merge(request: Request, actor: Actor, number: int) -> HttpResponse:
    goes_on = casework.merge(actor, number, _text(request, "into", 40), _text(request, "reason"))
    return done(request, "The two cases are one.", "case", number=goes_on)


def split(request: Request, actor: Actor, number: int) -> HttpResponse:
    made = casework.split(
        actor, number, whole_number(request.POST.get("mention"), 0), _text(request, "reason")
    )
    return done(request, "The other person has a case of their own: this one.", "case", number=made)


def confirm(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.confirm(actor, number)
    return done(request, "Confirmed: the case is about this subject as it is now.", "case", number=number)


def task_done(request: Request, actor: Actor, number: int) -> HttpResponse:
    task = whole_number(request.POST.get("task"), 0)
    casework.finish_task(actor, task, _text(request, "words"), case=number)
    return done(request, "Recorded.", "case", number=number)


def task_move(request: Request, actor: Actor, number: int) -> HttpResponse:
    task, due = whole_number(request.POST.get("task"), 0), _moment(request, "due")
    casework.move_task(actor, task, due, _text(request, "reason"), case=number)
    return done(request, "The time was moved, with your name and reason.", "case", number=number)


def move_clock(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.move_clock(actor, number, _moment(request, "due"), _text(request, "reason"))
    return done(request, "The clock was moved, with your name and reason.", "case", number=number)


def answer(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.answer(
        actor,
        number,
        _text(request, "question", 40),
        _text(request, "answer", 10),
        _text(request, "source", 500),
        _text(request, "words"),
    )
    return done(request, "Recorded. The band was worked out again.", "case-contact", number=number)


def trigger(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.trigger_date(actor, number, _text(request, "kind", 40), _moment(request, "on"))
    return done(request, "Welfare is followed up on that day.", "case-contact", number=number)


def support(request: Request, actor: Actor, number: int) -> HttpResponse:
    casework.offer_support(
        actor,
        number,
        _text(request, "to-whom", 20),
        _text(request, "what", 40),
        _text(request, "taken-up", 10),
        _text(request, "words"),
    )
    return done(request, "Recorded.", "case-contact", number=number)


def decide(request: Request, actor: Actor, number: int) -> HttpResponse:
    reasoning = Reasoning(
        choice=_text(request, "choice", 60),
        reason=_text(request, "reason"),
        threat=_text(request, "threat"),
        powers=_text(request, "powers"),
        known=_text(request, "known"),
        not_known=_text(request, "not-known"),
        review_at=_moment(request, "review"),
        seen=whole_number(request.POST.get("seen"), 0, 2**62),
    )
    casework.decide(actor, number, reasoning)
    return done(request, "The decision is recorded, with your name and reason.", "case-decide", number=number)


def approve(request: Request, actor: Actor, number: int) -> HttpResponse:
    approved = request.POST.get("outcome") == "approved"
    decision = whole_number(request.POST.get("decision"), 0, 2**62)
    casework.approve(actor, decision, _text(request, "reason"), approved=approved, case=number)
    return done(request, "Your word on it is recorded.", "case-decide", number=number)
