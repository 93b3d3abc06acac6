"""The built files of web/: where Vite put what, and the route that serves them."""

from functools import lru_cache
from pathlib import Path
from time import monotonic

from litestar import Response, Router
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router
from msgspec import Struct, json

from botfolk.team.guards import public

BUILT = Path(__file__).parent.parent / "static" / "built"
_MANIFEST = BUILT / "manifest.json"
BASE = "/static/"
_A_YEAR = CacheControlHeader(max_age=31_536_000, public=True, immutable=True)


class NotBuilt(Exception):
    """The pages' scripts and styles have not been built."""


class _Chunk(Struct):
    file: str
    css: list[str] = []


@lru_cache(maxsize=1)
def _read(changed_at: int) -> dict[str, _Chunk]:
    return json.decode(_MANIFEST.read_bytes(), type=dict[str, _Chunk])


@lru_cache(maxsize=1)
def _changed_at(second: int) -> int:
    """Ask the disk once a second at most: a page names more than a hundred drawings."""
    try:
        return _MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        raise NotBuilt(f"{_MANIFEST} is missing: build the pages with `make pages`") from None


def built_at() -> int:
    """Return which build is the last, also when it was made while this process ran. Raises NotBuilt."""
    return _changed_at(int(monotonic()))


def _manifest() -> dict[str, _Chunk]:
    return _read(built_at())


def asset(name: str) -> str:
    """Return the address of a built file by its source's name: "pages.ts", "pages.css", "icons.svg".

    Raises NotBuilt when nothing was built, KeyError for an unknown name.
    """
    stem, _, ending = name.rpartition(".")
    if ending == "css":
        return BASE + _manifest()[f"src/{stem}.ts"].css[0]
    return BASE + _manifest()[f"src/{name}"].file


def _no_sniffing(response: Response[bytes]) -> Response[bytes]:
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def static_files() -> Router:
    """Return the route of the built files; their names change with their content, so a browser keeps them a year."""
    BUILT.mkdir(parents=True, exist_ok=True)
    return create_static_files_router(
        path=BASE.rstrip("/"),
        directories=[BUILT],
        guards=[public],
        cache_control=_A_YEAR,
        after_request=_no_sniffing,
    )
