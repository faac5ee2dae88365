"""Sign in, sign out, one's own password and token."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from threshold.acts import officers
from threshold.acts.access import Actor
from threshold.acts.officers import SignInFailed, WrongAccount
from threshold.acts.verbs import OpenLook
from threshold.pages import gate
from threshold.pages.frame import Problem, Request, done, page, with_query


def sign_in(request: Request) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    where = _back_to(request.POST.get("next") or request.GET.get("next"))
    if request.method == "POST":
        try:
            actor = officers.sign_in(request.POST.get("username", ""), request.POST.get("password", ""))
        except SignInFailed as wrong:
            request.problem = Problem(str(wrong), "username")
        else:
            gate.begin_session(request, actor)
            return HttpResponseRedirect(where, status=303)
    elif request.actor is not None:
        return HttpResponseRedirect("/", status=303)
    ended = gate.ENDED.get(request.GET.get("ended", ""))
    response = page(request, "sign_in.html", next=where, ended=ended)
    if request.problem:
        response.status_code = request.problem.status
    return response


def _back_to(where: str | None) -> str:
    """The page that somebody was on their way to, if it is one of ours."""
    if (
        not where
        or not url_has_allowed_host_and_scheme(where, allowed_hosts=None)
        or not where.startswith("/")
    ):
        return "/"
    try:
        resolve(where)
    except Resolver404:
        return "/"
    return where


def sign_out(request: Request, actor: Actor) -> HttpResponse:
    gate.end_session(request)
    return HttpResponseRedirect(with_query("/sign-in", ended="signed-out"), status=303)


def password(request: Request, look: OpenLook) -> HttpResponse:
    return page(request, "password.html", has_token=officers.has_token(look.actor.id))


def change(request: Request, actor: Actor) -> HttpResponse:
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise WrongAccount("The new password was not typed the same way twice.")
    try:
        officers.change_password(actor, request.POST.get("old", ""), new)
    except SignInFailed as wrong:
        raise WrongAccount("The password that you have now was not typed rightly.") from wrong
    gate.begin_session(request, actor)
    return done(request, "Your password is changed.", "home")


def token(request: Request, actor: Actor) -> HttpResponse:
    try:
        made = officers.issue_own_token(actor, request.POST.get("password", ""))
    except SignInFailed as wrong:
        raise WrongAccount("Your password was not typed rightly.") from wrong
    return page(request, "token_once.html", token=made, own=True)


def revoke(request: Request, actor: Actor) -> HttpResponse:
    officers.revoke_token(actor, actor.username)
    return done(request, "Your token is revoked.", "password")
