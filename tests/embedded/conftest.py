"""Homes with servers of their own, and ways to be somebody else."""

from __future__ import annotations

import os
import pickle
import pwd
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from threshold.embedded import ensure_running, stop
from threshold.embedded.places import remove
from threshold.home import Home

FAST = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}

_numbers = count(1)


@pytest.fixture
def own_home(reachable_tmp: Path) -> Iterator[Home]:
    """A fresh home whose server the test starts; stopped and removed afterwards."""
    made = Home.create(reachable_tmp / f"own-{next(_numbers)}", "demo", "Tests")
    yield made
    take_away(made)


@pytest.fixture
def running(own_home: Home) -> Home:
    ensure_running(own_home, FAST)
    return own_home


@pytest.fixture(scope="module")
def standing(reachable_tmp: Path) -> Iterator[Home]:
    """One running server for all the tests of a file that only look at it."""
    made = Home.create(reachable_tmp / f"own-{next(_numbers)}", "demo", "Tests")
    ensure_running(made, FAST)
    yield made
    take_away(made)


def take_away(home: Home) -> None:
    stop(home)
    remove(home)
    shutil.rmtree(home.path)


def as_nobody(do: Callable[[], Any]) -> Any:
    """What ``do`` gives, or raises, when the operating-system user ``nobody`` does it. Only root may ask."""
    if os.geteuid() != 0:
        pytest.skip("only root can try what another user can do")
    nobody = pwd.getpwnam("nobody")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            answer: Any = do()
        except BaseException as problem:
            answer = RuntimeError(f"{type(problem).__name__}: {problem}")
        with os.fdopen(writing, "wb") as out:
            pickle.dump(answer, out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answered:
        answer = pickle.load(answered)
    os.waitpid(child, 0)
    if isinstance(answer, RuntimeError):
        raise answer
    return answer
