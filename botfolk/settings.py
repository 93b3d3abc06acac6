"""Settings, typed, from the environment; every one is a row of SETTINGS and stands in docs/configuration.md."""

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct


class SettingsError(Exception):
    """One or more settings are wrong; the text names each, what was given and what is expected."""


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of a process. Sizes are counts, lengths are seconds."""

    host: str
    port: int
    data_dir: Path
    database_url: str | None
    public_url: str
    links_url: str
    secret_key: str
    queue_size: int
    batch_size: int
    db_pool_size: int
    log_level: str
    log_format: str
    telegram_api_base: str
    allow_private_addresses: bool
    styleguide: bool
    sentiment_scorer: str
    import_mb: int
    counts_mb: int
    shutdown_seconds: float

    def __repr__(self) -> str:
        return f"Settings({self.public_url})"

    def channel_defaults(self, kind: str) -> dict[str, str]:
        """Return what a new channel of a kind is configured with where nothing else is said."""
        return {"api_base": self.telegram_api_base} if kind == "telegram" else {}


class Setting(Struct, frozen=True):
    """One environment variable: its default (as written), how it is read, and what it is for."""

    name: str
    default: str
    read: Callable[[str], object]
    expected: str
    help: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The name in the environment."""
        return f"BOTFOLK_{self.name.upper()}"


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError
        return number

    return read


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= 3600:
        raise ValueError
    return number


def _yes_no(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
        text.lower()
    ]


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError
        return text.lower()

    return read


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in text:
        raise ValueError
    if parts.port == 0:  # asking for the port raises ValueError where it is no number
        raise ValueError
    return text.rstrip("/")


def _origin(text: str) -> str:
    if urlsplit(text).path not in ("", "/"):
        raise ValueError
    return _address(text)


def _database(text: str) -> str:
    if urlsplit(text).scheme not in ("postgresql", "postgres"):
        raise ValueError
    return text


def _text(text: str) -> str:
    if not text or len(text) > 1000:
        raise ValueError
    return text


def _named(text: str) -> str:
    module, _, name = text.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), *name.split(".")]):
        raise ValueError
    return text


def _key(text: str) -> str:
    if len(text) < 32:
        raise ValueError
    return text


SETTINGS = (
    Setting("host", "127.0.0.1", _text, "an address to listen on", "The address the web server listens on."),
    Setting("port", "8000", _whole(1, 65535), "a port from 1 to 65535", "The port the web server listens on."),
    Setting("data_dir", "./data", Path, "a folder", "Where the embedded PostgreSQL and the secret key live."),
    Setting(
        "database_url", "", _database, "an address like postgresql://user:password@host/name",
        "A PostgreSQL (15 or newer) to use instead of the embedded one.", secret=True,
    ),
    Setting(
        "public_url", "", _origin, "an address without a path, like https://crm.example.com",
        "The address people and services reach this installation at. Default: http, the host and the port.",
    ),
    Setting(
        "links_url", "", _origin, "an address without a path, like https://go.example.com",
        "The address that links in messages begin with; a short domain of your own that leads here too. Default:"
        " BOTFOLK_PUBLIC_URL.",
    ),
    Setting(
        "secret_key", "", _key, "at least 32 characters, best random ones",
        "Encrypts channels' secrets and signs forms. Default: made once, in secret.key in the data folder. The same on"
        " every node.", secret=True,
    ),
    Setting(
        "queue_size", "10000", _whole(1, 1_000_000), "a whole number from 1",
        "Webhook deliveries that may wait to be written before services are asked to come again (503).",
    ),
    Setting(
        "batch_size", "512", _whole(1, 10_000), "a whole number from 1 to 10000",
        "Webhook deliveries written in one transaction at most.",
    ),
    Setting(
        "db_pool_size", "10", _whole(3, 200), "a whole number from 3 to 200", "Database connections for pages and API."
    ),
    Setting("log_level", "info", _one_of("debug", "info", "warning", "error"), "debug, info, warning or error",
            "The least important log lines to write."),
    Setting("log_format", "console", _one_of("console", "json"), "console or json", "How log lines are written."),
    Setting("telegram_api_base", "https://api.telegram.org", _address, "an address like https://api.telegram.org",
            "Telegram's Bot API, or a local Bot API server."),
    Setting(
        "allow_private_addresses", "no", _yes_no, "yes or no",
        "Let outgoing requests reach private networks. A channel's own API address is always allowed.",
    ),
    Setting(
        "styleguide", "no", _yes_no, "yes or no",
        "Show members every component of the pages at /styleguide; for who works on the pages.",
    ),
    Setting(
        "sentiment_scorer", "botfolk.sentiment.standard:score", _named, "module:object, such as mine.scoring:score",
        "What scores the sentiment of texts; see docs/sentiment.md.",
    ),
    Setting(
        "import_mb", "1024", _whole(1, 1_000_000), "a whole number of megabytes from 1",
        "The largest file of users that may be uploaded for an import.",
    ),
    Setting(
        "counts_mb", "1024", _whole(0, 1_000_000), "a whole number of megabytes",
        "Memory for counting users at once: about 550 MB for a million users with eight attributes, in each process. 0"
        " leaves all counting to the database.",
    ),
    Setting("shutdown_seconds", "10", _seconds, "seconds, up to 3600", "How long a shutdown waits for work to finish."),
)  # fmt: skip

SECRET_KEY_FILE = "secret.key"  # noqa: S105 - a file's name


def load(env: Mapping[str, str], overrides: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from an environment; `overrides` (by setting name, from the command line) win.

    Raises SettingsError naming every problem at once.
    """
    problems = _unknown(env)
    values: dict[str, object] = {}
    for setting in SETTINGS:
        given = (overrides or {}).get(setting.name) or env.get(setting.variable, "").strip()
        text = given or setting.default
        if not text:
            continue
        try:
            values[setting.name] = setting.read(text)
        except (ValueError, KeyError):
            shown = "" if setting.secret else f" is {text!r}, which"
            problems.append(f"{setting.variable}{shown} is not {setting.expected}")
    if problems:
        raise SettingsError("\n".join(problems))
    values.setdefault("database_url", None)
    values.setdefault("public_url", _default_url(str(values["host"]), str(values["port"])))
    values.setdefault("links_url", values["public_url"])
    data_dir = Path(str(values["data_dir"])).expanduser().absolute()
    values["data_dir"] = data_dir
    if "secret_key" not in values:
        values["secret_key"] = _kept_key(data_dir)
    return Settings(**values)  # type: ignore[arg-type]


def _unknown(env: Mapping[str, str]) -> list[str]:
    known = {setting.variable for setting in SETTINGS}
    return [
        f"{name} is not a setting; the settings are described in docs/configuration.md"
        for name in sorted(env)
        if name.startswith("BOTFOLK_") and name not in known and not name.startswith("BOTFOLK_TEST_")
    ]


def _default_url(host: str, port: str) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
    return f"http://{shown}:{port}"


def _kept_key(data_dir: Path) -> str:
    """Return the installation's key, made at the first start. Raises SettingsError when it cannot be kept."""
    path = data_dir / SECRET_KEY_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_key(path)
        key = path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"BOTFOLK_DATA_DIR {str(data_dir)!r} cannot be used: {error.strerror}") from None
    if len(key) < 32:
        raise SettingsError(f"{path} holds no secret key; restore it from a backup (it decrypts channels' secrets)")
    return key


def _make_key(path: Path) -> None:
    """Write a new key whole or not at all: a command started at the same moment must read the same one."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # for its owner's eyes only
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(unfinished, path)
        folder = path.parent.stat()
        if os.geteuid() == 0 != folder.st_uid:
            os.chown(path, folder.st_uid, folder.st_gid)
    finally:
        os.unlink(unfinished)
