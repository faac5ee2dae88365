"""Error pages in plain words. They show nothing of a case, so they need no look."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from threshold.acts.verbs import Attempt
from threshold.pages.frame import Request, Route, about, page


def shown(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    assert isinstance(request, HttpRequest)
    # Ours from the gate on; an error before it leaves the two fields to be set here.
    asked = cast(Request, request)
    if not hasattr(asked, "actor"):
        asked.actor, asked.problem = None, None
    response = page(asked, "error.html", title=title, text=text)
    response.status_code = status
    return response


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return shown(
        request, 400, "That could not be read", "What was sent could not be read. Go back and try again."
    )


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return shown(request, 403, "You cannot do that", "Your roles do not allow this.")


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return shown(request, 404, "Not found", "There is nothing at this address.")


def failed(request: HttpRequest) -> HttpResponse:
    return shown(
        request,
        500,
        "Something went wrong",
        "Nothing was changed. Try again; if it happens again, tell whoever looks after Threshold, with the time.",
    )


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from a page of this session: too old, or forged elsewhere. It leaves its trace."""
    actor, found = getattr(request, "actor", None), request.resolver_match
    route: Route | None = getattr(found.func, "route", None) if found else None
    if actor is not None and found is not None and route is not None and route.kind == "write":
        Attempt(actor, route.name, [about(route, found.kwargs)]).refused("ForgedOrOld")
    return shown(
        request,
        403,
        "That form is too old",
        "You may have signed in again since the page was opened, or the browser keeps no cookies. "
        "Nothing was changed: go back, open the page again and send the form once more.",
    )
