"""Under which operating-system user PostgreSQL runs.

An ordinary user runs it as themselves. Root must not, so root gets a system account of its own for it:
never ``nobody``, which other services share, and never an account that a person signs in with.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from threshold.embedded.errors import AccountWithoutName, NoServiceAccount, ProgramFailed

SERVICE_ACCOUNT = "threshold-db"
_USERADD = (
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir=/nonexistent",
    "--shell=/usr/sbin/nologin",
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server. ``is_other``: not the user who runs this command (who is then root)."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()

    def reaches(self, path: Path) -> bool:
        """Whether this account can go into the folder, or run the program; tried, not worked out."""
        if not self.is_other:
            return os.access(path, os.X_OK)
        trial = self.popen(["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)])
        return trial.wait() == 0

    def run(self, command: list[str], stdin: str = "", cwd: Path = Path("/")) -> str:
        """Runs one program to its end as this account and gives what it printed."""
        process = self.popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd
        )
        said = process.communicate(stdin.encode())[0].decode(errors="replace")
        if process.returncode:
            raise ProgramFailed(Path(command[0]).name, process.returncode, said)
        return said

    def popen(
        self,
        command: list[str],
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
        cwd: Path = Path("/"),
    ) -> subprocess.Popen[bytes]:
        """Starts a program as this account, in a session of its own so that Ctrl-C does not reach it.

        The environment is made new: nothing of the caller's (secrets, PGDATA, a locale) goes into a server.
        """
        other = self.is_other
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            umask=0o077,
            start_new_session=True,
            user=self.uid if other else None,
            group=self.gid if other else None,
            extra_groups=[] if other else None,
        )


def server_account() -> Account:
    """The account that runs the server for this process; made first, where root has none yet."""
    if os.geteuid() == 0:
        return _service_account()
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError as problem:
        raise AccountWithoutName(os.geteuid()) from problem
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def client_name() -> str:
    """The name under which the server sees this process (peer)."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as problem:
        raise AccountWithoutName(os.geteuid()) from problem


def _service_account() -> Account:
    try:
        entry = pwd.getpwnam(SERVICE_ACCOUNT)
    except KeyError:
        _make_service_account()
        entry = pwd.getpwnam(SERVICE_ACCOUNT)
    if entry.pw_uid == 0:
        raise NoServiceAccount(SERVICE_ACCOUNT, "an account of that name is root")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_service_account() -> None:
    search = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    program = shutil.which("useradd", path=search)
    if program is None:
        raise NoServiceAccount(SERVICE_ACCOUNT, "there is no useradd")
    made = subprocess.run(
        [program, *_USERADD, SERVICE_ACCOUNT],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    already_there = 9  # useradd(8): somebody else made it at the same moment
    if made.returncode not in (0, already_there):
        raise NoServiceAccount(SERVICE_ACCOUNT, made.stderr.strip())
