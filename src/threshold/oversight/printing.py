"""The monthly report written down: as PDF for people, as CSV for a spreadsheet, as JSON for other programs.

All three are made from the same report and hold the same numbers. The same report gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from threshold.cells import plain, safe_cell
from threshold.oversight.charts import bar_chart
from threshold.oversight.counting import Count, Scope
from threshold.oversight.report import STATES, IntakeSum, MonthlyReport
from threshold.oversight.volumes import Volume
from threshold.times import in_uk

MARKING = "OFFICIAL-SENSITIVE"
_TEMPLATE = Path(__file__).with_name("report.typ")

HIDDEN_SAID = (
    "Numbers from 1 to 4 are hidden, and as many others as it takes so that none can be worked out. "
    "Closed records are in these numbers."
)
SEEN_SAID = (
    "Records that are closed to the reader, or with another team where their role stops at their own, are in no "
    "number about people. This is said whether there are any or not."
)
ADDITIONS_SAID = "An entry that is registered is a report, or an addition to one."


# --- PDF


def as_pdf(report: MonthlyReport) -> bytes:
    """A tagged PDF that typst's own check holds to PDF/UA-1, with the fonts that come with it and no others.

    Where a name holds letters that these fonts have not, the check fails: the same PDF is then made without it.
    """
    import typst

    text = json.dumps(_printed(report), ensure_ascii=False)
    made_at = int(report.reading.about.timestamp())

    def compiled(*, checked: bool) -> bytes:
        return typst.compile(
            _TEMPLATE.read_bytes(),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"report": text},
            timestamp=made_at,
            pdf_standards=["ua-1"] if checked else [],
        )

    try:
        return compiled(checked=True)
    except typst.TypstError:
        return compiled(checked=False)


def _printed(report: MonthlyReport) -> Any:
    """Everything as text, so that nothing is worked out in the template."""
    return _plain_within(
        {
            "marking": MARKING,
            "title": f"Monthly report: {report.when}",
            "known": f"As known at {in_uk(report.reading.about)}, after act {report.reading.act}.",
            "scope": f"Counted: {report.scope.value}. {_scope_said(report.scope)}",
            "sentence": report.sentence,
            "numbers": _numbers_printed(report.count),
            "doubt": _doubt_said(report.count),
            "volumes": [_volume_printed(each) for each in report.volumes],
            "intake": _intake_printed(report),
            "held": _held_printed(report),
        }
    )


def _plain_within(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain_within(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain_within(each) for each in value]
    return plain(value) if isinstance(value, str) else value


def _scope_said(scope: Scope) -> str:
    return {Scope.FORCE: HIDDEN_SAID, Scope.SEEN: SEEN_SAID, Scope.DELIVERIES: ""}[scope]


def _numbers_printed(count: Count) -> list[list[str]]:
    return [
        [number.definition.title, _number(number.value, number.state), number.definition.says]
        for number in count.numbers.values()
        if number.state != "not for your role"
    ]


def _doubt_said(count: Count) -> str:
    if count.doubt is None:
        return ""
    return (
        f"Subjects, with every open question answered: between {count.doubt.at_least:,} and "
        f"{count.doubt.at_most:,}."
    )


def _volume_printed(volume: Volume) -> dict[str, Any]:
    rows = [[name, _number(value)] for name, value in volume.bars]
    if volume.adds_up and rows:
        rows.append(["Together", _number(volume.total)])
    return {
        "title": volume.title,
        "sentence": volume.sentence,
        "says": volume.says,
        "head": f"Number of {volume.counts}",
        "rows": rows,
        "chart": bar_chart(volume.key, volume.title, volume.sentence, volume.bars) if volume.bars else None,
    }


def _intake_printed(report: MonthlyReport) -> dict[str, Any] | None:
    intake = report.intake
    if intake is None:
        return None
    groups = [("By sender", intake.by_sender), ("By road", intake.by_road), ("Together", [intake.whole])]
    return {
        "head": ["received", *STATES],
        "tables": [
            {"title": title, "rows": [_summed(each) for each in rows]} for title, rows in groups if rows
        ],
        "says": intake_said(report),
    }


def intake_said(report: MonthlyReport) -> str:
    """Whether nothing was lost, in one sentence."""
    assert report.intake is not None
    whole, unread = report.intake.whole, report.intake.unread
    said = f"{whole.received:,} received = " + " + ".join(f"{getattr(whole, s):,} {s}" for s in STATES)
    if report.intake.holds:
        return (
            f"{said}. As many as were found when the deliveries were read: nothing was lost. {ADDITIONS_SAID}"
        )
    if unread:
        return f"{said}. Not yet read to their end: {unread:,} of the month's deliveries."
    return f"{said}. WHEN THE DELIVERIES WERE READ, {report.intake.found:,} WERE FOUND: SOMETHING IS WRONG."


def _summed(each: IntakeSum) -> list[str]:
    return [each.name, f"{each.received:,}", *(f"{getattr(each, state):,}" for state in STATES)]


def _held_printed(report: MonthlyReport) -> dict[str, Any] | None:
    if report.held is None:
        return None
    rows = [
        [each.age, f"{each.number:,}", in_uk(each.since), f"{report.days_held(each.since):,}"]
        for each in report.held
    ]
    return {"rows": rows, "says": held_said(report)}


def held_said(report: MonthlyReport) -> str:
    """How much waits for a person, and how long already."""
    if not report.held:
        return "Nothing is held."
    number = sum(each.number for each in report.held)
    longest = max(report.days_held(each.since) for each in report.held)
    entries = "1 entry is" if number == 1 else f"{number:,} entries are"
    return f"{entries} held, the oldest for {longest:,} {'day' if longest == 1 else 'days'}."


def _number(value: int | None, state: str = "hidden") -> str:
    return state.capitalize() if value is None else f"{value:,}"


# --- CSV


def as_csv(report: MonthlyReport) -> bytes:
    """One number a row, in UTF-8 with the mark that spreadsheets look for. No cell is taken for a formula."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(["part", "name", "what", "number", "definition"])
    for row in _cells(report):
        writer.writerow([safe_cell(plain(str(cell))) for cell in row])
    return sink.getvalue().encode("utf-8-sig")


def _cells(report: MonthlyReport) -> Iterator[tuple[object, ...]]:
    reading = report.reading
    yield "report", "marking", "", MARKING, ""
    yield "report", "month", "", str(report.month), report.when
    yield "report", "as known at", "", reading.about.isoformat(), in_uk(reading.about)
    yield "report", "after act", "", reading.act, ""
    yield "report", "counted", "", report.scope.value, _scope_said(report.scope)
    yield "report", "sentence", "", report.sentence, ""
    for key, number in report.count.numbers.items():
        value = number.state if number.value is None else number.value
        yield "counts", number.definition.title, key, value, number.definition.says
    for volume in report.volumes:
        for name, bar in volume.bars:
            yield volume.title, name, volume.counts, "hidden" if bar is None else bar, volume.says
        if volume.adds_up:
            together = "hidden" if volume.total is None else volume.total
            yield volume.title, "Together", volume.counts, together, volume.says
    if report.intake is not None:
        for part, rows in (("by sender", report.intake.by_sender), ("by road", report.intake.by_road)):
            for each in rows:
                yield from _cells_of_sum(f"intake {part}", each)
        yield from _cells_of_sum("intake", report.intake.whole)
    for held in report.held or ():
        yield "held", held.age, "entries", held.number, f"since {held.since.isoformat()}"
        yield "held", held.age, "days, the oldest", report.days_held(held.since), ""


def _cells_of_sum(part: str, each: IntakeSum) -> Iterator[tuple[object, ...]]:
    for state in ("received", *STATES):
        yield part, each.name, state, getattr(each, state), ""


# --- JSON


def as_json(report: MonthlyReport) -> dict[str, Any]:
    """The published shape (docs/report.schema.json)."""
    return {
        "month": str(report.month),
        "marking": MARKING,
        "count": count_as_json(report.count, report.sentence),
        "volumes": [
            {
                "key": each.key,
                "title": each.title,
                "counts": each.counts,
                "definition": each.says,
                "sentence": each.sentence,
                "bars": [{"name": name, "value": value} for name, value in each.bars],
                "adds_up": each.adds_up,
                "total": each.total,
            }
            for each in report.volumes
        ],
        "intake": report.intake
        and {
            "whole": _sum_as_json(report.intake.whole),
            "by_sender": [_sum_as_json(each) for each in report.intake.by_sender],
            "by_road": [_sum_as_json(each) for each in report.intake.by_road],
            "found_when_read": report.intake.found,
            "deliveries_not_read": report.intake.unread,
        },
        "held": None
        if report.held is None
        else [
            {
                "age": each.age,
                "entries": each.number,
                "since": each.since.isoformat(),
                "days": report.days_held(each.since),
            }
            for each in report.held
        ],
    }


def _sum_as_json(each: IntakeSum) -> dict[str, Any]:
    states = {state: getattr(each, state) for state in STATES}
    return {"name": each.name, "received": each.received, **states}


def count_as_json(found: Count, said: str) -> dict[str, Any]:
    """The published shape of a count (docs/count.schema.json)."""
    reading, ranged = found.reading, found.doubt
    return {
        "sentence": said,
        "reading": reading.name,
        "act": reading.act,
        "about": reading.about.isoformat(),
        "counted": found.scope.value,
        "numbers": [
            {
                "key": number.definition.key,
                "title": number.definition.title,
                "definition": number.definition.says,
                "value": number.value,
                "state": number.state,
            }
            for number in found.numbers.values()
        ],
        "subjects_if_questions_are_answered": ranged
        and {"at_least": ranged.at_least, "reached": ranged.reached, "at_most": ranged.at_most},
    }
