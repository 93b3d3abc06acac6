"""`botfolk import`: users from a file, with a progress bar, beside a running server or without one."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import typer

from botfolk.commands.common import AsJson, Bot, DataDir, bot_id_of, fail, settings_of, with_services

_LOOK_SECONDS = 0.2


def import_users(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX; the first row names the columns.", dir_okay=False)],
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="What a column becomes, as COLUMN=TARGET: email, phone, first_name…, name, attribute:plan:text, tags,"
            " tag:vip, identity:CHANNEL-ID, id, note, status or skip. The rest is as suggested.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    only: Annotated[str, typer.Option(help="create: only new people; update: only users.")] = "",
    country: Annotated[str, typer.Option(help="Of phone numbers without a country code, like MY.")] = "",
    clear: Annotated[str, typer.Option(help="What clears a value; a blank leaves it.")] = "--",
    encoding: Annotated[str, typer.Option(help="Where it is not judged rightly.")] = "",
    delimiter: Annotated[str, typer.Option(help="Where it is not judged rightly; “tab” for a tab.")] = "",
    errors: Annotated[
        Path | None, typer.Option(help="Write the rows that were not taken, with why, to this file.")
    ] = None,
    bot: Bot = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Import users from a CSV or XLSX file.

    A row changes the user with its identity, id, email or phone, or makes a new one. Nobody is unblocked, unarchived or
    subscribed again. What was imported can be undone on the page of the import.
    """
    settings = settings_of(data_dir=data_dir)
    from botfolk.imports.delimited import Unreadable
    from botfolk.imports.manage import CannotImport
    from botfolk.imports.mapping import BadMapping

    columns = dict(_pair(given) for given in maps or [])
    chosen = {"only": only, "country": country, "clear": clear}
    written = {"encoding": encoding, "delimiter": "\t" if delimiter == "tab" else delimiter}

    async def act(services: Any) -> dict[str, object]:
        bot_id = await bot_id_of(services, bot)
        return await _import(
            services,
            bot_id,
            file,
            columns=columns,
            settings=chosen,
            written={name: value for name, value in written.items() if value},
            dry_run=dry_run,
            errors=errors,
            quiet=as_json,
        )

    try:
        done = with_services(settings, act)
    except (Unreadable, CannotImport, OSError) as error:
        fail(str(error))
    except BadMapping as error:
        fail("\n".join(f"{column}: {text}" for column, text in error.errors.items()))
    if as_json:
        typer.echo(msgspec.json.encode(done).decode())
    else:
        _tell(done)
    raise SystemExit(0 if done["state"] == "done" else 1)


def _pair(given: str) -> tuple[str, str]:
    column, equals, target = given.rpartition("=")
    if not equals or not column:
        fail(f"--map {given}: write COLUMN=TARGET, like --map 'E-Mail=email'")
    return column, target


async def _import(
    services: Any,
    bot_id: UUID,
    file: Path,
    *,
    columns: dict[str, str],
    settings: dict[str, str],
    written: dict[str, str],
    dry_run: bool,
    errors: Path | None,
    quiet: bool,
) -> dict[str, object]:
    from botfolk.imports import manage, upload
    from botfolk.imports.verdicts import ERRORS
    from botfolk.users.edits import Actor

    actor = Actor("import", "botfolk import")
    made = await upload.upload_file(services, bot_id, actor, file)
    async with services.pool.connection() as connection:
        if written:
            await manage.change(connection, bot_id, made.id, written=written)
        changed = await manage.change(connection, bot_id, made.id, columns=columns, settings=settings)
        what: Literal["check", "apply"] = "check" if dry_run else "apply"
        now = services.clock()
        job_id = await manage.start(connection, bot_id, made.id, what, actor, now, unchecked=True)
    job = await _follow(services, bot_id, job_id, "Checking" if dry_run else "Importing", quiet=quiet)
    if errors is not None:
        await _save(services, bot_id, job_id, ERRORS, errors)
    tally = manage.tally_of(job)
    return {
        "import": made.id,
        "job": job_id,
        "state": job.state,
        "dry_run": dry_run,
        "rows": job.done,
        "counts": tally.counts,
        "duplicates": tally.duplicates,
        "columns": dict(zip(changed.columns, changed.mapping.columns, strict=True)),
        "problems": [example.words for example in tally.examples if example.kind in ("error", "skipped")][:20],
        "error": job.error,
    }


async def _follow(services: Any, bot_id: UUID, job_id: UUID, title: str, *, quiet: bool) -> Any:
    """Do a job's steps here, together with the server if one runs, and show how far it is."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
    )

    from botfolk.jobs import running, runs
    from botfolk.jobs.fetching import Reach
    from botfolk.jobs.kinds import kinds

    reach = Reach(pool=services.pool, http=services.http, channels=services.channels, kinds={}, clock=services.clock)
    shown = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    with Progress(*shown, console=Console(stderr=True), disable=quiet) as progress:
        bar = progress.add_task(title, total=None)
        working: asyncio.Task[None] | None = None
        try:
            while True:
                async with services.pool.connection() as connection:
                    job = await runs.get(connection, bot_id, job_id)
                if job is None or not job.is_open:
                    break
                progress.update(bar, completed=job.done, total=job.total)
                if working is None or working.done():
                    await _raise_of(reach, working, bot_id, job_id)
                    working = asyncio.create_task(running.run(reach, kinds(), bot_id, job_id, seconds=3600))
                await asyncio.wait({working}, timeout=_LOOK_SECONDS)
            if job is not None:
                progress.update(bar, completed=job.done, total=job.total)
        except asyncio.CancelledError:
            async with services.pool.connection() as connection:
                await runs.cancel(connection, bot_id, job_id, services.clock())
            raise
        finally:
            if working is not None:
                working.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await working
    return job


async def _raise_of(reach: Any, working: "asyncio.Task[None] | None", bot_id: UUID, job_id: UUID) -> None:
    """Note what broke a job; one that another process does a step of is looked at again."""
    from botfolk.jobs import running

    if working is None:
        return
    error = working.exception()
    if isinstance(error, Exception):
        await running.fail(reach, bot_id, job_id, running.reason(error))
    await asyncio.sleep(_LOOK_SECONDS)


async def _save(services: Any, bot_id: UUID, job_id: UUID, name: str, path: Path) -> None:
    from botfolk.jobs import files

    with open(path, "wb") as target:  # noqa: ASYNC230 - nothing else is done meanwhile
        async for piece in files.read(services.pool, bot_id, job_id, name):
            target.write(piece)


def _tell(done: dict[str, Any]) -> None:
    counts = done["counts"]
    words = {
        "create": "new",
        "update": "changed",
        "unchanged": "as they are",
        "skipped": "passed over",
        "error": "with errors",
    }
    typer.echo(", ".join(f"{counts.get(kind, 0)} {word}" for kind, word in words.items()))
    for problem in done["problems"]:
        typer.echo(f"  {problem}")
    if done["dry_run"]:
        typer.echo("Nothing was changed. The columns:")
        for column, target in done["columns"].items():
            typer.echo(f"  {column} → {target}")
    if done["error"]:
        typer.echo(f"botfolk: {done['error']}", err=True)
