"""The server starts once, comes back after anything, and stops when the last user has left."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.embedded.conftest import FAST, as_nobody, take_away

from threshold.embedded import ensure_running, stop, using
from threshold.embedded.errors import AddressMissing, FolderNotPrivate, ServerDidNotStart
from threshold.embedded.places import SYSTEM_FOLDER, data_folder
from threshold.embedded.server import is_running
from threshold.home import Home


def pid_of(home: Home) -> int:
    return int((data_folder(home) / "postmaster.pid").read_text().splitlines()[0])


def kill(home: Home) -> None:
    """Kills the server as `kill -9` does, and waits for it to be dead (not for anybody to bury it)."""
    pid = pid_of(home)
    os.kill(pid, signal.SIGKILL)
    while is_running(home):
        time.sleep(0.005)


def ask(dsn: str, sql: str) -> Any:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(sql.encode()).fetchone()
    return row and row[0]


def test_a_running_server_is_used_again(running: Home) -> None:
    before = pid_of(running)
    began = time.perf_counter()
    server = ensure_running(running)
    assert time.perf_counter() - began < 0.05
    assert pid_of(running) == before
    assert ask(server.app_dsn, "select current_user") == "app"
    assert ask(server.owner_dsn, "select current_user") == "owner"


def _start(path: Path, answers: Any) -> None:
    ensure_running(Home.at(path), FAST)
    answers.put(pid_of(Home.at(path)))


def test_many_processes_that_start_it_at_once_get_one_server(own_home: Home) -> None:
    forking = multiprocessing.get_context("fork")
    answers = forking.Queue()
    starters = [forking.Process(target=_start, args=(own_home.path, answers)) for _ in range(6)]
    for each in starters:
        each.start()
    pids = {answers.get(timeout=60) for _ in starters}
    for each in starters:
        each.join()
    assert len(pids) == 1


def test_it_comes_back_with_its_rows_after_a_kill(running: Home) -> None:
    server = ensure_running(running)
    with psycopg.connect(server.owner_dsn) as connection:
        connection.execute("create table kept as select 42 as n")
    kill(running)
    again = ensure_running(running, FAST)
    assert ask(again.owner_dsn, "select n from kept") == 42


def test_a_killed_servers_number_may_since_be_another_processes(running: Home) -> None:
    pid_file = data_folder(running) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    stop(running)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not is_running(running)
    ensure_running(running, FAST)
    assert pid_of(running) != os.getpid()


def test_ctrl_c_in_the_program_that_started_it_does_not_reach_it(own_home: Home) -> None:
    program = (
        "import signal, sys, time; from threshold.home import Home; from threshold.embedded import ensure_running\n"
        # A shell that started the tests in the background may have left Ctrl-C ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "ensure_running(Home.at(sys.argv[1])); print('up', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(own_home.path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
    ) as process:
        assert process.stdout and process.stdout.readline() == b"up\n"
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()
    assert process.returncode != 0
    assert ask(ensure_running(own_home).app_dsn, "select 1") == 1


def test_it_stops_and_starts_again(running: Home) -> None:
    assert stop(running) is True
    assert not is_running(running)
    assert stop(running) is False
    ensure_running(running, FAST)
    assert is_running(running)


def test_a_server_whose_socket_is_gone_is_started_anew(running: Home) -> None:
    before = pid_of(running)
    (running.run / ".s.PGSQL.5432").unlink()
    server = ensure_running(running, FAST)
    assert pid_of(running) != before
    assert ask(server.app_dsn, "select 1") == 1


def test_the_first_start_may_be_killed_at_any_point(own_home: Home) -> None:
    (own_home.postgres / "data.unfinished" / "base").mkdir(parents=True)
    assert ask(ensure_running(own_home, FAST).app_dsn, "select 1") == 1


def test_the_last_user_out_stops_it(own_home: Home) -> None:
    with using(own_home, FAST):
        with using(own_home) as inner:
            assert ask(inner.app_dsn, "select 1") == 1
        assert is_running(own_home)
    assert not is_running(own_home)


def test_a_forked_worker_that_ends_does_not_stop_it(own_home: Home) -> None:
    with contextlib.ExitStack() as held:
        server = held.enter_context(using(own_home, FAST))
        worker = multiprocessing.get_context("fork").Process(target=held.close)
        worker.start()
        worker.join()
        assert worker.exitcode == 0
        assert ask(server.app_dsn, "select 1") == 1
    assert not is_running(own_home)


def test_a_killed_user_does_not_keep_it_up(own_home: Home) -> None:
    program = (
        "import sys, time; from threshold.home import Home; from threshold.embedded import using\n"
        "with using(Home.at(sys.argv[1])): print('up', flush=True); time.sleep(60)"
    )
    with using(own_home, FAST):
        command = [sys.executable, "-c", program, str(own_home.path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout and process.stdout.readline() == b"up\n"
            process.kill()
        assert is_running(own_home)
    assert not is_running(own_home)


def test_a_home_with_a_long_and_awkward_path_has_a_short_private_socket(reachable_tmp: Path) -> None:
    home = Home.create(reachable_tmp / f'it\'s $HOME, "quoted" {"x" * 90}', "demo", "Tests")
    try:
        server = ensure_running(home, FAST)
        assert ask(server.app_dsn, "select 1") == 1
        assert str(conninfo_to_dict(server.app_dsn)["host"]).startswith("/tmp/threshold-")
    finally:
        take_away(home)


@pytest.mark.parametrize("trap", ["link", "open", "file"])
def test_a_socket_folder_that_somebody_put_there_is_refused(reachable_tmp: Path, trap: str) -> None:
    home = Home.create(reachable_tmp / f"{trap}-{'x' * 100}", "demo", "Tests")
    folder = Path("/tmp") / f"threshold-{os.geteuid()}-{home.id.rpartition('-')[2]}"
    try:
        if trap == "link":
            folder.symlink_to(home.path)
        elif trap == "file":
            folder.touch()
        else:
            folder.mkdir()
            folder.chmod(0o777)
        with pytest.raises(FolderNotPrivate):
            ensure_running(home, FAST)
    finally:
        folder.rmdir() if trap == "open" else folder.unlink()
        take_away(home)


def test_a_setting_that_stops_it_is_shown_from_the_log(own_home: Home) -> None:
    with pytest.raises(ServerDidNotStart, match="shared_buffers"):
        ensure_running(own_home, {"shared_buffers": "plenty"})


def test_named_addresses_are_used_and_nothing_is_started(
    own_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@elsewhere/threshold")
    server = ensure_running(own_home)
    assert server.app_dsn == "postgresql://app@elsewhere/threshold"
    with pytest.raises(AddressMissing, match="DATABASE_OWNER_URL"):
        _ = server.owner_dsn
    with using(own_home) as again:
        assert again == server
    assert not data_folder(own_home).exists()
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@elsewhere/threshold")
    with pytest.raises(AddressMissing, match="DATABASE_URL"):
        ensure_running(own_home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a folder that the server's account cannot enter")
def test_a_home_in_a_folder_shut_to_others_keeps_its_rows_in_the_system_folder(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    home = Home.create(shut / "home", "demo", "Tests")
    try:
        server = ensure_running(home, FAST)
        assert ask(server.app_dsn, "select 1") == 1
        assert home.postgres.resolve() == SYSTEM_FOLDER / home.id / "postgres"
        assert shut.stat().st_mode & 0o777 == 0o700
        kill(home)
        assert ask(ensure_running(home, FAST).app_dsn, "select 1") == 1
    finally:
        take_away(home)
    assert not (SYSTEM_FOLDER / home.id).exists()


def test_an_ordinary_user_runs_it_as_themselves(reachable_tmp: Path) -> None:
    place = reachable_tmp / "ordinary"
    place.mkdir()
    place.chmod(0o777)

    def start_and_stop() -> tuple[int, Any, Any]:
        home = Home.create(place / "home", "demo", "Tests")
        server = ensure_running(home, FAST)
        who = ask(server.app_dsn, "select current_user"), ask(server.owner_dsn, "select current_user")
        owner = data_folder(home).stat().st_uid
        stop(home)
        return owner, *who

    try:
        if not as_nobody(lambda: os.access(Path(psycopg.__file__).parents[1], os.R_OK)):
            pytest.skip("this checkout is shut to other users")
        owner, app, own = as_nobody(start_and_stop)
    finally:
        shutil.rmtree(place)
    assert (app, own) == ("app", "owner")
    assert owner != 0
