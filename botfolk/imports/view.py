"""An import as the API and the command give it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from botfolk.imports.manage import State, Whole, tally_of
from botfolk.imports.mapping import Plan
from botfolk.imports.verdicts import Example
from botfolk.jobs.runs import Job


class Column(Struct, frozen=True):
    """A column: its name, what it becomes ("email", "attribute:plan:text", "skip"…), and some of what stands in it."""

    name: str
    target: str
    samples: list[str]


class Progress(Struct, frozen=True, kw_only=True):
    """A rehearsal (`check`) or the import itself (`apply`).

    `counts`: rows by verdict (create, update, unchanged, skipped, error); `total`: rows, estimated while it runs;
    `duplicates`: rows of a person whom an earlier row of the file makes; `examples`: the first rows of each verdict.
    `errors_url`: the rows that the newest run did not take, with why, as CSV; `verdicts_url`: every row's verdict.
    """

    job_id: UUID
    state: str
    done: int
    total: int | None
    counts: dict[str, int]
    duplicates: int
    error: str | None
    examples: list[Example]
    errors_url: str
    verdicts_url: str
    undone_by: UUID | None


class ImportView(Struct, frozen=True, kw_only=True):
    """An import. `known_as`: the service whose export it is, "remembered" for a mapping used before, or empty."""

    id: UUID
    name: str
    size: int
    state: State
    encoding: str
    delimiter: str
    known_as: str
    columns: list[Column]
    clear: str
    country: str
    only: str
    created_at: datetime
    created_by: str | None
    check: Progress | None
    apply: Progress | None


def view(whole: Whole, base: str = "") -> ImportView:
    """Return an import as it is given; `base`: the address of the installation."""
    found, mapping = whole.found, whole.found.mapping
    return ImportView(
        id=found.id,
        name=found.name,
        size=found.size,
        state=whole.state,
        encoding=found.encoding,
        delimiter=found.delimiter,
        known_as=found.known_as,
        columns=columns(found.columns, mapping, found.samples),
        clear=mapping.clear,
        country=mapping.country,
        only=mapping.only,
        created_at=found.created_at,
        created_by=found.actor,
        check=progress(whole.check, found.id, base),
        apply=progress(whole.apply, found.id, base),
    )


def columns(names: list[str], mapping: Plan, rows: list[list[str]], most: int = 5) -> list[Column]:
    """Return the columns with what they become and the first values that are not blank."""
    return [
        Column(name, target, [row[number][:100] for row in rows if row[number].strip()][:most])
        for number, (name, target) in enumerate(zip(names, mapping.columns, strict=True))
    ]


def progress(job: Job | None, import_id: UUID, base: str) -> Progress | None:
    """Return a job of an import as it is given."""
    if job is None:
        return None
    tally = tally_of(job)
    address = f"{base}/api/v1/imports/{import_id}"
    return Progress(
        job_id=job.id,
        state=job.state,
        done=job.done,
        total=job.total,
        counts=tally.counts,
        duplicates=tally.duplicates,
        error=job.error,
        examples=tally.examples,
        errors_url=f"{address}/errors",
        verdicts_url=f"{address}/verdicts",
        undone_by=job.undone_by,
    )
