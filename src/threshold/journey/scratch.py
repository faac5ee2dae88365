"""Where cleaned copies lie while they are read: folders of this process's own, gone when it is gone.

A process that is killed cannot clear up after itself; the next import, or sweep, does it for it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Personal data that is held in memory touches no disk on the way.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

_PREFIX = "threshold-import-"
_LOCK = "in-use"
# A folder younger than this (seconds) may be one that its process has not locked yet.
_YOUNG = 60


@contextmanager
def scratch(parent: str | None = None) -> Iterator[Path]:
    """A folder in ``parent`` (the system's own when None) for the length of a block."""
    clear_leftovers(parent)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent) as name:
        folder = Path(name)
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def clear_leftovers(parent: str | None = None) -> None:
    """Remove the folders of this user's processes that were killed: their lock went with them."""
    for folder in Path(parent or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            facts = folder.lstat()
            if facts.st_uid != os.geteuid() or time.time() - facts.st_mtime < _YOUNG:
                continue
            with (folder / _LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        except OSError:
            continue  # in use, or somebody else is clearing it
