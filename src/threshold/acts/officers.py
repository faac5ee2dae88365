"""Accounts, roles, sign-in and tokens. A role counts only when a second administrator has approved it.

Whose an account is, its team, its roles and whether it is open are claim rows. That a password or token was set,
whose and by whom, is an act; password and token themselves are in no row of the record.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from threshold.acts.access import GIVEN, Actor, Power, Role, actor_by_id, actor_by_name
from threshold.acts.db import execute, one, query
from threshold.acts.verbs import OpenAct, act, attempt, look
from threshold.acts.writing import claim_rows, retract_rows, storable

FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = timedelta(minutes=15)
LONGEST_NAME = 100
SWEEP = "sweep"
_ACCOUNT = ["officer", "username", "full_name", "team", "is_active"]


class SignInFailed(Exception):
    """The same words whether the name, the password or the account is the reason."""

    def __init__(self) -> None:
        super().__init__(
            "That name and password do not match, or the account is locked. "
            f"After {FAILURES_BEFORE_LOCK} wrong tries an account is locked for 15 minutes."
        )


class WrongAccount(Exception):
    """The account or role cannot be changed so. ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account just made, with the password that is shown once."""

    id: int
    username: str
    password: str


def _bootstrap() -> Actor:
    """Who makes the first accounts of a new home. Refused as soon as there is anybody."""
    if one("select id from officer limit 1") is not None:
        raise WrongAccount("This home has accounts already: an administrator makes the others.")
    return Actor(0, "init", "The making of this home", "", frozenset({Role.ADMINISTRATOR}))


def first_accounts(people: Sequence[tuple[str, str, str, Sequence[Role]]]) -> list[NewAccount]:
    """Make the first accounts of a new home (username, full name, team, roles), and the sweep's own.

    :raises WrongAccount: there are accounts already
    """
    maker = _bootstrap()
    made = []
    with act(maker, "make the first accounts", Power.MANAGE_OFFICERS) as opened:
        sweep = _insert(opened, SWEEP, "The calendar", "", None)
        grants = [(sweep, Role.SWEEP.value)]
        for username, full_name, team, roles in people:
            password = new_password()
            number = _insert(opened, username, full_name, team, password)
            made.append(NewAccount(number, username, password))
            grants += [(number, role.value) for role in roles]
        claim_rows(opened, "role_grant", ["officer", "role"], grants)
    return made


def new_password() -> str:
    """Twenty random characters that can be read aloud: no l, 1, O or 0."""
    letters = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _insert(opened: OpenAct, username: str, full_name: str, team: str, password: str | None) -> int:
    check_names(username, full_name, team)
    if one("select id from officer where lower(username) = lower(%s)", [username]):
        raise WrongAccount(f"There is an account {username} already.")
    row = one(
        """insert into officer (username, full_name, team, password, is_active, must_change_password,
                                failed_sign_ins, session_epoch)
           values (%s, %s, %s, %s, true, false, 0, 0) returning id""",
        [username, full_name, team, make_password(password)],
    )
    assert row is not None
    claim_rows(opened, "account", _ACCOUNT, [(row.id, username, full_name, team, True)])
    return int(row.id)


def check_names(username: str, full_name: str, team: str) -> None:
    """A colon would end the name in a token; what cannot be seen could pass for somebody else's name.

    :raises WrongAccount: an account cannot be called so
    """
    if not username or not full_name:
        raise WrongAccount("An account needs a user name and a full name.")
    if len(username) > LONGEST_NAME or ":" in username or " " in username or not username.isprintable():
        raise WrongAccount(
            f"A user name is one word of at most {LONGEST_NAME} letters, digits and signs, without a colon."
        )
    if not (full_name + team).isprintable():
        raise WrongAccount("The full name or the team holds signs that cannot be seen. Type it again.")


def make_account(actor: Actor, username: str, full_name: str, team: str) -> NewAccount:
    """Make an account without any role; its password is shown once."""
    name = username.strip()
    password = new_password()
    with act(actor, "make account", Power.MANAGE_OFFICERS) as opened:
        number = _insert(opened, name, full_name.strip(), team.strip(), password)
        opened.body["officer"] = number
    return NewAccount(number, name, password)


def request_role(actor: Actor, username: str, role: Role) -> int:
    """Ask for a role for somebody; a second administrator approves it. The number of the request."""
    with act(actor, "ask for role", Power.MANAGE_OFFICERS) as opened:
        officer = _officer(username)
        if role not in GIVEN:
            raise WrongAccount(f"The role {role.value} is not given to people.")
        if role in officer.roles:
            raise WrongAccount(f"{username} has the role {role.value} already.")
        asked = one(
            "select id from role_request where officer = %s and role = %s and retracted_by is null",
            [officer.id, role.value],
        )
        if asked:
            raise WrongAccount(f"The role {role.value} is asked for already: request {asked.id}.")
        columns = ["officer", "role", "asked_by"]
        return claim_rows(opened, "role_request", columns, [(officer.id, role.value, actor.id)])[0]


def approve_role(actor: Actor, request: int) -> None:
    """Approve another administrator's request. Never one's own, and never for oneself."""
    with act(actor, "approve role", Power.MANAGE_OFFICERS) as opened:
        row = one("select * from role_request where id = %s and retracted_by is null", [request])
        if row is None:
            raise WrongAccount(f"There is no open request {request}.")
        if actor.id in (row.asked_by, row.officer):
            raise WrongAccount("A role needs a second person: you asked for it, or it is for you.")
        if actor_by_id(row.officer) is None:
            raise WrongAccount("That account was closed after the role was asked for.")
        retract_rows(opened, "role_request", [request])
        claim_rows(opened, "role_grant", ["officer", "role"], [(row.officer, row.role)])
        _end_sessions(row.officer)


def decline_role(actor: Actor, request: int) -> None:
    """Decline a request, one's own as well: it makes nothing possible."""
    with act(actor, "decline role", Power.MANAGE_OFFICERS) as opened:
        if not retract_rows(opened, "role_request", [request]):
            raise WrongAccount(f"There is no open request {request}.")


def take_role(actor: Actor, username: str, role: Role) -> None:
    """Take a role away; it ends the officer's sessions. One person is enough to make less possible."""
    with act(actor, "take role away", Power.MANAGE_OFFICERS) as opened:
        officer = _officer(username)
        rows = query(
            "select id from role_grant where officer = %s and role = %s and retracted_by is null",
            [officer.id, role.value],
        )
        if not rows:
            raise WrongAccount(f"{username} does not have the role {role.value}.")
        retract_rows(opened, "role_grant", [row.id for row in rows])
        _end_sessions(officer.id)


def end_account(actor: Actor, username: str) -> None:
    """Close an account: no sign-in, no token. Its acts and looks stay."""
    with act(actor, "end account", Power.MANAGE_OFFICERS) as opened:
        officer = _officer(username)
        opened.body["officer"] = officer.id
        execute("update officer set is_active = false, token_digest = null where id = %s", [officer.id])
        standing = one("select id from account where officer = %s and retracted_by is null", [officer.id])
        retract_rows(opened, "account", [standing.id] if standing else [])
        closed = (officer.id, officer.username, officer.full_name, officer.team, False)
        claim_rows(opened, "account", _ACCOUNT, [closed])
        _end_sessions(officer.id)


def reset_password(actor: Actor, username: str) -> NewAccount:
    """A new random password, shown once; it ends the officer's sessions and token, and lifts a lock."""
    password = new_password()
    with act(actor, "reset password", Power.MANAGE_OFFICERS) as opened:
        officer = _officer(username)
        opened.body["officer"] = officer.id
        execute(
            """update officer set password = %s, failed_sign_ins = 0, locked_until = null, token_digest = null
               where id = %s""",
            [make_password(password), officer.id],
        )
        _end_sessions(officer.id)
    return NewAccount(officer.id, username, password)


def change_password(actor: Actor, old: str, new: str) -> None:
    """The officer's own change. Wrong tries count as at sign-in.

    :raises SignInFailed: the old password is wrong, or there were too many tries
    :raises WrongAccount: the new one is too weak (it says how)
    """
    from threshold.acts.models import Officer  # models can be imported only once Django is set up

    with attempt(actor, "change own password", {"officer": actor.id}):
        if not _is_password(actor.id, old):
            raise SignInFailed
        new = storable(new)
        try:
            validate_password(new, Officer(username=actor.username))
        except ValidationError as weak:
            raise WrongAccount(" ".join(weak.messages)) from weak
    with act(actor, "change own password", Power.SIGN_IN) as opened:
        opened.body["officer"] = actor.id
        execute("update officer set password = %s where id = %s", [make_password(new), actor.id])
        _end_sessions(actor.id)


def issue_token(actor: Actor, username: str) -> str:
    """A token for the command line, shown once: ``name:secret``. Only its digest is kept.

    It replaces the officer's token before. One's own needs no administrator.
    """
    secret = secrets.token_urlsafe(32)
    with act(actor, "issue token", _power_over_token(actor, username)) as opened:
        officer = _officer(username)
        opened.body["officer"] = officer.id
        _set_token(officer.id, hashlib.sha256(secret.encode()).digest())
    return f"{username}:{secret}"


def issue_own_token(actor: Actor, password: str) -> str:
    """A token for oneself at a page. The password is asked, because a token outlives an unlocked screen.

    :raises SignInFailed: the password is wrong, or there were too many tries
    """
    with attempt(actor, "issue token", {"officer": actor.id}):
        if not _is_password(actor.id, password):
            raise SignInFailed
    return issue_token(actor, actor.username)


def revoke_token(actor: Actor, username: str) -> None:
    """Take an officer's token away: commands with it are refused from now on."""
    with act(actor, "revoke token", _power_over_token(actor, username)) as opened:
        officer = _officer(username)
        opened.body["officer"] = officer.id
        if not has_token(officer.id):
            raise WrongAccount(f"{username} has no token.")
        _set_token(officer.id, None)


def has_token(officer: int) -> bool:
    return one("select id from officer where id = %s and token_digest is not null", [officer]) is not None


def _power_over_token(actor: Actor, username: str) -> Power:
    return Power.SIGN_IN if username == actor.username else Power.MANAGE_OFFICERS


def _set_token(officer: int, digest: bytes | None) -> None:
    execute("update officer set token_digest = %s where id = %s", [digest, officer])


def actor_by_token(token: str) -> Actor | None:
    """The account that a token belongs to."""
    username, _, secret = storable(token).strip().partition(":")
    row = one("select id, token_digest from officer where username = %s and is_active", [username])
    digest = hashlib.sha256(secret.encode()).digest()
    if row is None or row.token_digest is None or not secrets.compare_digest(bytes(row.token_digest), digest):
        return None
    return actor_by_id(row.id)


def _officer(username: str) -> Actor:
    officer = actor_by_name(username)
    if officer is None:
        raise WrongAccount(f"There is no account {username}.")
    if Role.SWEEP in officer.roles:
        raise WrongAccount("The calendar's own account belongs to nobody and stays as it is.")
    return officer


def _end_sessions(officer: int) -> None:
    execute("update officer set session_epoch = session_epoch + 1 where id = %s", [officer])


def session_epoch(officer: int) -> int | None:
    """The number that a session must carry to go on; None for an account that is closed."""
    row = one("select session_epoch from officer where id = %s and is_active", [officer])
    return int(row.session_epoch) if row else None


def sign_in(username: str, password: str) -> Actor:
    """Check a name and password, counting failures; each try is a look, whoever it was.

    :raises SignInFailed: for every reason alike
    """
    row = one("select id from officer where username = %s and is_active", [storable(username).strip()])
    if row is None:
        make_password(storable(password))  # as slow as a real check, so that time does not tell names apart
        _note_try(Actor(0, "", "", "", frozenset()), failed=True)
        raise SignInFailed
    actor = actor_by_id(row.id)
    assert actor is not None
    if not _is_password(row.id, password):
        _note_try(actor, failed=True)
        raise SignInFailed
    execute("update officer set last_login = %s where id = %s", [datetime.now(UTC), row.id])
    _note_try(actor, failed=False)
    return actor


def _is_password(officer: int, password: str) -> bool:
    """Whether this is the officer's password, and the account not locked. A wrong one is counted.

    Counted before it is checked, so that tries at the same time count as well as one after the other.
    """
    now = datetime.now(UTC)
    counted = execute(
        """update officer set
               failed_sign_ins = case when locked_until is null then failed_sign_ins + 1 else 1 end,
               locked_until = case when locked_until is null and failed_sign_ins + 1 >= %s then %s end
           where id = %s and (locked_until is null or locked_until <= %s)""",
        [FAILURES_BEFORE_LOCK, now + LOCKED_FOR, officer, now],
    )
    row = one("select password from officer where id = %s", [officer])
    right = row is not None and check_password(storable(password), row.password)
    if not counted or not right:
        return False
    execute("update officer set failed_sign_ins = 0, locked_until = null where id = %s", [officer])
    return True


def _note_try(actor: Actor, *, failed: bool) -> None:
    note = Actor(actor.id, actor.username, actor.full_name, actor.team, frozenset({Role.CHIEF}))
    with look(note, "sign in") as seen:
        seen.body["signed_in"] = 0 if failed else 1


def officers() -> list[object]:
    """Every account with its roles and open role requests, for whoever may see accounts."""
    return query(
        """select o.id, o.username, o.full_name, o.team, o.is_active, o.last_login, o.locked_until,
                  o.token_digest is not null as has_token,
                  array(select role from role_grant g where g.officer = o.id and g.retracted_by is null
                        order by role) as roles
           from officer o order by o.username"""
    )


def role_requests() -> list[object]:
    """Open requests for roles."""
    return query(
        """select r.id, o.username, r.role, asker.full_name as asked_by, r.asked_by as asked_by_id, r.officer
           from role_request r join officer o on o.id = r.officer join officer asker on asker.id = r.asked_by
           where r.retracted_by is null order by r.id"""
    )
