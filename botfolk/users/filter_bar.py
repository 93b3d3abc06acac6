"""The filter above the list of users: its text and its rows, each from the other, and what is wrong with either."""

from collections.abc import Mapping

from msgspec import Struct, convert, to_builtins

from botfolk.filters import Catalogue, Filter, FilterError, from_rows, parse, to_rows, write
from botfolk.filters.draft import Path, finished
from botfolk.filters.labels import column_labels
from botfolk.filters.rows import Group
from botfolk.filters.shown import ShownGroup, ShownRow, show
from botfolk.users.attributes import AttributeType


class Problem(Struct, frozen=True):
    """What is wrong with a text: the text up to the place, the place, and what follows it."""

    message: str
    hint: str
    position: int
    length: int
    before: str = ""
    marked: str = ""
    after: str = ""


class Bar(Struct, frozen=True, kw_only=True):
    """The filter as it is shown.

    `text`: what stands in the field. `applied`: the filter of the list, in its one spelling, which is not that of the
    text where there is a `problem`; `can_list` is False where there is none to list by at all. `stale`: the rows are
    those of `applied`, as the text cannot be read.
    """

    text: str
    applied: str
    filter: Filter
    rows: ShownGroup
    problem: Problem | None = None
    has_row_problem: bool = False
    can_list: bool = True
    is_open: bool = False

    @property
    def stale(self) -> bool:
        """Say whether the rows are not what the text says."""
        return self.problem is not None

    @property
    def is_right(self) -> bool:
        """Say whether the list is of what is shown."""
        return self.problem is None and not self.has_row_problem


class Known(Struct, frozen=True):
    """What a filter can speak of, and what it is called."""

    catalogue: Catalogue
    labels: Mapping[str, str]


def known(catalogue: Catalogue, attributes: Mapping[str, tuple[str, AttributeType]]) -> Known:
    """Return what can be filtered by; `attributes` are the bot's: lower-case name → (spelling, type)."""
    return Known(catalogue, column_labels({name: label for name, (label, _type) in attributes.items()}))


def of_text(text: str, there: Known, applied: str | None = None) -> Bar:
    """Return the bar of a text. One that cannot be read leaves what was applied before, if it can be read itself."""
    try:
        found = parse(text, there.catalogue)
    except FilterError as error:
        before = _readable(applied, there)
        return Bar(
            text=text,
            applied=write(before),
            filter=before,
            rows=_shown(before, there),
            problem=_problem(text, error),
            can_list=applied is not None,
        )
    return Bar(text=text, applied=write(found), filter=found, rows=_shown(found, there))


def _readable(text: str | None, there: Known) -> Filter:
    try:
        return parse(text or "", there.catalogue)
    except FilterError:
        return None


def _shown(filter: Filter, there: Known) -> ShownGroup:
    return show(_group(filter), there.catalogue, there.labels)


def _group(filter: Filter) -> Group:
    return convert(to_rows(filter), Group)


def _problem(text: str, error: FilterError) -> Problem:
    at = len(text) if error.position is None else min(error.position, len(text))
    end = min(len(text), at + error.length)
    return Problem(error.message, error.hint or "", at, end - at, text[:at], text[at:end], text[end:])


def of_rows(draft: Group, there: Known, applied: str) -> Bar:
    """Return the bar of rows; those that are not finished are shown, and do not count yet."""
    done = finished(draft, there.catalogue)
    problems: dict[Path, str] = {}
    try:
        found = from_rows(_built(done.group), there.catalogue)
    except FilterError as error:
        problems[done.places.get(error.path, ())] = f"{error.message} {error.hint or ''}".strip()
        found = _readable(applied, there)
    return Bar(
        text=write(found),
        applied=write(found),
        filter=found,
        rows=show(draft, there.catalogue, there.labels, problems),
        has_row_problem=bool(problems),
        is_open=True,
    )


def too_deep(error: FilterError, there: Known, applied: str) -> Bar:
    """Return the bar where rows cannot be taken at all."""
    before = _readable(applied, there)
    rows = show(_group(before), there.catalogue, there.labels, {(): f"{error.message} {error.hint or ''}".strip()})
    return Bar(text=write(before), applied=write(before), filter=before, rows=rows, has_row_problem=True, is_open=True)


def _built(group: Group) -> object:
    return to_builtins(group)


def focus(rows: ShownGroup, what: str, path: Path) -> str:
    """Return the id of what a button leaves the focus at: the new row, the row in the place of one that is gone."""
    if what == "clear":
        return "filter-text"
    if what == "remove":
        group = _group_at(rows, path[:-1])
        last = None if group is None else len(group.rows) - 1
        return f"column-{_anchor((*path[:-1], min(path[-1], last)))}" if last is not None and path else "column-0"
    group = _group_at(rows, path)
    if what not in ("add", "nest") or group is None:
        return ""
    last_row = group.rows[-1]
    return f"column-{last_row.anchor}" if isinstance(last_row, ShownRow) else f"column-{last_row.anchor}-0"


def _group_at(rows: ShownGroup, path: Path) -> ShownGroup | None:
    for number in path:
        inner = rows.rows[number] if number < len(rows.rows) else None
        if not isinstance(inner, ShownGroup):
            return None
        rows = inner
    return rows


def _anchor(path: Path) -> str:
    return "-".join(map(str, path))
