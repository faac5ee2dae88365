"""Results of published risk tools: rows of a person established as an adult, behind the case, beside our own band.

A result never lowers a band. One that an officer brings (KIRAT) can start an earlier clock: ``assess.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from threshold.acts.asat import standing
from threshold.acts.db import one, query
from threshold.acts.verbs import OpenAct, OpenLook
from threshold.acts.writing import claim_rows, retract_rows
from threshold.home import Home
from threshold.policy.model import RANKS, BandName
from threshold.policy.tools.registry import SHIPPED, Tool, read_tools
from threshold.policy.tools.scoring import Outcome

_COLUMNS = [
    "mention",
    "tool",
    "version",
    "digest_text",
    "brought",
    "band",
    "answers",
    "outcome",
    "assessor",
    "source",
    "as_of",
    "received_at",
    "officer",
]


class WrongTool(Exception):
    """A tool's result cannot be taken. ``str()`` says why and what to do."""


def tools() -> dict[str, Tool]:
    """The tools by name: those that ship, and in their place those in the folder ``tools`` of this home.

    :raises PolicyError: a file cannot be read (it says which, where, and how to mend it)
    """
    own = Home.default_path() / "tools"
    files = sorted(own.glob("*.yaml")) if own.is_dir() else []
    return _read(tuple((str(path), path.stat().st_mtime_ns) for path in files), str(own))


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[str, int], ...], own: str) -> dict[str, Tool]:
    return read_tools(SHIPPED, *([Home.default_path() / "tools"] if files else []))


def tool(name: str) -> Tool:
    """:raises WrongTool: there is none of that name"""
    found = tools().get(name)
    if found is None:
        raise WrongTool(f"There is no tool {name[:40]}. There are: {', '.join(sorted(tools()))}.")
    return found


@dataclass(frozen=True, slots=True)
class Result:
    """One result as it is written."""

    tool: Tool
    band: BandName | None
    answers: Mapping[str, Any]
    outcome: Mapping[str, Any]
    assessor: str
    source: str
    as_of: datetime


def write_result(opened: OpenAct, mention: int, result: Result) -> int:
    """Write a result; its number. The database refuses it for anybody who is not established as an adult.

    :raises WrongTool: that is so
    """
    if route_of(mention) != "adult":
        raise WrongTool(
            f"{result.tool.title} is shut: it is not established that this person is an adult. "
            "That is no low result. Establish it first, on the page of statements, or go without the tool."
        )
    return claim_rows(
        opened,
        "tool_result",
        _COLUMNS,
        [
            (
                mention,
                result.tool.name,
                result.tool.version,
                result.tool.digest,
                result.tool.kind == "brought",
                RANKS[result.band] if result.band else None,
                json.dumps(dict(result.answers)),
                json.dumps(dict(result.outcome)),
                result.assessor,
                result.source,
                result.as_of,
                opened.at,
                opened.actor.id,
            )
        ],
    )[0]


def outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    return {**asdict(outcome), "points": dict(outcome.points), "missing": list(outcome.missing)}


def outcome_of(stored: Mapping[str, Any]) -> Outcome:
    return Outcome(**{**stored, "missing": tuple(stored["missing"])})


def retract_result(opened: OpenAct, number: int) -> int:
    """Take a result back; the mention it was about.

    :raises WrongTool: it does not stand
    """
    row = one("select mention from tool_result where id = %s and retracted_by is null", [number])
    if row is None or not retract_rows(opened, "tool_result", [number]):
        raise WrongTool(f"Result {number} does not stand: it was already taken back, or never made.")
    return int(row.mention)


def route_of(mention: int) -> str | None:
    """The route of the subject that holds a mention; None for somebody who is never graded."""
    row = one(
        """select a.route from member m join assessment a on a.subject = m.subject and a.retracted_by is null
           where m.mention = %s and m.retracted_by is null""",
        [mention],
    )
    return row.route if row else None


def results(look: OpenLook, subject: int) -> list[Any]:
    """Results that stand of a subject (or stood as at the look's date), newest first, with who recorded them."""
    return query(
        f"""select t.*, o.full_name as by_whom, t.received_at as recorded_at
            from member m join tool_result t on t.mention = m.mention and {standing("t", look.as_at)}
            left join officer o on o.id = t.officer
            where m.subject = %s and {standing("m", look.as_at)} order by t.id desc""",
        [subject],
    )


def latest_outcomes(subject: int) -> dict[str, Outcome]:
    """The newest standing outcome of each tool that was worked out here, by tool."""
    rows = query(
        """select distinct on (t.tool) t.tool, t.outcome
           from member m join tool_result t on t.mention = m.mention and t.retracted_by is null and not t.brought
           where m.subject = %s and m.retracted_by is null order by t.tool, t.id desc""",
        [subject],
    )
    return {row.tool: outcome_of(row.outcome) for row in rows}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a brought result and our own known band say the same, over everybody who has both."""

    tool: str
    brought: int
    same: int
    tool_higher: int
    ours_higher: int
    not_graded: int


def agreement() -> list[Agreement]:
    """By tool: the newest brought result of each subject beside the band that stands. Counts only."""
    rows = query(
        """select tool, count(*) as brought,
                  count(*) filter (where known = band) as same,
                  count(*) filter (where known > 0 and band > known) as tool_higher,
                  count(*) filter (where known > band) as ours_higher,
                  count(*) filter (where known = 0) as not_graded
           from (select distinct on (t.tool, m.subject) t.tool, m.subject, t.band, a.known
                 from tool_result t
                 join member m on m.mention = t.mention and m.retracted_by is null
                 join assessment a on a.subject = m.subject and a.retracted_by is null
                 where t.retracted_by is null and t.brought
                 order by t.tool, m.subject, t.id desc) newest
           group by tool order by tool"""
    )
    return [Agreement(*row) for row in rows]
