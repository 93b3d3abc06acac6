"""Where the server of a data folder is reached, kept for the commands that run beside it."""

from contextlib import suppress
from pathlib import Path

_FILE = "server.url"


def say(data_dir: Path, public_url: str) -> None:
    """Keep the address a server starts with. A folder that cannot be written only costs the commands this help."""
    with suppress(OSError):
        data_dir.mkdir(parents=True, exist_ok=True)
        (data_dir / _FILE).write_text(public_url + "\n")


def last_said(data_dir: Path) -> str | None:
    """Return the address the last server of this folder started with; None when there was none."""
    try:
        return (data_dir / _FILE).read_text().strip() or None
    except OSError:
        return None
