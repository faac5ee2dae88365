"""The request sheet as PDF, with the same cells as its CSV. The same lines give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from threshold.cells import plain
from threshold.enquiries.sheets import COLUMNS, Line
from threshold.times import in_uk

MARKING = "OFFICIAL-SENSITIVE"
_TEMPLATE = Path(__file__).with_name("sheet.typ")


def as_pdf(lines: Sequence[Line], made_at: datetime) -> bytes:
    """A tagged PDF that typst's own check holds to PDF/UA-1, with the fonts that come with it and no others.

    Where a text of a source holds letters that these fonts have not, the check fails: the same PDF is then made
    without it.
    """
    import typst

    sheet = {
        "marking": MARKING,
        "title": f"Request for who had {'this connection' if len(lines) == 1 else f'{len(lines)} connections'}",
        "made": f"Made {in_uk(made_at)}.",
        "lines": [dict(zip(COLUMNS, map(plain, line.cells()), strict=True)) for line in lines],
    }

    def compiled(*, checked: bool) -> bytes:
        return typst.compile(
            _TEMPLATE.read_bytes(),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)},
            timestamp=int(made_at.timestamp()),
            pdf_standards=["ua-1"] if checked else [],
        )

    try:
        return compiled(checked=True)
    except typst.TypstError:
        return compiled(checked=False)
