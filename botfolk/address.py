"""Where the server of a data folder is reached, kept for the commands that run beside it."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from botfolk.settings import Settings

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


def reached(settings: Settings, env: Mapping[str, str]) -> Settings:
    """Return the settings of a command beside the server: it is reached where the server last said it was, unless the
    environment says otherwise."""
    if any(env.get(name, "").strip() for name in ("BOTFOLK_PUBLIC_URL", "BOTFOLK_HOST", "BOTFOLK_PORT")):
        return settings
    said = last_said(settings.data_dir)
    return settings if said is None else replace(settings, public_url=said)
