"""The process is killed between any two steps, and the same files are brought again: nothing lost, nothing twice.

An import is run in a child process that kills itself at its n-th step (a statement, a commit), for many n; and as
the command, killed from outside whenever it happens. What is left is brought to its end by an import that nobody
disturbs, and then compared with one that nobody ever disturbed.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.force import Force
from tests.journey.mixed import MAPS, mixed_files

from threshold.acts.access import Power
from threshold.acts.db import query
from threshold.acts.record import verify
from threshold.acts.verbs import look
from threshold.cases.queries import LISTS, listed
from threshold.intake.queries import sum_of
from threshold.journey.calendar import sweep, sweeper

RECEIVED = "2026-11-20T09:00"
# In each life one import after another is killed, each at another step; then one goes on to the end.
LIVES, KILLS = 7, 6


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mixed_files(tmp_path_factory.mktemp("mixed") / "in")


def arguments(files: Path) -> list[str]:
    return [
        "import",
        str(files),
        "--map",
        str(MAPS / "agency_packages.yaml"),
        "--received-at",
        RECEIVED,
        "--json",
    ]


def in_a_child(files: Path, at_step: Callable[[int], None]) -> int:
    """Run the import in a fork of this process, telling ``at_step`` of each step; how the child ended."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _tell_each_step(at_step)
        from threshold.commands.main import app

        app(arguments(files), standalone_mode=False)
        at_step(-1)
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(99)


def _tell_each_step(at_step: Callable[[int], None]) -> None:
    steps = 0

    def told(does: Any) -> Any:
        def doing(*given: Any, **named: Any) -> Any:
            nonlocal steps
            steps += 1
            at_step(steps)
            return does(*given, **named)

        return doing

    for owner, name in (
        (psycopg.Cursor, "execute"),
        (psycopg.Cursor, "copy"),
        (psycopg.Connection, "commit"),
        (Path, "unlink"),
        (os, "fsync"),
    ):
        setattr(owner, name, told(getattr(owner, name)))


def count_steps(files: Path, into: Path) -> int:
    """Run to the end; how many steps there were."""

    def at_step(step: int) -> None:
        if step > 0:
            count_steps.last = step  # type: ignore[attr-defined]
        else:
            into.write_text(str(count_steps.last))  # type: ignore[attr-defined]

    assert in_a_child(files, at_step) == 0
    return int(into.read_text())


def kill_at(files: Path, fatal: int) -> bool:
    """Run until step ``fatal``; whether there was such a step."""

    def at_step(step: int) -> None:
        if step == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    ended = in_a_child(files, at_step)
    assert ended in (0, signal.SIGKILL)
    return ended == signal.SIGKILL


def to_the_end(files: Path) -> None:
    assert in_a_child(files, lambda _: None) == 0


def plain(text: str | None) -> str | None:
    """A reason without the numbers of what it speaks of."""
    return re.sub(r"\d+", "N", text) if text else text


def entries() -> Counter[tuple[Any, ...]]:
    """What became of each entry of each file that was not a repetition of another."""
    return Counter(
        (row.folder, row.name, row.place, row.state, plain(row.reason))
        for row in query(
            """select d.folder, d.name, e.place, e.state, e.reason
               from intake_entry e join delivery d on d.id = e.delivery
               where e.retracted_by is null and d.same_as is null"""
        )
    )


def view(force: Force) -> dict[str, Counter[tuple[Any, ...]]]:
    """The three lists without numbers: each place by the identifiers of who stands there."""
    names = {
        row.subject: tuple(row.received)
        for row in query(
            """select m.subject, array_agg(distinct i.received order by i.received) as received
               from member m join identifier i on i.mention = m.mention and i.retracted_by is null
               where m.retracted_by is null group by 1"""
        )
    }
    with look(force.actor("demo"), "test", Power.SEE_SUBJECTS) as seen:
        return {
            name: Counter(
                (
                    names[row.subject],
                    row.known,
                    row.could_be,
                    row.route,
                    row.clauses,
                    row.checks,
                    row.due,
                    row.urgency,
                    row.first_received,
                    row.last_received,
                )
                for row in listed(seen, name, limit=10_000)[0]
            )
            for name in LISTS
        }


def check_sums(*, to_their_end: bool) -> None:
    for row in query("select id from delivery order by id"):
        found = sum_of(row.id)
        if to_their_end:
            assert found.expected is not None, row.id
        if found.expected is not None:
            assert found.holds, (row.id, found)


def check_nothing_twice() -> None:
    assert not query("select content_key from report group by 1 having count(*) > 1")
    assert not query(
        """select content_key from intake_entry
           where content_key is not null and state = 'registered' and retracted_by is null
           group by 1 having count(*) > 1"""
    )
    assert not query(
        """select d.id, e.place from intake_entry e join delivery d on d.id = e.delivery
           where e.retracted_by is null group by 1, 2 having count(*) > 1"""
    )
    assert not query("select delivery from delivery_part group by 1 having count(*) <> max(position) + 1")
    assert not query(
        """select mention from member where retracted_by is null group by 1 having count(*) > 1
           union all select id from mention
           where id not in (select mention from member where retracted_by is null)"""
    )


class Undisturbed:
    """What an import that nobody disturbed leaves, and how many steps it takes."""

    steps: int
    view: dict[str, Counter[tuple[Any, ...]]]
    entries: Counter[tuple[Any, ...]]


@pytest.fixture(scope="module")
def undisturbed(standing_force: Force, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    from django.db import connections

    connections.close_all()
    found = Undisturbed()
    found.steps = count_steps(files, tmp_path_factory.mktemp("steps") / "steps")
    found.view, found.entries = view(standing_force), entries()
    check_sums(to_their_end=True)
    states = Counter(row[3] for row in found.entries.elements())
    assert states["registered"] > 100 and states["held"] >= 2 and states["refused"] >= 2, states
    connections.close_all()
    return found


@pytest.mark.parametrize("life", range(LIVES))
def test_an_import_killed_at_any_step_goes_on_where_it_was(
    force: Force, undisturbed: Undisturbed, files: Path, life: int
) -> None:
    from django.db import connections

    killed = 0
    for kill in range(KILLS):
        # Spread over all the steps of an import; of a later one, which has less to do, over its beginning.
        fatal = 1 + (undisturbed.steps - 1) * (kill * LIVES + life) // (LIVES * KILLS)
        connections.close_all()
        killed += kill_at(files, max(1, fatal // (1 + kill % 3)))
        check_sums(to_their_end=False)
    assert killed >= 2
    connections.close_all()
    to_the_end(files)
    check_sums(to_their_end=True)
    check_nothing_twice()
    assert entries() == undisturbed.entries
    assert view(force) == undisturbed.view
    finding = verify()
    assert finding.whole, finding.breaks[:5]


def test_the_command_killed_from_outside_goes_on_as_well(
    force: Force, undisturbed: Undisturbed, files: Path
) -> None:
    command = [str(Path(sys.executable).parent / "threshold"), *arguments(files)]
    chance = random.Random(20261125)
    for _ in range(4):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.6 + chance.random() * 1.5)
        running.kill()
        running.wait()
        check_sums(to_their_end=False)
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=120, check=False
    )
    assert done.returncode == 1, done.stderr  # some of the files are held or refused
    check_sums(to_their_end=True)
    check_nothing_twice()
    assert entries() == undisturbed.entries
    assert view(force) == undisturbed.view
    assert verify().whole


@pytest.mark.parametrize("where", ["memory", "disk"])
def test_what_a_killed_import_left_is_cleared_by_a_sweep(force: Force, where: str) -> None:
    from threshold.journey.scratch import IN_MEMORY

    parent = (IN_MEMORY if where == "memory" else None) or tempfile.gettempdir()
    left = Path(parent) / f"threshold-import-swept-{os.getpid()}"
    left.mkdir()
    (left / "1").write_text("somebody's data")
    os.utime(left, (1, 1))
    try:
        actor = sweeper()
        assert actor is not None
        sweep(actor)
        assert not left.exists()
    finally:
        shutil.rmtree(left, ignore_errors=True)


def test_what_a_killed_import_left_in_memory_is_cleared_by_the_next(force: Force, files: Path) -> None:
    from threshold.journey.scratch import IN_MEMORY, scratch

    parent = IN_MEMORY or tempfile.gettempdir()
    left = Path(parent) / f"threshold-import-left-{os.getpid()}"
    left.mkdir()
    (left / "1").write_text("somebody's data")
    try:
        with scratch(parent) as own:
            assert left.exists()  # it is so young that its process may be alive
            os.utime(left, (1, 1))
            with scratch(parent) as second:
                assert not left.exists()
                assert own.exists() and second.exists()
    finally:
        shutil.rmtree(left, ignore_errors=True)
