"""A report is known again by what it says, wherever it stands."""

from __future__ import annotations

from threshold.intake.drafting import content_key
from threshold.intake.reading import Kept, ReadReport


def report(place: str, kept: str) -> ReadReport:
    return ReadReport(place, "Fictional Chat Ltd", (), unknown=(Kept(f"{place}/priority/value", kept),))


def test_what_is_kept_of_a_report_does_not_tie_it_to_its_place() -> None:
    assert content_key(report("[0]", "Urgent")) == content_key(report("[12]", "Urgent"))
    assert content_key(report("[0]", "Urgent")) != content_key(report("[0]", "Routine"))
