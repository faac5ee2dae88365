"""Accounts and roles: who may sign in, and as what. A role needs a second person."""

from __future__ import annotations

from django.http import HttpResponse

from threshold.acts import officers
from threshold.acts.access import GIVEN, Actor, Power, Role
from threshold.acts.officers import NewAccount, WrongAccount
from threshold.acts.verbs import OpenLook
from threshold.pages.frame import Request, done, page, whole_number


def accounts(request: Request, look: OpenLook) -> HttpResponse:
    return page(
        request,
        "accounts.html",
        officers=officers.officers(),
        requests=officers.role_requests(),
        given=GIVEN,
        may_manage=look.actor.may(Power.MANAGE_OFFICERS),
        now=look.moment,
    )


def make(request: Request, actor: Actor) -> HttpResponse:
    typed = request.POST
    made = officers.make_account(
        actor, typed.get("username", "")[:100], typed.get("full-name", "")[:200], typed.get("team", "")[:100]
    )
    return _once(request, made, "The account is made")


def reset(request: Request, actor: Actor) -> HttpResponse:
    return _once(request, officers.reset_password(actor, _name(request)), "The password is reset")


def _once(request: Request, made: NewAccount, title: str) -> HttpResponse:
    """The password stands on this answer alone: it is kept nowhere, so it cannot be shown again."""
    return page(request, "password_once.html", made=made, heading=title)


def token(request: Request, actor: Actor) -> HttpResponse:
    return page(request, "token_once.html", token=officers.issue_token(actor, _name(request)), own=False)


def revoke(request: Request, actor: Actor) -> HttpResponse:
    officers.revoke_token(actor, _name(request))
    return done(request, "The token is revoked.", "accounts")


def ask(request: Request, actor: Actor) -> HttpResponse:
    officers.request_role(actor, _name(request), _role(request))
    return done(request, "The role is asked for. A second administrator approves it.", "accounts")


def approve(request: Request, actor: Actor) -> HttpResponse:
    officers.approve_role(actor, whole_number(request.POST.get("request"), 0))
    return done(request, "The role is given. It counts from the next sign-in.", "accounts")


def decline(request: Request, actor: Actor) -> HttpResponse:
    officers.decline_role(actor, whole_number(request.POST.get("request"), 0))
    return done(request, "The request is declined.", "accounts")


def take_role(request: Request, actor: Actor) -> HttpResponse:
    officers.take_role(actor, _name(request), _role(request))
    return done(request, "The role is taken away, and the account's sessions are ended.", "accounts")


def end(request: Request, actor: Actor) -> HttpResponse:
    officers.end_account(actor, _name(request))
    return done(request, "The account is closed. What it did stays in the record.", "accounts")


def _name(request: Request) -> str:
    return request.POST.get("username", "")


def _role(request: Request) -> Role:
    named = request.POST.get("role", "")
    if named not in {role.value for role in GIVEN}:
        raise WrongAccount("Choose a role.")
    return Role(named)
