"""Files to linked, graded subjects, against a floor in the same run.

The floor parses the same files with lxml and copies the same rows, unchecked, with the same driver into
tables of the same shape and indexes, without trigger or constraint; a second one into tables without index.
Prints reports a second, ratios, the longest time the lock was held, and peak memory of the writing process.

``python benchmarks/bench_import.py [REPORTS]`` (10,000 if not said).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from homes import peak_memory, throw_away_home
from made_up import write_folder


def main(count: int) -> None:
    with throw_away_home() as folder:
        files = folder / "files"
        write_folder(files, count)
        spent, longest = _ours(files)
        memory = peak_memory()
        floor, bare, rows = _floor(files)
    print(
        f"reports {count:,}  rows {rows:,}  peak memory {memory:.0f} MB  longest lock {longest * 1000:.0f} ms"
    )
    print(f"ours  {spent:6.1f} s  {count / spent:8,.0f} reports a second")
    print(f"floor {floor:6.1f} s  {count / floor:8,.0f} reports a second  (same rows copied, same indexes)")
    print(f"bare  {bare:6.1f} s  {count / bare:8,.0f} reports a second  (same rows copied, no index)")
    print(f"ratio {floor / spent:.2f} of the floor (wanted: 0.25), {bare / spent:.2f} of the bare one")


def _ours(files: Path) -> tuple[float, float]:
    from threshold.acts.access import actor_by_name
    from threshold.journey import importing

    held: list[float] = []
    adapt = importing.next_size
    importing.next_size = lambda done, spent, size: held.append(spent) or adapt(done, spent, size)
    actor = actor_by_name("demo")
    assert actor is not None
    started = time.perf_counter()
    receipt = importing.take_in(actor, importing.files_under([files]), keep_told=False, ahead=True)
    spent = time.perf_counter() - started
    assert receipt.counts["registered"] == receipt.received, receipt.counts
    return spent, max(held)


def _floor(files: Path) -> tuple[float, float, int]:
    """Seconds to parse the same files and copy the same rows: with the same indexes, and without any."""
    import psycopg
    from lxml import etree
    from psycopg.types.string import TextLoader

    from threshold.acts.record import claim_tables
    from threshold.embedded import ensure_running
    from threshold.home import Home

    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(variable, None)
    owner = psycopg.connect(ensure_running(Home.current()).owner_dsn, autocommit=True)
    # JSON stays text, as it is when it is first written.
    owner.adapters.register_loader("jsonb", TextLoader)
    kept = {table: owner.execute(f"select * from {table}").fetchall() for table in claim_tables()}
    for table in kept:
        owner.execute(f"create table indexed_{table} (like {table} including indexes)")
        owner.execute(f"create table bare_{table} (like {table})")

    started = time.perf_counter()
    for path in files.rglob("*.xml"):
        for _ in etree.parse(str(path)).iter():
            pass
    parsed = time.perf_counter() - started
    indexed, bare = (parsed + _copied(owner, kind, kept) for kind in ("indexed", "bare"))
    return indexed, bare, sum(map(len, kept.values()))


def _copied(owner: Any, kind: str, kept: dict[str, list[Any]]) -> float:
    started = time.perf_counter()
    for table, rows in kept.items():
        with owner.cursor() as cursor, cursor.copy(f"copy {kind}_{table} from stdin") as copy:
            for row in rows:
                copy.write_row(row)
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
