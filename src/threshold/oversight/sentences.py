"""The one sentence to say, and why a number changed, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from threshold.oversight.definitions import ROUTES, RUNGS, Cell
from threshold.times import in_uk

if TYPE_CHECKING:
    from threshold.oversight.counting import Count

_PARTS = [
    ("identified-adults", "identified adult", "identified adults"),
    ("identified-age-not-established", "identified with age not established", None),
    ("candidates", "candidate at premises", "candidates at premises"),
]
_BESIDE = [
    ("resolved", "connection traced to premises", "connections traced to premises"),
    ("accounts", "account that nobody has been found behind yet", "accounts that nobody has been found behind yet"),
    ("children", "child, or sign of one", "children, or signs of one"),
]  # fmt: skip


def sentence(count: Count) -> str:
    """The answer in one sentence, with its date. What is hidden is not in it."""
    when = _when(count)
    if count.numbers["subjects"].state == "not for your role":
        reports, arrived = count.value("reports") or 0, count.value("deliveries") or 0
        return f"{when}{_many(reports, 'report')} came in {_many(arrived, 'delivery', 'deliveries')} that you took in."
    people = count.value("people")
    parts = _shown(count, _PARTS)
    if people is None:
        said = "the number of people we are aware of is too small to give"
    else:
        said = f"we are aware of {_many(people, 'person', 'people')}"
        said += f" ({_listed(parts)})" if people and parts else ""
    beside = _shown(count, _BESIDE)
    if beside:
        said += f"; counted apart {'is' if beside[0].startswith('1 ') else 'are'} {_listed(beside)}"
    return f"{when}{said}."


def _when(count: Count) -> str:
    about = in_uk(count.reading.about)
    if count.reading.name == "now-known":
        return f"Of what had reached us by {about}, as we know it today, "
    return f"As known at {about}, "


def _shown(count: Count, parts: Sequence[tuple[str, str, str | None]]) -> list[str]:
    values = [(count.value(key), one, many) for key, one, many in parts]
    return [_many(value, one, many or one) for value, one, many in values if value]


def _many(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


WHYS = {
    "new report": "A new report names them",
    "joined": "Became one with another",
    "separated": "Separated from another",
    "identity": "Another rung of the identity ladder",
    "age": "Another route",
    "identity and age": "Another rung and another route",
    "withdrawn": "No report stands that names them",
    "date": "Another date was asked for",
}


@dataclass(frozen=True, slots=True)
class ByAct:
    """The act that changed something: number, time, verb; and the link it undid, where it undid one."""

    number: int
    at: datetime
    verb: str
    link: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One subject that entered, left or moved within the table between two readings, and why."""

    subject: int
    before: Cell | None
    after: Cell | None
    why: str
    by: ByAct | None = None
    other: int | None = None
    report: int | None = None
    delivery: int | None = None

    def says(self) -> str:
        """The whole sentence."""
        act = _by(self.by)
        them = f"Subject {self.subject}"
        other = f"subject {self.other}" if self.other else "another subject"
        match self.why:
            case "new report":
                said = (
                    f"{them}: report {self.report}, which came in delivery {self.delivery}, names them{act}"
                )
            case "joined":
                said = f"{them} and {other} became one{act}"
            case "separated":
                said = f"{them} and {other} are no longer one{act}"
            case "withdrawn":
                said = f"{them}: no report stands that names them{act}"
            case "date":
                said = f"{them}: first reached us between the two dates"
            case _:
                said = f"{them}: {_moved(self.before, self.after)}{act}"
        return f"{said}."


def _moved(before: Cell | None, after: Cell | None) -> str:
    assert before is not None and after is not None, "whoever moved was there before and after"
    said = []
    if before[0] != after[0]:
        said.append(f"from {RUNGS[before[0]].lower()!r} to {RUNGS[after[0]].lower()!r}")
    if before[1] != after[1]:
        said.append(f"from {ROUTES[before[1]].lower()!r} to {ROUTES[after[1]].lower()!r}")
    return ", ".join(said)


_VERBS = {
    "register": "when reports were taken in",
    "take up held addition": "when a held addition was taken in",
    "say same": "when a link was made",
    "say different": "when an officer said that two are different",
    "state": "when an officer stated something",
    "take statement back": "when a statement was taken back",
    "sweep": "by the calendar",
}


def _by(act: ByAct | None) -> str:
    if act is None:
        return ""
    how = _VERBS.get(act.verb, f"by the act {act.verb!r}")
    if act.verb == "undo link":
        how = f"when link {act.link} was undone"
    return f", {how} (act {act.number}, {in_uk(act.at)})"
