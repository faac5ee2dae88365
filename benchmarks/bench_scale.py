"""A great many reports in: does an import slow down, or grow, with what was taken in already?

Prints, for every twentieth part of the run, reports a second and the memory of the writing process. The floor
is the second part of the same run (the first has the start in it): a ratio of 1 is flat. The home stays at HOME
where one is named, for the benchmarks of pages and counts, and is thrown away otherwise.

``python benchmarks/bench_scale.py [REPORTS [HOME]]`` (100,000 if not said).
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from homes import home_at, peak_memory, throw_away_home
from made_up import write_folder

PARTS = 20


def main(count: int, kept: str | None) -> None:
    with tempfile.TemporaryDirectory(prefix="threshold-scale-") as folder:
        files = Path(folder)
        write_folder(files, count)
        with home_at(Path(kept)) if kept else throw_away_home():
            _take_in(files, count)


def _take_in(files: Path, count: int) -> None:
    from threshold.acts.access import actor_by_name
    from threshold.journey import importing

    actor = actor_by_name("demo")
    assert actor is not None
    shown = _Parts(count)
    started = time.perf_counter()
    receipt = importing.take_in(
        actor, importing.files_under([files]), keep_told=False, ahead=True, progress=shown.one_more
    )
    spent = time.perf_counter() - started
    assert receipt.counts["registered"] == receipt.received == count, receipt.counts
    print(f"all {count:,} in {spent:,.0f} s, {count / spent:,.0f} reports a second")
    print(f"peak memory {peak_memory():.0f} MB")


class _Parts:
    """Prints a line for each part of the run as it is done."""

    def __init__(self, count: int) -> None:
        self.size = max(count // PARTS, 1)
        self.done = self.shown = 0
        self.since = time.perf_counter()
        self.second: float | None = None

    def one_more(self, file: object, entries: int) -> None:
        """A file was taken in, with its number of entries."""
        self.done += entries
        if self.done - self.shown >= self.size:
            self._show()

    def _show(self) -> None:
        now = time.perf_counter()
        rate = (self.done - self.shown) / (now - self.since)
        if self.shown and self.second is None:
            self.second = rate
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        memory = pages * resource.getpagesize() / 2**20
        ratio = rate / (self.second or rate)
        print(
            f"{self.done:>11,} reports  {rate:7,.0f} a second  ratio {ratio:.2f}  memory {memory:4.0f} MB",
            flush=True,
        )
        self.shown, self.since = self.done, now


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else None)
