"""`botfolk export`: users into a file, as they are at one moment."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from botfolk.commands.common import AsJson, Bot, DataDir, bot_id_of, fail, settings_of, show, with_services

FORMS = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file; one of that name is replaced.")],
    filter: Annotated[str, typer.Option(help="Which users, like: tag = vip and messages > 10. Everyone without.")] = "",
    format: Annotated[str, typer.Option(help="csv, xlsx or jsonl; as the file's name says when left out.")] = "",
    columns: Annotated[str, typer.Option(help="Names with commas: email,tags,attributes.plan. All without.")] = "",
    status: Annotated[
        str, typer.Option(help="active, archived, blocked or all. Active without, unless the filter asks for a status.")
    ] = "",
    mark: Annotated[bool, typer.Option("--mark", help="Begin CSV with the mark by which Excel knows UTF-8.")] = False,
    bot: Bot = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write users into a file, as they are at one moment; a server may run beside it."""
    settings = settings_of(data_dir=data_dir)
    from botfolk.exports.exporting import Export
    from botfolk.exports.snapshot import write_snapshot
    from botfolk.filters import FilterError
    from botfolk.users.edits import InvalidEdit

    form = format or FORMS.get(output.suffix.lower(), "")
    if not form:
        fail(f"name the form of {output} with --format: csv, xlsx or jsonl")
    names = [name for name in columns.split(",") if name.strip()] or None
    asked = Export(form=form, filter=filter, status=status, columns=names, mark=mark)

    async def act(services: Any) -> dict[str, object]:
        bot_id = await bot_id_of(services, bot)
        async with services.pool.connection() as first, services.pool.connection() as second:
            with _progress(as_json) as told:
                done = await write_snapshot([first, second], bot_id, asked, output, services.clock(), told)
        return {"users": done, "file": str(output), "bytes": output.stat().st_size}

    try:
        show(with_services(settings, act), as_json)
    except InvalidEdit as error:
        fail("; ".join(f"{field}: {problem}" for field, problem in error.errors.items()))
    except FilterError as error:
        fail(f"the filter: {error}")
    except (OSError, psycopg.Error) as error:
        fail(f"{output} was not written: {error}")


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the terminal, where there is one."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(file=sys.stderr, quiet=quiet or not sys.stderr.isatty())
    bar = Progress(TextColumn("Exporting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console)
    with bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
