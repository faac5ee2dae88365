"""Erase: the one exception to *nothing is overwritten* (design section 3, rule 9).

A row's content and salt are destroyed; a stone stays with its table, number, acts, digest, rule and the act that
erased it. Asked for by one person and approved by another. Only what no longer stands can be erased: first it is
taken back or opened again by its own verb, which works out again what rested on it.
"""

from __future__ import annotations

from typing import Any

from threshold.acts.access import Actor, Power
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook, act
from threshold.acts.writing import as_json, claim_rows, retract_rows, storable

LONGEST = 500

# What can be erased, and the rows that say why beside it, with the column that names it: they go with it.
ERASABLE = {
    "statement": ("statement_taken_back", "statement"),
    "closure": ("closure_reader", "closure"),
}

# Under which rule. The word stays on the stone for ever, so that it is one of these and never typed.
RULES = {
    "review": "A retention review found that it need no longer be kept",
    "right": "Somebody's right to erasure was upheld",
    "court": "A court or the Commissioner ordered it",
    "unlawful": "It should never have been recorded",
}


class WrongErasure(Exception):
    """A row is not erased so. ``str()`` says why."""


def ask_to_erase(actor: Actor, kind: str, number: int, rule: str, reason: str) -> int:
    """Ask that a row be erased, with what says why beside it; the number of the request.

    :raises WrongErasure: no such rule or row, no reason, or the row still stands
    """
    with act(actor, "ask for erasure", Power.ERASE, row=number) as opened:
        if kind not in ERASABLE:
            raise WrongErasure(f"What can be erased is: {', '.join(ERASABLE)}.")
        if rule not in RULES:
            raise WrongErasure(f"The rules under which something is erased are: {', '.join(RULES)}.")
        if not reason.strip() or len(reason) > LONGEST:
            raise WrongErasure(f"Say why, in at most {LONGEST} characters, without what is to be erased.")
        if already := one("select erased_by from stone where kind = %s and row = %s", [kind, number]):
            raise WrongErasure(f"It is erased already, under act {already.erased_by}.")
        row = one(f"select retracted_by from {kind} where id = %s", [number])
        if row is None:
            raise WrongErasure(f"There is no {kind} {number}.")
        if row.retracted_by is None:
            raise WrongErasure(
                f"The {kind} {number} still stands, and bands may rest on it. Take it back first, or open it again."
            )
        if open_ := one(f"select id from ({_OPEN}) r where kind = %s and row = %s", [kind, number]):
            raise WrongErasure(f"That is asked for already: request {open_.id}.")
        beside, names = ERASABLE[kind]
        with_it = [
            each.id for each in query(f"select id from {beside} where {names} = %s order by id", [number])
        ]
        columns = ["kind", "row", "with_it", "rule", "reason", "asked_by"]
        asked = (
            kind,
            number,
            as_json({beside: with_it} if with_it else {}),
            rule,
            storable(reason.strip()),
            actor.id,
        )
        request = claim_rows(opened, "erasure", columns, [asked])[0]
        opened.body["request"] = request
    return request


def approve_erasure(actor: Actor, request: int) -> int:
    """Erase what somebody else asked for; the act under which it is erased.

    :raises WrongErasure: no such open request, or it is one's own
    """
    with act(actor, "erase", Power.ERASE, request=request) as opened:
        asked = _open_request(request)
        if asked.asked_by == actor.id:
            raise WrongErasure("Erasing needs a second person: you asked for it.")
        opened.body["row"] = asked.row
        retract_rows(opened, "erasure", [request])
        # The application itself may remove no row: the database does, for a request that this act approves.
        one("select erase(%s)", [request])
    return opened.id


def decline_erasure(actor: Actor, request: int) -> None:
    """Decline a request, one's own as well: it destroys nothing.

    :raises WrongErasure: no such open request
    """
    with act(actor, "decline erasure", Power.ERASE, request=request) as opened:
        _open_request(request)
        retract_rows(opened, "erasure", [request])


_OPEN = "select * from erasure where retracted_by is null"


def _open_request(request: int) -> Any:
    asked = one(f"{_OPEN} and id = %s", [request])
    if asked is None:
        raise WrongErasure(f"There is no open request {request}.")
    return asked


def erasures_asked(look: OpenLook) -> list[Any]:
    """Open requests, the oldest first: which row, under which rule, why, and who asks. Never what the row says."""
    look.actor.require(Power.ERASE)
    return query(
        f"""select r.id, r.kind, r.row, r.rule, r.reason, o.full_name as asked_by
            from ({_OPEN}) r left join officer o on o.id = r.asked_by order by r.id"""
    )
