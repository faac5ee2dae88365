"""Who may do what: roles and their powers as data (design section 5), one rule for every path.

*Powers* say which verbs and pages a role has. Which *subjects* a person may see is one SQL function,
``visible(actor, subject)``, made by a migration and called by every list, search, page and command.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from threshold.acts.asat import standing
from threshold.acts.db import one, query


class Role(StrEnum):
    INTAKE = "intake"
    ANALYST = "analyst"
    INVESTIGATOR = "investigator"
    SUPERVISOR = "supervisor"
    SAFEGUARDING = "safeguarding"
    CHIEF = "chief"
    AUDITOR = "auditor"
    POLICY_OWNER = "policy_owner"
    ADMINISTRATOR = "administrator"
    # Writes the whole record out with its content, for a court say. Nobody has it until two administrators give it.
    DISCLOSURE = "disclosure"
    # Erases what must not be kept, with a second one. Nobody has it until two administrators give it.
    RECORDS = "records"
    # Held by the system's own account only: the calendar moves bands, and can do nothing else.
    SWEEP = "sweep"


class Power(StrEnum):
    SIGN_IN = "sign in"
    IMPORT = "take deliveries in"
    SEE_DELIVERIES = "see deliveries"
    SEE_SUBJECTS = "see subjects and lists"
    STATE = "type statements"
    LINK = "say same or different"
    TAKE = "take a subject on"
    DECIDE = "work on cases and decide"
    SUPERVISE = "approve decisions, park cases and give them to others"
    CLOSE_ACCESS = "close access to a subject"
    COUNT = "see and save counts"
    COUNT_FORCE = "see counts of the whole force"
    SEE_ALL_ACTS = "see all acts and looks"
    VERIFY = "verify the chains"
    ERASE = "erase what must not be kept"
    EXPORT_CONTENT = "write the record out with its content"
    SEE_OFFICERS = "see accounts and roles"
    MANAGE_OFFICERS = "make accounts, ask for and approve roles"
    ADOPT_POLICY = "put a policy into force"
    SWEEP = "let the calendar move bands"


_EVERYBODY = {Power.SIGN_IN}
# The roles that an officer can be given.
GIVEN = tuple(role for role in Role if role is not Role.SWEEP)

MATRIX: dict[Role, frozenset[Power]] = {
    Role.INTAKE: frozenset(_EVERYBODY | {Power.IMPORT, Power.SEE_DELIVERIES, Power.COUNT}),
    Role.ANALYST: frozenset(
        _EVERYBODY
        | {Power.SEE_DELIVERIES, Power.SEE_SUBJECTS, Power.STATE, Power.LINK, Power.TAKE, Power.COUNT}
    ),
    Role.INVESTIGATOR: frozenset(
        _EVERYBODY | {Power.SEE_SUBJECTS, Power.STATE, Power.LINK, Power.TAKE, Power.DECIDE, Power.COUNT}
    ),
    Role.SUPERVISOR: frozenset(
        _EVERYBODY
        | {
            Power.SEE_DELIVERIES,
            Power.SEE_SUBJECTS,
            Power.STATE,
            Power.LINK,
            Power.TAKE,
            Power.DECIDE,
            Power.SUPERVISE,
            Power.CLOSE_ACCESS,
            Power.COUNT,
        }
    ),
    Role.SAFEGUARDING: frozenset(_EVERYBODY | {Power.SEE_SUBJECTS, Power.STATE, Power.COUNT}),
    Role.CHIEF: frozenset(_EVERYBODY | {Power.COUNT, Power.COUNT_FORCE}),
    Role.AUDITOR: frozenset(_EVERYBODY | {Power.SEE_ALL_ACTS, Power.SEE_OFFICERS, Power.VERIFY}),
    Role.POLICY_OWNER: frozenset(_EVERYBODY | {Power.ADOPT_POLICY}),
    Role.ADMINISTRATOR: frozenset(_EVERYBODY | {Power.SEE_OFFICERS, Power.MANAGE_OFFICERS, Power.VERIFY}),
    Role.DISCLOSURE: frozenset(_EVERYBODY | {Power.EXPORT_CONTENT}),
    Role.RECORDS: frozenset(_EVERYBODY | {Power.ERASE}),
    Role.SWEEP: frozenset({Power.SWEEP}),
}


class Refused(Exception):
    """The actor may not do this. ``str()`` is fit to be shown."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Your roles do not allow you to {what}. Ask an administrator if they should.")
        self.what = what


class NotVisible(Exception):
    """There is no such subject for this actor. The same answer whether it is closed or does not exist."""

    def __init__(self, subject: int, held_by: str | None = None) -> None:
        told = (
            f"Subject {subject} is held by team {held_by}." if held_by else f"There is no subject {subject}."
        )
        super().__init__(told)
        self.subject = subject
        self.held_by = held_by


@dataclass(frozen=True)
class Actor:
    """The person (or the sweep) on whose behalf something is done."""

    id: int
    username: str
    full_name: str
    team: str
    roles: frozenset[Role]

    def may(self, power: Power) -> bool:
        return any(power in MATRIX[role] for role in self.roles)

    def require(self, power: Power) -> None:
        if not self.may(power):
            raise Refused(power.value)


def actor_by_id(officer: int) -> Actor | None:
    """The active account with that number and its standing roles."""
    row = one(
        """select o.id, o.username, o.full_name, o.team,
                  array(select role from role_grant g where g.officer = o.id and g.retracted_by is null) as roles
           from officer o where o.id = %s and o.is_active""",
        [officer],
    )
    if row is None:
        return None
    return Actor(row.id, row.username, row.full_name, row.team, frozenset(Role(r) for r in row.roles))


def actor_by_name(username: str) -> Actor | None:
    row = one("select id from officer where username = %s", [username])
    return actor_by_id(row.id) if row else None


def hidden_then(as_at: int | None) -> str:
    """SQL: the subjects, as at an act, that held a mention which is hidden from ``%(actor)s`` today.

    Numbers move when links do, so what is closed now may have stood under another number then. Empty for the
    present, where ``visible`` and ``hidden_from`` say everything.
    """
    if as_at is None:
        return "select null::bigint where false"
    return f"""select past.subject from member past
               join member now on now.mention = past.mention and now.retracted_by is null
               where now.subject in (select hidden_from(%(actor)s)) and {standing("past", as_at)}"""


def check_visible(actor: Actor, subject: int, as_at: int | None = None) -> None:
    """Raise ``NotVisible`` unless the actor may see this subject (as it was at an act)."""
    row = one(
        f"""select visible(%(actor)s, %(s)s) and %(s)s not in ({hidden_then(as_at)}) as seen,
                   held_elsewhere(%(actor)s, %(s)s) as held""",
        {"actor": actor.id, "s": subject},
    )
    assert row is not None
    if not row.seen:
        raise NotVisible(subject, row.held)


def only_visible(actor: Actor, subjects: list[int], as_at: int | None = None) -> set[int]:
    """Those of the subjects that the actor may see (as they were at an act)."""
    rows = query(
        f"""select s from unnest(%(subjects)s::bigint[]) s
            where visible(%(actor)s, s) and s not in ({hidden_then(as_at)})""",
        {"subjects": subjects, "actor": actor.id},
    )
    return {row.s for row in rows}
