"""What can go wrong between a home and its database; each says what a person can do about it."""

from __future__ import annotations

from pathlib import Path


class DatabaseError(Exception):
    """The database of a home cannot be used. ``remedy`` is one sentence that a person can act on."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(f"{fact}. {remedy}")
        self.fact = fact
        self.remedy = remedy


class ServerDidNotStart(DatabaseError):
    """PostgreSQL ended, or was not ready in time; the last lines of its log are in the message."""

    def __init__(self, log: Path, last_lines: str) -> None:
        super().__init__(f"PostgreSQL did not start; its log ends:\n{last_lines}", f"The whole log is {log}.")
        self.log = log
        self.last_lines = last_lines


class ServerDidNotStop(DatabaseError):
    """PostgreSQL was asked to stop and still runs."""

    def __init__(self, pid: int, seconds: float) -> None:
        super().__init__(
            f"PostgreSQL (process {pid}) still runs {seconds:.0f} seconds after it was asked to stop",
            "Wait for it to finish writing, then try again.",
        )
        self.pid = pid


class ProgramFailed(DatabaseError):
    """One of PostgreSQL's programs came back with an error."""

    def __init__(self, program: str, code: int, said: str) -> None:
        super().__init__(
            f"{program} ended with code {code}: {said.strip()[-2000:]}",
            "Mend what it complains of (space on the disk and permissions are the usual ones) and try again.",
        )
        self.program = program
        self.code = code
        self.said = said


class NoServiceAccount(DatabaseError):
    """Root may not run PostgreSQL, and no unprivileged account could be made for it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"PostgreSQL does not run as root, and the system account {name} could not be made ({reason})",
            f"Make it with `useradd --system --user-group {name}`, or run the command as an ordinary user, "
            "or name a server in DATABASE_URL.",
        )
        self.name = name


class AccountWithoutName(DatabaseError):
    """PostgreSQL knows its users by name; this process runs under a number that has none."""

    def __init__(self, uid: int) -> None:
        super().__init__(
            f"the user number {uid} has no name on this machine, and PostgreSQL needs one",
            "Add the user to /etc/passwd, or name a server in DATABASE_URL.",
        )
        self.uid = uid


class FolderNotPrivate(DatabaseError):
    """A folder that must be ours alone belongs to somebody else, is a link, or is open to others."""

    def __init__(self, path: Path, fact: str) -> None:
        super().__init__(
            f"{path} {fact}", "Another user may have put it there: look at it, remove it, and try again."
        )
        self.path = path


class AddressMissing(DatabaseError):
    """One of the two database addresses is needed and was not given."""

    def __init__(self, variable: str, purpose: str) -> None:
        super().__init__(
            f"{variable} is not set, and {purpose}",
            "Set both DATABASE_URL (role app) and DATABASE_OWNER_URL (role owner), or neither.",
        )
        self.variable = variable


class OtherVersion(DatabaseError):
    """The data were written by another major version of PostgreSQL."""

    def __init__(self, path: Path, found: str, wanted: str) -> None:
        super().__init__(
            f"the data in {path} belong to PostgreSQL {found}, and this release brings {wanted}",
            "Make a backup with the release that wrote them, and restore it with this one.",
        )
        self.found = found


class BackupExists(DatabaseError):
    """The file that a backup was to be written to is there already; it may be the only good one."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already, and no backup is ever overwritten", "Name another file.")
        self.path = path


class NotABackup(DatabaseError):
    """The file is not a backup, or not a whole and unchanged one."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be restored: {reason}", "Use another copy of this backup, or an earlier one."
        )
        self.path = path
        self.reason = reason


class DatabaseNotReady(DatabaseError):
    """The server named in DATABASE_URL is not in the state that a restore needs."""

    def __init__(self, fact: str, remedy: str) -> None:
        super().__init__(f"The database in DATABASE_OWNER_URL {fact}", remedy)
