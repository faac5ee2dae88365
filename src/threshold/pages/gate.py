"""The gate: who is signed in, for how long, what a browser may do with a page, and errors said kindly."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token

from threshold.acts.access import Actor, NotVisible, Refused, actor_by_id
from threshold.acts.officers import session_epoch
from threshold.acts.verbs import WAITED_TOO_LONG, Busy, waited_too_long
from threshold.cases.casebook import NoCase
from threshold.enquiries.assess import NoPolicy
from threshold.pages import errors
from threshold.pages.frame import NotDated, Request, WrongFilter, with_query

IDLE = 30 * 60
LONGEST = 8 * 60 * 60
# The time of the last request is written no more often than this (seconds).
_NOTED_EVERY = 30

ENDED = {
    "idle": "You were signed out because nothing was done for 30 minutes.",
    "day": "You were signed out because you had been signed in for 8 hours.",
    "changed": "You were signed out because your account, password or roles changed. Sign in again.",
    "signed-out": "You are signed out.",
}

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


def begin_session(request: HttpRequest, actor: Actor) -> None:
    """A new session with a new key for who has just signed in, or changed their password."""
    request.session.flush()
    now = int(time.time())
    request.session.update({"officer": actor.id, "epoch": session_epoch(actor.id), "since": now, "last": now})
    rotate_token(request)


def end_session(request: HttpRequest) -> None:
    request.session.flush()


class GateMiddleware:
    """Nothing but sign-in, health and the style sheets is served without an account's living session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.problem, request.to_come = None, False
        request.actor, request.ended = _who(request)
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    def process_view(
        self, request: Request, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if view.route.kind == "open" or request.actor is not None:
            return None
        back = request.path if request.method == "GET" and request.path != "/" else None
        return HttpResponseRedirect(with_query("/sign-in", ended=request.ended, next=back), status=303)

    def process_exception(self, request: Request, failed: Exception) -> HttpResponse | None:
        match failed:
            case Refused():
                return errors.shown(request, 403, "You cannot do that", str(failed))
            case NotVisible() | NoCase():
                return errors.shown(request, 404, "Not found", str(failed))
            case Http404():
                return errors.shown(request, 404, "Not found", "There is nothing at this address.")
            case WrongFilter():
                return errors.shown(request, 400, "There is no such part of the list", str(failed))
            case NotDated():
                return errors.shown(request, 400, "This page knows no dates", str(failed))
            case _ if waited_too_long(failed):
                return errors.shown(request, 503, "Try again in a moment", WAITED_TOO_LONG)
            case Busy() | NoPolicy():
                return errors.shown(request, 503, "Try again in a moment", str(failed))
        return None


def _who(request: HttpRequest) -> tuple[Actor | None, str | None]:
    """The signed-in officer, or why there is none any more."""
    session = request.session
    if "officer" not in session:
        return None, None
    now = int(time.time())
    reason = None
    actor = actor_by_id(session["officer"])
    if now - session["last"] > IDLE:
        reason = "idle"
    elif now - session["since"] > LONGEST:
        reason = "day"
    elif actor is None or session_epoch(actor.id) != session["epoch"]:
        reason = "changed"
    if reason:
        end_session(request)
        return None, reason
    if now - session["last"] > _NOTED_EVERY:
        session["last"] = now
    return actor, None
