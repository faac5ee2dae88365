"""The monthly report on a home with many reports in the month: PDF, CSV and JSON.

Reports are made up and taken in as in ``bench_import.py``. The floor is reading every one of the month's reports
once in the database.

``python benchmarks/bench_report.py [REPORTS]`` (20,000 if not said).
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import Any

from homes import peak_memory, throw_away_home
from made_up import write_folder


def main(count: int) -> None:
    with throw_away_home() as folder:
        from threshold.acts.access import Power, actor_by_name
        from threshold.acts.db import query
        from threshold.acts.verbs import look
        from threshold.journey import importing
        from threshold.oversight import printing
        from threshold.oversight.counting import Reading
        from threshold.oversight.months import Month
        from threshold.oversight.report import monthly_report

        write_folder(folder / "files", count)
        actor = actor_by_name("demo")
        assert actor is not None
        importing.take_in(actor, importing.files_under([folder / "files"]), keep_told=False, ahead=True)
        started = time.perf_counter()
        assert len(query("select * from report")) == count
        floor = time.perf_counter() - started
        month = Month.at(datetime.now(UTC))
        print(f"reports {count:,}  peak memory {peak_memory():.0f} MB  floor {floor:.2f} s")

        def timed(what: str, work: Any) -> Any:
            started = time.perf_counter()
            made = work()
            print(f"{what:<6} {time.perf_counter() - started:6.2f} s")
            return made

        with look(actor, "benchmark", Power.COUNT) as opened:
            reading = Reading.of("known-at", None)
            found = timed("report", lambda: monthly_report(opened, reading, month))
        timed("PDF", lambda: printing.as_pdf(found))
        timed("CSV", lambda: printing.as_csv(found))
        timed("JSON", lambda: printing.as_json(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
