"""The numbers given when somebody asks "how many people are you aware of?": each with its one definition. Pure.

What stands here is what the page, the command and docs/counts.md say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

# A place in the table of the whole: rung of the identity ladder, and route.
Cell = tuple[int, str]

RUNGS = {
    1: "Account only",
    2: "Connection resolved to premises",
    3: "Candidate at premises",
    4: "Identified and confirmed by an officer",
}
ROUTES = {
    "adult": "Adult established",
    "age_not_established": "Age not established",
    "child": "Child, or signs of a child",
}
ACTIVITIES = {
    "viewed": "Viewed",
    "downloaded": "Downloaded or kept",
    "shared": "Shared",
    "produced": "Made images",
    "solicited": "Asked for images, or for a child",
    "groomed": "Groomed",
    "contact": "Contact",
    "not_stated": "What was done is not stated",
}
CELLS: tuple[Cell, ...] = tuple((rung, route) for rung in RUNGS for route in ROUTES)

What = Literal["subjects", "roles", "reports", "deliveries", "not recorded"]
EVERYTHING: tuple[What, ...] = get_args(What)


@dataclass(frozen=True, slots=True)
class Definition:
    """One number: its key, what it is called, what it says, and what is counted.

    ``cells``: the cells of the table of rungs and routes that it adds up. ``role``: the role in which a report
    names whoever is counted.
    """

    key: str
    title: str
    says: str
    what: What = "subjects"
    cells: frozenset[Cell] = frozenset()
    role: str = ""


def _among(*rungs: int, routes: tuple[str, ...] = ("adult", "age_not_established")) -> frozenset[Cell]:
    return frozenset((rung, route) for rung in rungs for route in routes)


TOTAL = Definition(
    "subjects",
    "Everybody and everything reported",
    "Subjects that at least one report names as reported. A subject is what standing links join: a human being, "
    "or an account behind which nobody has been found yet. Its six parts add up to it.",
    cells=frozenset(CELLS),
)

# The division: no subject stands in two of these parts, and each stands in one.
DIVISION = (
    Definition(
        "identified-adults",
        "Identified adults",
        "An officer has confirmed who this is, and that they are 18 or over.",
        cells=_among(4, routes=("adult",)),
    ),
    Definition(
        "identified-age-not-established",
        "Identified, age not established",
        "An officer has confirmed who this is. Whether they are 18 or over is not established.",
        cells=_among(4, routes=("age_not_established",)),
    ),
    Definition(
        "candidates",
        "Candidates at premises",
        "Somebody at known premises may be this person; no officer has confirmed it. Children apart.",
        cells=_among(3),
    ),
    Definition(
        "resolved",
        "Connections resolved to premises",
        "A connection was traced to premises, and who used it is not known. Not counted as people. Children apart.",
        cells=_among(2),
    ),
    Definition(
        "accounts",
        "Accounts not yet resolved",
        "An account with nobody found behind it yet. Not counted as people: one person may have many. Children "
        "apart.",
        cells=_among(1),
    ),
    Definition(
        "children",
        "Children, or signs of a child",
        "A stated age or another sign says that this is a child, or was one at the time. On any rung. Counted "
        "apart.",
        cells=_among(*RUNGS, routes=("child",)),
    ),
)

PEOPLE = Definition(
    "people",
    "People",
    "The first three parts together: those on the third and fourth rung of the identity ladder, children apart.",
    cells=_among(3, 4),
)

TABLE = (
    *(
        Definition(
            f"rung-{rung}-{route.replace('_', '-')}",
            f"{RUNGS[rung]}: {ROUTES[route].lower()}",
            "Reported subjects on this rung of the identity ladder and this route.",
            cells=frozenset({(rung, route)}),
        )
        for rung, route in CELLS
    ),
    *(
        Definition(
            f"rung-{rung}",
            RUNGS[rung],
            "Reported subjects on this rung of the identity ladder, on any route.",
            cells=_among(rung, routes=tuple(ROUTES)),
        )
        for rung in RUNGS
    ),
    *(
        Definition(
            f"route-{route.replace('_', '-')}",
            ROUTES[route],
            "Reported subjects on this route, on any rung of the identity ladder.",
            cells=_among(*RUNGS, routes=(route,)),
        )
        for route in ROUTES
    ),
)

BESIDE = (
    Definition(
        "reports",
        "Reports",
        "Entries of deliveries that were registered as a report, each once. A later version of a report counts "
        "too, and so does one that its sender withdrew.",
        "reports",
    ),
    Definition(
        "deliveries", "Deliveries", "Files, posts and typed forms that arrived, each time.", "deliveries"
    ),
    Definition(
        "harmed",
        "Children who were harmed",
        "Subjects that a report names as a harmed child. One who is also reported elsewhere is counted there too.",
        "roles",
        role="harmed",
    ),
    Definition(
        "recipients",
        "Recipients",
        "Subjects that a report names as meant to receive something. They may be counted above too.",
        "roles",
        role="recipient",
    ),
    Definition(
        "associated",
        "Associated people",
        "Subjects that a report names beside the reported person. They may be counted above too.",
        "roles",
        role="associated",
    ),
    Definition(
        "reporters",
        "Reporters",
        "Subjects that a report names as the one who reported. They may be counted above too.",
        "roles",
        role="reporter",
    ),
    Definition(
        "homes", "Homes", "Homes and workplaces that subjects were traced to, each once.", "not recorded"
    ),
    Definition("transferred-in", "Transferred in", "Cases that another force handed to us.", "not recorded"),
    Definition(
        "transferred-out", "Transferred out", "Cases that we handed to another force.", "not recorded"
    ),
)

ALL = {each.key: each for each in (TOTAL, PEOPLE, *DIVISION, *TABLE, *BESIDE)}
# What is added up from cells: for these, a hidden cell must not be found by taking one from another.
SUMS = tuple(each for each in ALL.values() if each.cells)

READINGS = {
    "today": "What we know now.",
    "known-at": "What we knew at that date: links, ages and identities as they stood then.",
    "now-known": "Whom we had been told about by that date, as we see them now: reports that had reached the "
    "force by then, with the links, ages and identities of today.",
}


def as_markdown() -> str:
    """The definitions as docs/counts.md says them."""

    def rows(definitions: tuple[Definition, ...]) -> str:
        body = "".join(f"| `{each.key}` | {each.title} | {each.says} |\n" for each in definitions)
        return f"| key | number | is |\n|---|---|---|\n{body}"

    return (
        f"{rows((TOTAL, *DIVISION))}\n{rows((PEOPLE,))}\nBeside them:\n\n{rows(BESIDE)}\n"
        f"The whole table, rung by route:\n\n{rows(TABLE)}"
    )
