"""The number of the one report in a folder: taken where it is certain, left alone where it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from threshold.intake.conversation import lone_reference
from threshold.intake.reading import ControlPart, Entry, ReadAddition, ReadMention, ReadReport, Rejected

REPORT = ReadReport("/report", "chat.example", (ReadMention("reported", "/report/personOrUserReported"),))
DETAILS = ReadAddition("/fileDetails", "not stated", "100001", ReadMention("reported", "/fileDetails"))
RECEIPT = ControlPart("(document)", "a receipt", "100001")
OTHER = replace(RECEIPT, reference="100002")
NUMBERLESS = ControlPart("(document)", "a content type")
REFUSED = Rejected("(document)", "refused", "not a format that Threshold reads")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([REPORT, DETAILS, RECEIPT, NUMBERLESS, REFUSED], "100001"),
        ([DETAILS, REPORT], "100001"),
        ([REPORT, RECEIPT], "100001"),
        ([REPORT], None),
        ([REPORT, REPORT, DETAILS], None),
        ([REPORT, DETAILS, OTHER], None),
        ([replace(REPORT, reference="100001"), DETAILS], None),
        ([], None),
    ],
)
def test_one_report_and_one_number_belong_together(entries: list[Entry], expected: str | None) -> None:
    assert lone_reference(entries) == expected
