"""Reads of the intake room: deliveries, what became of their entries, and the sum."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenLook
from threshold.home import Home
from threshold.intake.maps import Map, load_maps, read_map

PAGE = 25


@dataclass(frozen=True, slots=True)
class Sum:
    """received = registered + duplicate + held + refused. ``expected`` is what reading to the end found."""

    registered: int
    duplicate: int
    held: int
    refused: int
    expected: int | None
    read_by: str | None = None

    @property
    def received(self) -> int:
        return self.registered + self.duplicate + self.held + self.refused

    @property
    def holds(self) -> bool:
        return self.expected == self.received


def delivery_bytes(delivery: int) -> Iterator[bytes]:
    """The bytes of a delivery as kept (media cut), a part at a time."""
    row = one("select coalesce(same_as, id) as id from delivery where id = %s", [delivery])
    position = 0
    while row is not None:
        part = one(
            """select content from delivery_part
               where delivery = %s and position = %s and retracted_by is null""",
            [row.id, position],
        )
        if part is None:
            return
        yield bytes(part.content)
        position += 1


_SUMS = """
    select {key} as key,
           count(*) filter (where e.state = 'registered') as registered,
           count(*) filter (where e.state = 'duplicate') as duplicate,
           count(*) filter (where e.state = 'held') as held,
           count(*) filter (where e.state = 'refused') as refused
    from intake_entry e where {standing} and {where} group by 1"""


def sum_of(delivery: int, as_at: int | None = None) -> Sum:
    """The sum of one delivery."""
    row = one(
        _SUMS.format(key="e.delivery", standing=standing("e", as_at), where="e.delivery = %s"), [delivery]
    )
    read = one(
        f"select received, read_by from delivery_read r where r.delivery = %s and {standing('r', as_at)}",
        [delivery],
    )
    expected = read.received if read else None
    read_by = read.read_by if read else None
    if row is None:
        return Sum(0, 0, 0, 0, expected, read_by)
    return Sum(row.registered, row.duplicate, row.held, row.refused, expected, read_by)


# The fields for which a table is held whole, because no map reads it.
WANTS_A_MAP = ("map", "header", "sheet")
# The place of a row, whose columns may be called so too.
A_ROW = "(^|, )row [0-9]+"


def maps_in_force(named: Sequence[Map] = (), *, superseded: bool = False) -> list[Map]:
    """The maps that tables are read with: those named, those made on pages, those in the home's folder.

    For the same columns on the same sheet, one that is named goes before one made on a page, and that before one
    of the folder. Two of one kind both stay: a table then says that it does not know which is meant.
    ``superseded``: with those that later versions took the place of, for what was read with them.

    :raises MapError: a map of the home's folder cannot be read
    """
    saved = query(
        "select name, version, text from sender_map where retracted_by is null or %s order by id desc",
        [superseded],
    )
    known = list(named)
    for more in ([read_map(row.text, row.name) for row in saved], load_maps(Home.current().maps)):
        taken = {each.layout for each in known}
        known += [each for each in more if each.layout not in taken]
    return known


def saved_maps(look: OpenLook) -> list[Any]:
    """Every version of every map made on a page, with who made it and when; the newest of each name first."""
    return query(
        f"""select m.id, m.name, m.version, m.text, m.columns, m.retracted_by, act.at,
                   o.full_name as by_whom
            from sender_map m join act on act.id = m.asserted_by left join officer o on o.id = act.actor
            where {standing("m", look.as_at)} or m.retracted_by is not null order by m.name, m.id desc"""
    )


def wants_a_map(delivery: int) -> list[Any]:
    """The entries of a delivery that are held because no map reads them: place and reason, in order."""
    return query(
        """select place, reason from intake_entry where delivery = %s and state = 'held'
           and field = any(%s) and place !~ %s and retracted_by is null order by id""",
        [delivery, list(WANTS_A_MAP), A_ROW],
    )


def deliveries(look: OpenLook, page: int = 1) -> tuple[list[Any], int]:
    """Deliveries, newest first, each with its counts; and how many there are in all."""
    rows = query(
        f"""select d.id, d.name, d.folder, d.road, d.format, d.received_at, d.length, d.same_as, d.note,
                   r.received as expected,
                   count(e.id) filter (where e.state = 'registered') as registered,
                   count(e.id) filter (where e.state = 'duplicate') as duplicate,
                   count(e.id) filter (where e.state = 'held') as held,
                   count(e.id) filter (where e.state = 'refused') as refused
            from (select * from delivery d where {standing("d", look.as_at)}
                  order by id desc limit {PAGE} offset %s) d
            left join delivery_read r on r.delivery = d.id and {standing("r", look.as_at)}
            left join intake_entry e on e.delivery = d.id and {standing("e", look.as_at)}
            group by d.id, d.name, d.folder, d.road, d.format, d.received_at, d.length, d.same_as, d.note,
                     r.received
            order by d.id desc""",
        [(page - 1) * PAGE],
    )
    total = one(f"select count(*) as n from delivery d where {standing('d', look.as_at)}")
    assert total is not None
    return rows, total.n


def delivery(look: OpenLook, number: int) -> Any | None:
    """One delivery's own row."""
    look.body["delivery"] = number
    return one(f"select * from delivery d where d.id = %s and {standing('d', look.as_at)}", [number])


def standing_delivery(number: int) -> Any | None:
    """A delivery's own row, for an act on it."""
    return one("select * from delivery where id = %s and retracted_by is null", [number])


def entries(look: OpenLook, delivery: int, state: str | None = None, page: int = 1) -> tuple[list[Any], int]:
    """Entries of a delivery with what became of them, in order; and how many there are."""
    where = f"e.delivery = %(d)s and {standing('e', look.as_at)} and (%(s)s::text is null or e.state = %(s)s)"
    parameters = {"d": delivery, "s": state, "o": (page - 1) * PAGE}
    rows = query(
        f"select e.* from intake_entry e where {where} order by e.id limit {PAGE} offset %(o)s", parameters
    )
    total = one(f"select count(*) as n from intake_entry e where {where}", parameters)
    assert total is not None
    return rows, total.n


def beginning_of(delivery: int, characters: int = 20_000) -> tuple[str, bool]:
    """The start of a delivery as text for the eye, and whether that is all of it."""
    content, whole = b"", True
    for part in delivery_bytes(delivery):
        content += part
        if len(content) > characters * 4:
            whole = False
            break
    text = _for_the_eye(content)
    return text[:characters], whole and len(text) <= characters


def _for_the_eye(content: bytes) -> str:
    """A text of which nobody has said how it is written. The last character may be cut in two."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(content)
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")


def held(look: OpenLook, page: int = 1, without: Sequence[int] = ()) -> tuple[list[Any], int]:
    """Everything held but what came in these deliveries, oldest first: each needs a person."""
    where = f"e.state = 'held' and e.delivery <> all(%(without)s) and {standing('e', look.as_at)}"
    parameters = {"without": list(without), "o": (page - 1) * PAGE}
    rows = query(
        f"""select e.*, d.name, d.folder, d.received_at from intake_entry e join delivery d on d.id = e.delivery
            where {where} order by e.id limit {PAGE} offset %(o)s""",
        parameters,
    )
    total = one(f"select count(*) as n from intake_entry e where {where}", parameters)
    assert total is not None
    return rows, total.n


def report(look: OpenLook, number: int) -> Any | None:
    """One report's own row."""
    return one(f"select * from report r where r.id = %s and {standing('r', look.as_at)}", [number])


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stands: the version before it and after it (numbers), and its withdrawal, where there is one."""

    earlier: int | None
    later: int | None
    withdrawn: Any | None


def standing_of(look: OpenLook, report: int) -> Standing:
    """How a report stands among its versions."""
    rows = query(
        f"""select v.earlier, v.later from report_version v
            where (v.earlier = %(r)s or v.later = %(r)s) and {standing("v", look.as_at)}""",
        {"r": report},
    )
    withdrawn = one(
        f"""select w.*, act.at as recorded_at, o.full_name as by_whom from withdrawal w
            join act on act.id = w.asserted_by left join officer o on o.id = act.actor
            where w.report = %s and {standing("w", look.as_at)}""",
        [report],
    )
    return Standing(
        next((row.earlier for row in rows if row.later == report), None),
        next((row.later for row in rows if row.earlier == report), None),
        withdrawn,
    )


_COMPARED = {
    "service": "Service",
    "incident": "What it is about",
    "words": "In the sender's words",
    "urgency": "Urgency, the sender's claim",
    "package": "Package",
    "happened_text": "When it happened",
    "clearing_house_text": "At the clearing house",
    "agency_text": "At the national agency",
}


def fields_changed(earlier: Any, later: Any) -> list[tuple[str, str, str]]:
    """What two versions of a report say otherwise about the report itself: field, before, now."""
    return [
        (name, getattr(earlier, column) or "", getattr(later, column) or "")
        for column, name in _COMPARED.items()
        if (getattr(earlier, column) or "") != (getattr(later, column) or "")
    ]


def held_entry(number: int) -> Any | None:
    """An entry that is held, or was until somebody settled it (then ``retracted_by`` says by which act)."""
    return one(
        """select e.*, d.name, d.folder, coalesce(x.read_by, d.format) as format,
                  d.length, d.received_at, d.history
           from intake_entry e join delivery d on d.id = e.delivery
           left join delivery_read x on x.delivery = d.id and x.retracted_by is null
           where e.id = %s and e.state = 'held'""",
        [number],
    )


_MENDINGS = """
    select m.id, m.earlier, m.later, m.kind, m.changes, m.reason, was.delivery, was.place, was.reason as held_for,
           now.state, now.report, act.at, o.full_name as by_whom
    from mending m join intake_entry was on was.id = m.earlier join intake_entry now on now.id = m.later
    join act on act.id = m.asserted_by left join officer o on o.id = act.actor"""
MENDINGS_SHOWN = 100


def mending_of(entry: int) -> Any | None:
    """What an officer did with an entry that was held."""
    return one(f"{_MENDINGS} where m.earlier = %s and m.retracted_by is null", [entry])


def mendings_in(look: OpenLook, delivery: int) -> list[Any]:
    """What officers did with the held entries of a delivery, the latest first."""
    return query(
        f"""{_MENDINGS} where was.delivery = %s and {standing("m", look.as_at)}
            order by m.id desc limit {MENDINGS_SHOWN}""",
        [delivery],
    )


def mendings_behind(look: OpenLook, report: int) -> list[Any]:
    """What officers did with the held entries that became this report, or were added to it."""
    return query(
        f"""{_MENDINGS} where now.report = %s and now.state = 'registered' and {standing("m", look.as_at)}
            order by m.id limit {MENDINGS_SHOWN}""",
        [report],
    )


def changes_behind(report: int) -> dict[str, str | None]:
    """The fields of a report as officers put them right when it was taken in: path, and what it reads now."""
    rows = query(
        """select m.changes from mending m join intake_entry e on e.id = m.later
           join report r on r.id = e.report and r.delivery = e.delivery and r.place = e.place
           where e.report = %s and m.retracted_by is null""",
        [report],
    )
    return {change["path"]: change["mended"] for row in rows for change in row.changes}


def report_at(report: int) -> Any | None:
    """Where a report stands: delivery and place, with what is needed to read it again."""
    return one(
        """select r.id, r.delivery, r.place, d.name, d.folder, coalesce(x.read_by, d.format) as format,
                  d.length, d.received_at, d.history
           from report r join delivery d on d.id = r.delivery
           left join delivery_read x on x.delivery = d.id and x.retracted_by is null
           where r.id = %s and r.retracted_by is null""",
        [report],
    )
