"""Starting, finding and stopping the server of a home.

Whether a server runs is read from PostgreSQL's own ``postmaster.pid``, which costs a millisecond, so every
command may ask. Starting and stopping happen under a file lock; a lock's file is never removed, and the
system drops the lock of a process that dies.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from threshold.embedded import cluster
from threshold.embedded.account import Account, server_account
from threshold.embedded.errors import AddressMissing, ServerDidNotStart, ServerDidNotStop
from threshold.embedded.places import PORT, Places, data_folder, places_of
from threshold.embedded.programs import server_programs
from threshold.home import Home

_PATIENCE_TO_START = 120.0  # after a crash the log is replayed first
_PATIENCE_TO_STOP = 120.0
_LARGEST_LOG = 10_000_000
_CHILDREN_LEFT = "pre-existing shared memory block"  # a killed server's children are still ending


@dataclass(frozen=True, slots=True)
class Server:
    """Two addresses of one database. The owner's is only needed to migrate, back up and restore."""

    app_dsn: str = field(repr=False)
    owner: str | None = field(repr=False)

    @property
    def owner_dsn(self) -> str:
        if self.owner is None:
            raise AddressMissing("DATABASE_OWNER_URL", "this needs the owner of the database")
        return self.owner


@dataclass(frozen=True, slots=True)
class _Postmaster:
    """What ``postmaster.pid`` says of a server whose process is alive."""

    pid: int
    socket: Path
    ready: bool


def named_server() -> Server | None:
    """The server that DATABASE_URL (role app) and DATABASE_OWNER_URL (role owner) name, if they do."""
    app, owner = os.environ.get("DATABASE_URL"), os.environ.get("DATABASE_OWNER_URL")
    if owner and not app:
        raise AddressMissing("DATABASE_URL", "DATABASE_OWNER_URL is")
    return Server(app, owner or None) if app else None


def ensure_running(home: Home, settings: Mapping[str, str] | None = None) -> Server:
    """The home's server, started if it is not running. ``settings`` override postgresql.conf at a start."""
    if (named := named_server()) is not None:
        return named
    found = _running(home)
    if found is None:
        with _alone(home, "start.lock"):
            found = _running(home) or _start(home, settings or {})
    password = quote(home.app_password(), safe="")
    rest = f"@/{cluster.DATABASE}?host={quote(str(found.socket), safe='')}&port={PORT}"
    return Server(f"postgresql://app:{password}{rest}", f"postgresql://owner{rest}")


def is_running(home: Home) -> bool:
    return _running(home) is not None


def stop(home: Home) -> bool:
    """Stops the home's server: transactions are ended, everything is written. True if it was running."""
    with _alone(home, "start.lock"):
        return _stop(home)


@contextmanager
def using(home: Home, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The server for the length of a block. Whoever leaves last stops it, however the others ended.

    Users hold a shared lock; the one that can have it alone is the last. A process that was killed holds
    nothing any more. A forked child (a worker of the site) shares its parent's hold and never stops anything.
    """
    if (named := named_server()) is not None:
        yield named
        return
    user = os.getpid()
    descriptor = os.open(home.path / "users.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        with _alone(home, "start.lock"):
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if _running(home) is None:
                _start(home, settings or {})
        yield ensure_running(home)
    finally:
        if os.getpid() == user:
            _leave(home, descriptor)
        os.close(descriptor)


def _leave(home: Home, descriptor: int) -> None:
    with _alone(home, "start.lock"):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _stop(home)


@contextmanager
def _alone(home: Home, name: str) -> Iterator[None]:
    descriptor = os.open(home.path / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _running(home: Home) -> _Postmaster | None:
    """The server, if it is up, ready, and its socket is where it says."""
    found = _postmaster(data_folder(home))
    if found is None or not found.ready or not (found.socket / f".s.PGSQL.{PORT}").exists():
        return None
    return found


def _postmaster(data: Path) -> _Postmaster | None:
    """The live server of this data folder, ready or not."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not _is_server_of(pid, data):
        return None
    socket = Path(lines[4]) if len(lines) > 4 else Path()
    return _Postmaster(pid, socket, ready=len(lines) > 7 and lines[7].strip() == "ready")


def _is_server_of(pid: int, data: Path) -> bool:
    """Whether the process is this folder's server: after a kill its number may be a corpse, or another's."""
    process = Path(f"/proc/{pid}")
    try:
        state = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        command = (process / "cmdline").read_bytes()  # empty for a moment, while a program is being loaded
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self").exists() and _has_process(pid)
    return state not in "ZX" and (not command or os.fsencode(data) in command.split(b"\0"))


def _has_process(pid: int) -> bool:
    """The most that can be asked where there is no /proc."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _start(home: Home, settings: Mapping[str, str]) -> _Postmaster:
    account = server_account()
    places = places_of(home, account)
    programs = server_programs(account)
    if (left := _postmaster(places.data)) is not None:
        if (up := _wait_until_ready(home, places, left.pid)) is not None:
            return up
        _stop(home)  # up, but its socket is gone
    if not places.data.exists():
        cluster.initialise(places, account, programs, home.app_password(), settings)
    cluster.check_version(places)
    cluster.configure(places, account, settings)
    began = time.monotonic()
    while True:
        _forget_dead_server(places)
        pid = _launch(places, account, programs)
        if (up := _wait_until_ready(home, places, pid)) is not None:
            return up
        last = _last_lines(places.log)
        if _CHILDREN_LEFT not in last or time.monotonic() - began > _PATIENCE_TO_START:
            raise ServerDidNotStart(places.log, last)
        time.sleep(0.2)


def _forget_dead_server(places: Places) -> None:
    """Removes a killed server's number from the two files where it stands.

    PostgreSQL sees to it itself when no process has the number, and refuses to start when any process has:
    a corpse that nobody has buried (usual in containers), or a stranger. That no server of this folder lives
    is known here, and its shared memory still keeps out a second one while children of the first linger.
    """
    for path in (places.data / "postmaster.pid", Path(f"{places.socket_file}.lock")):
        path.unlink(missing_ok=True)


def _launch(places: Places, account: Account, programs: Path) -> int:
    """Starts the server as an orphan (a shell puts it in the background and ends) and gives its number."""
    if places.log.exists() and places.log.stat().st_size > _LARGEST_LOG:
        places.log.replace(places.log.with_suffix(".log.1"))
    log = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        server = [str(programs / "postgres"), "-D", str(places.data)]
        shell = ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh"]
        with account.popen([*shell, *server], stdout=subprocess.PIPE, stderr=log) as started:
            return int(started.communicate()[0])
    finally:
        os.close(log)


def _wait_until_ready(home: Home, places: Places, pid: int) -> _Postmaster | None:
    """Waits for a starting server. None: it ended, or it is up without its socket, or it takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_TO_START and _is_server_of(pid, places.data):
        if (up := _running(home)) is not None:
            return up
        found = _postmaster(places.data)
        if found is not None and found.ready and not places.socket_file.exists():
            return None
        time.sleep(0.01)
    return None


def _stop(home: Home) -> bool:
    data = data_folder(home)
    found = _postmaster(data)
    if found is None:
        return False
    began = time.monotonic()
    with suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
    while _is_server_of(found.pid, data):
        if time.monotonic() - began > _PATIENCE_TO_STOP:
            raise ServerDidNotStop(found.pid, _PATIENCE_TO_STOP)
        time.sleep(0.01)
    return True


def _last_lines(log: Path, count: int = 12) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return "(nothing)"
