"""A home from its making to its restoring: commands with a database server of the home's own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.commands.conftest import COMMAND, environment_of_a_home, held_to_schema, threshold

from threshold.embedded import stop
from threshold.embedded.places import remove
from threshold.embedded.server import is_running
from threshold.home import Home


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """No database is named: each home starts its own."""
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def path(reachable_tmp: Path, own_server: None) -> Iterator[Path]:
    made = reachable_tmp / f"cli-{time.monotonic_ns()}"
    yield made
    take_away(made)


def take_away(path: Path) -> None:
    if Home.exists(path):
        stop(Home.at(path))
        remove(Home.at(path))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """``threshold serve`` in a process of its own."""

    def __init__(self, home: Path) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            [COMMAND, "serve", "--bind", self.address, "--workers", "1"],
            env={**os.environ, **environment_of_a_home(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def sign_in_page(self) -> tuple[int, str]:
        """Waits for the site; its answer to GET /sign-in."""
        until = time.monotonic() + 60
        while True:
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            try:
                with urllib.request.urlopen(f"http://{self.address}/sign-in", timeout=5) as answer:
                    return answer.status, answer.read().decode()
            except OSError:
                assert time.monotonic() < until, "the site did not come up"
                time.sleep(0.1)

    def end(self, with_signal: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(with_signal)
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


def test_a_real_home_is_made_served_stopped_killed_and_served_again(path: Path) -> None:
    env = environment_of_a_home(path)
    arguments = ["init", "--name", "Exampleshire", "--administrator", "ada", "--second", "alex"]
    bad = threshold("init", "--name", "Exampleshire", "--administrator", "a b", "--second", "alex", env=env)
    assert bad.code == 2 and not path.exists()
    made = threshold(*arguments, env=env)
    assert made.code == 0, made.err
    passwords = dict(re.findall(r"^  (\w+)  (\S+)  THRESHOLD_TOKEN=\S+$", made.out, re.M))
    assert set(passwords) == {"ada", "alex"} and len(set(passwords.values())) == 2
    again = threshold(*arguments, env=env)
    assert again.code == 2 and "there is already a home here" in again.err
    nobody = threshold("list", "act", env=env)
    assert nobody.code == 2 and "Say who you are" in nobody.err
    token = re.findall(r"THRESHOLD_TOKEN=(\S+)", made.out)[0]
    assert threshold("verify", env={**env, "THRESHOLD_TOKEN": token}).code == 0
    assert threshold("demo", "--no-serve", env=env).code == 2

    site = Site(path)
    status, page = site.sign_in_page()
    assert status == 200 and "Sign in" in page
    code, err = site.end(signal.SIGINT)
    assert code == 0, err
    assert "Traceback" not in err
    assert not is_running(Home.at(path))

    killed = Site(path)
    killed.sign_in_page()
    killed.end(signal.SIGKILL)
    after = Site(path)
    assert after.sign_in_page()[0] == 200
    assert threshold("serve", "--bind", after.address, env=env).code == 2  # somebody else is at that address
    assert after.end(signal.SIGTERM)[0] == 0


def test_what_nobody_says_is_asked_for_by_its_option(path: Path) -> None:
    said = ["--name", "Exampleshire", "--administrator", "ada", "--second", "alex"]
    for missing in (0, 2, 4):
        short = said[:missing] + said[missing + 2 :]
        asked = threshold("init", *short, env=environment_of_a_home(path))
        assert (asked.code, said[missing] in asked.err) == (2, True), asked.err
        assert not path.exists()


def test_a_home_whose_making_was_stopped_is_made_when_asked_again(path: Path) -> None:
    Home.create(path, "real", "Exampleshire")
    made = threshold("init", "--name", "Exampleshire", "--administrator", "ada", "--second", "alex",
                     env=environment_of_a_home(path))  # fmt: skip
    assert made.code == 0, made.err
    assert "  ada  " in made.out


def test_a_demonstration_registers_nothing_again_and_is_brought_back_from_a_backup(
    path: Path, tmp_path: Path, reachable_tmp: Path
) -> None:
    env = environment_of_a_home(path)
    first = threshold("demo", "--no-serve", "--people", "20", env=env)
    assert first.code == 0, first.err
    assert first.out.count(" received: ") == 8, "a deck of the made-up year, and the seven days of the week"
    assert "Act:" in first.out and "Find out:" in first.out and "Children:" in first.out
    before = threshold("verify", "--json", env=env).json
    second = threshold("demo", "--no-serve", env=env)
    assert second.code == 0, second.err
    assert "received" not in second.out
    lists = {
        name: threshold("list", name, "--json", env=env).json for name in ("act", "find-out", "children")
    }
    for rows in lists.values():
        assert held_to_schema("list", rows)
    whole = held_to_schema("verify", threshold("verify", "--json", env=env).json)
    assert whole["whole"]
    assert (whole["acts"], whole["rows"]) == (before["acts"], before["rows"])

    saved = tmp_path / "saved.tar"
    assert threshold("backup", saved, env=env).code == 0
    assert threshold("backup", saved, env=env).code == 2
    copy = reachable_tmp / f"restored-{time.monotonic_ns()}"
    try:
        restored = threshold("restore", saved, copy, env=env)
        assert restored.code == 0, restored.err
        assert restored.out.strip().endswith("whole.")
        there = environment_of_a_home(copy)
        assert {name: threshold("list", name, "--json", env=there).json for name in lists} == lists
        told = threshold("verify", "--json", "--against", path / "heads.jsonl", env=there).json
        assert told["whole"], told["breaks"]
        assert told["acts"] == whole["acts"]
    finally:
        take_away(copy)
