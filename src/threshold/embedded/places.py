"""Where the server keeps its files and its socket.

In the home, where the server's account can get there. Root's home folder (``/root``) is shut to every other
account, and rightly stays shut: then the files are in ``/var/lib/threshold/<id of the home>`` and the home
holds a link to them. A socket's path may have 107 bytes at most, so a home with a long path has its socket
in a private folder under ``/tmp`` (not under XDG_RUNTIME_DIR, which goes away when its user signs out).
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from threshold.embedded.account import Account
from threshold.embedded.errors import FolderNotPrivate
from threshold.home import Home

SYSTEM_FOLDER = Path("/var/lib/threshold")
PORT = 5432
_LONGEST_SOCKET_PATH = 107
_NEEDS_NO_QUOTING = re.compile(r"[\w/.+-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Places:
    """``data``: PostgreSQL's own folder. ``socket``: the folder of its socket. ``log``: what it says."""

    data: Path
    socket: Path
    log: Path

    @property
    def socket_file(self) -> Path:
        return self.socket / f".s.PGSQL.{PORT}"


def places_of(home: Home, account: Account) -> Places:
    """The places, made ready for the account that runs the server. Only ever called under the start lock."""
    if account.is_other:
        _open_to_service(home, account)
    data = home.postgres.resolve() / "data"
    socket = home.run.resolve()
    if not _fits(socket):
        socket = _short_folder(home, account)
    return Places(data, socket, home.logs / "postgres.log")


def data_folder(home: Home) -> Path:
    """The data folder as it stands, without making anything."""
    return home.postgres.resolve() / "data"


def _fits(socket: Path) -> bool:
    path = f"{socket}/.s.PGSQL.{PORT}"
    return len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH and bool(_NEEDS_NO_QUOTING.fullmatch(path))


def _open_to_service(home: Home, account: Account) -> None:
    """Lets the server's account through to its two folders, and to nothing else in the home."""
    if home.postgres.is_symlink():
        return
    if account.reaches(home.path.parent):
        os.chown(home.path, -1, account.gid)
        home.path.chmod(0o710)
        base = home.path
    else:
        base = _system_folder(home, account)
    for link in (home.postgres, home.run):
        folder = base / link.name
        if base != home.path:
            folder.mkdir(mode=0o700, exist_ok=True)
            link.rmdir()
            link.symlink_to(folder)
        os.chown(folder, account.uid, account.gid)
        folder.chmod(0o700)


def _system_folder(home: Home, account: Account) -> Path:
    base = system_folder() / home.id
    base.mkdir(mode=0o710, exist_ok=True)
    os.chown(base, 0, account.gid)
    base.chmod(0o710)
    return base


def system_folder() -> Path:
    """Root's own folder on the machine, checked to be root's alone to write in."""
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    found = SYSTEM_FOLDER.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise FolderNotPrivate(SYSTEM_FOLDER, "is not a folder that only root can write in")
    SYSTEM_FOLDER.chmod(0o711)
    return SYSTEM_FOLDER


def _short_folder(home: Home, account: Account) -> Path:
    """A private folder under /tmp. Somebody may have been there first: nothing is followed or trusted."""
    folder = _short_path(home)
    try:
        folder.mkdir(mode=0o700)
        if account.is_other:
            os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise FolderNotPrivate(folder, "is not a folder")
    if found.st_uid != account.uid:
        raise FolderNotPrivate(folder, f"belongs to the user with number {found.st_uid}")
    if stat.S_IMODE(found.st_mode) != 0o700:
        raise FolderNotPrivate(folder, "is open to other users")
    return folder


def _short_path(home: Home) -> Path:
    return Path("/tmp") / f"threshold-{os.geteuid()}-{home.id.rpartition('-')[2]}"


def remove(home: Home) -> None:
    """Removes what a stopped server left outside its home (after a failed restore, and in tests)."""
    if home.postgres.is_symlink():
        shutil.rmtree(SYSTEM_FOLDER / home.id, ignore_errors=True)
    shutil.rmtree(_short_path(home), ignore_errors=True)
