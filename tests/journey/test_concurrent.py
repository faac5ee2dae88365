"""Many at once: fifty imports of the same accounts, two officers after one subject, a page while an import runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.force import Force, subject_of_account
from tests.journey.mixed import MAPS, mixed_files
from tests.journey.test_killed import check_nothing_twice, check_sums
from tests.referrals import referral, write

from threshold.acts.access import actor_by_name
from threshold.acts.db import execute, one, query
from threshold.acts.record import verify
from threshold.acts.verbs import Busy
from threshold.cases.verbs import AlreadyTaken
from threshold.journey import subjects
from threshold.journey.importing import files_under, take_in

PROCESSES, EACH = 10, 5
ACCOUNTS = 4


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, all starting together; what each gave or raised."""
    results: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(n: int) -> None:
        from django.db import connections

        try:
            start.wait()
            results[n] = works[n]()
        except Exception as failed:
            results[n] = failed
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


DRIVER = """
import json, sys
from pathlib import Path
from threshold.commands.running import start
start()
from threshold.acts.access import actor_by_name
from threshold.journey.importing import files_under, take_in
actor = actor_by_name("intake")
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
for folder in sys.argv[1:]:
    receipt = take_in(actor, files_under([Path(folder)]))
    print(json.dumps({"received": receipt.received, **receipt.counts}))
"""


def test_fifty_imports_at_once_naming_the_same_accounts_make_one_subject_of_each(
    force: Force, tmp_path: Path
) -> None:
    folders = [tmp_path / f"{n}" for n in range(PROCESSES * EACH)]
    for n, folder in enumerate(folders):
        # One report in all fifty, and one of each account's own; each import names every account.
        files = {"same.xml": referral("crowd-same", words="the same in all")}
        files |= {
            f"{a}.xml": referral(f"crowd-{a}", at=f"2026-11-01T10:{n:02}:{a:02}Z") for a in range(ACCOUNTS)
        }
        write(folder, files)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", DRIVER, *map(str, folders[p * EACH : (p + 1) * EACH])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for p in range(PROCESSES)
    ]
    for each in running:
        assert each.stdout is not None and each.stdout.readline() == "ready\n"
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    told = []
    for each in running:
        out, _ = each.communicate(timeout=120)
        assert each.returncode == 0
        told += [json.loads(line) for line in out.splitlines()]
    total: Counter[str] = Counter()
    for counts in told:
        total.update(counts)
    assert len(told) == PROCESSES * EACH
    assert total["received"] == PROCESSES * EACH * (ACCOUNTS + 1)
    assert total["registered"] == PROCESSES * EACH * ACCOUNTS + 1
    assert total["duplicate"] == PROCESSES * EACH - 1
    for account in ("crowd-same", *(f"crowd-{a}" for a in range(ACCOUNTS))):
        rows = query(
            """select m.subject, count(distinct m.mention) as mentions from identifier i
               join member m on m.mention = i.mention and m.retracted_by is null
               where i.received = %s and i.kind = 'account' group by 1""",
            [account],
        )
        assert len(rows) == 1, account
        assert rows[0].mentions == (1 if account == "crowd-same" else PROCESSES * EACH)
        assert rows[0].subject == subject_of_account(account)
    check_sums(to_their_end=True)
    check_nothing_twice()
    finding = verify()
    assert finding.whole, finding.breaks[:5]


def test_one_package_brought_by_several_at_once_is_taken_in_once(force: Force, tmp_path: Path) -> None:
    """Large files as well, whose recording takes several acts."""
    files = mixed_files(tmp_path / "in", rows=60)
    command = [str(Path(sys.executable).parent / "threshold"), "import", str(files), "--json"]
    command += ["--map", str(MAPS / "agency_packages.yaml")]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    registered = 0
    for each in running:
        out, err = each.communicate(timeout=120)
        assert each.returncode == 1, err
        told = json.loads(out)
        assert told["received"] == sum(told[s] for s in ("registered", "duplicate", "held", "refused"))
        registered += told["registered"]
    check_sums(to_their_end=True)
    check_nothing_twice()
    reports = one(
        "select count(*) as n from intake_entry where state = 'registered' and retracted_by is null"
    )
    before = one("select count(*) as n from intake_entry where asserted_by <= 9 and state = 'registered'")
    assert reports is not None and before is not None
    taken_up = one("select count(*) as n from act where verb = 'take up held addition'")
    assert taken_up is not None
    assert reports.n - before.n == registered + taken_up.n
    assert verify().whole


@pytest.mark.parametrize("time", range(5))
def test_of_two_officers_who_take_the_same_subject_exactly_one_has_it(force: Force, time: int) -> None:
    free = force.subjects["free"]
    names = ["analyst", "supervisor"]
    answers = at_once(*(lambda n=name: subjects.take(force.actor(n), free) for name in names))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyTaken", "int"]
    winner = names[answers.index(free)]
    refused = next(answer for answer in answers if answer != free)
    assert isinstance(refused, AlreadyTaken)
    rows = query("select officer from taken where mention = %s and retracted_by is null", [free])
    assert [row.officer for row in rows] == [force.actor(winner).id]
    assert force.actor(winner).full_name in str(refused)


def test_links_said_and_undone_at_once_leave_a_whole_record(force: Force) -> None:
    numbers = [force.subjects[name] for name in ("own", "free", "tied", "near_closed")]

    def say(officer: str, one_number: int, other: int) -> None:
        actor = force.actor(officer)
        subjects.undo(actor, subjects.same(actor, one_number, other, "one man"), "two men")

    pairs = [
        (numbers[0], numbers[1]),
        (numbers[1], numbers[2]),
        (numbers[2], numbers[3]),
        (numbers[0], numbers[3]),
    ]
    before = query("select mention, subject from member where retracted_by is null order by 1")
    answers = at_once(
        *(
            lambda o=officer, p=pair: say(o, *p)
            for officer, pair in zip(["analyst", "supervisor"] * 2, pairs, strict=True)
        )
    )
    assert answers == [None] * 4
    assert query("select mention, subject from member where retracted_by is null order by 1") == before
    assert verify().whole


def test_an_officer_waits_little_while_an_import_runs(force: Force, tmp_path: Path, capsys: Any) -> None:
    texts = {}
    for n in range(800):
        at = f"2026-10-{n % 28 + 1:02}T10:00:00Z"
        ip, email = f"203.0.{n // 250}.{n % 250}", f"m{n % 300}@mail.example"
        texts[f"{n // 50}/{n:04}.xml"] = referral(f"many-{n % 200}", email=email, ip=ip, at=at)
    files = write(tmp_path / "in", texts)
    over = threading.Event()
    waits: list[float] = []

    def bring() -> None:
        try:
            actor = actor_by_name("intake")
            assert actor is not None
            take_in(actor, files_under([files]))
        finally:
            over.set()

    def work() -> None:
        analyst, free = force.actor("analyst"), force.subjects["free"]
        while not over.is_set():
            began = time.monotonic()
            subjects.take(analyst, free)
            waits.append(time.monotonic() - began)
            subjects.let_go(analyst, free)
            over.wait(0.02)

    assert at_once(bring, work) == [None, None]
    waits.sort()
    with capsys.disabled():
        print(
            f"\n  an act while an import runs ({os.cpu_count()} cores): {len(waits)} acts, "
            f"median {waits[len(waits) // 2] * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms"
        )
    assert len(waits) > 3
    assert waits[len(waits) // 2] < 2
    assert verify().whole


def test_who_waits_too_long_at_a_page_is_told_and_nothing_is_done(force: Force) -> None:
    import psycopg

    free = force.subjects["free"]
    with psycopg.connect(os.environ["DATABASE_URL"]) as somebody:
        somebody.execute("select pg_advisory_xact_lock(1)")
        execute("set lock_timeout = '100ms'")
        with pytest.raises(Busy, match="Nothing was changed"):
            subjects.take(force.actor("analyst"), free)
        somebody.rollback()
    subjects.take(force.actor("analyst"), free)


def test_an_import_waits_longer_for_its_turn_than_a_page_would(force: Force, tmp_path: Path) -> None:
    import psycopg

    files = write(tmp_path / "in", {"one.xml": referral("patient-1")})
    somebody = psycopg.connect(os.environ["DATABASE_URL"])
    somebody.execute("select pg_advisory_xact_lock(1)")
    threading.Timer(0.6, somebody.rollback).start()
    execute("set lock_timeout = '100ms'")
    execute("set statement_timeout = '200ms'")
    receipt = take_in(force.actor("intake"), files_under([files]))
    assert receipt.counts == {"registered": 1}
    shown = one("show lock_timeout")
    assert shown is not None and shown.lock_timeout == "100ms"
    somebody.close()
