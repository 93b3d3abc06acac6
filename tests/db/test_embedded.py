"""The embedded server: started, shared, killed, ended by the last one who uses it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from botfolk.db.embedded import Embedded, EmbeddedError, start


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="botfolk-emb-"))
    yield folder
    pid_file = folder / "postgres" / "data" / "postmaster.pid"
    if pid_file.exists():  # a failed test left it running
        with suppress(ProcessLookupError):
            os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def _pid(server: Embedded) -> int:
    pid_file = server.data_dir / "postgres" / "data" / "postmaster.pid"
    return int(pid_file.read_text().splitlines()[0])


def _answers(server: Embedded) -> bool:
    try:
        with psycopg.connect(server.dsn) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_a_new_data_folder_gets_a_server_with_an_empty_database(data_dir: Path) -> None:
    server = start(data_dir, fsync=False)
    assert server.started_here
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(
            "SELECT current_database(), current_setting('listen_addresses'), current_setting('TimeZone'),"
            " pg_encoding_to_char(encoding), datlocale FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == ("botfolk", "", "UTC", "UTF8", "C.UTF-8")
    assert server.stop()
    assert not _answers(server)


def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    first = start(data_dir, fsync=False)
    with psycopg.connect(first.dsn) as connection:
        connection.execute("CREATE TABLE people AS SELECT 'Ann' AS name")
    first.stop()
    second = start(data_dir, fsync=False)
    with psycopg.connect(second.dsn) as connection:
        assert connection.execute("SELECT name FROM people").fetchone() == ("Ann",)
    second.stop()


def test_nobody_else_may_enter_the_servers_folder(data_dir: Path) -> None:
    server = start(data_dir, fsync=False)
    assert (data_dir / "postgres").stat().st_mode & 0o777 == 0o700
    server.stop()


def test_a_command_beside_the_server_attaches_and_the_last_one_stops_it(data_dir: Path) -> None:
    serve = start(data_dir, fsync=False)
    command = start(data_dir, fsync=False)
    assert not command.started_here
    assert _pid(command) == _pid(serve)
    assert not serve.stop()
    assert _answers(command)
    assert command.stop()
    assert not _answers(command)


def test_to_stop_twice_ends_the_use_once(data_dir: Path) -> None:
    serve, command = start(data_dir, fsync=False), start(data_dir, fsync=False)
    assert not command.stop()
    assert not command.stop()
    assert _answers(serve)
    assert serve.stop()


def test_a_server_whose_application_was_killed_is_found_again_and_stopped_by_the_next(data_dir: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from botfolk.db.embedded import start;"
        "start(Path(sys.argv[1]), fsync=False); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(data_dir)], check=False)
    assert ended.returncode == -signal.SIGKILL
    server = start(data_dir, fsync=False)
    assert not server.started_here
    assert _answers(server)
    assert server.stop()


def test_a_server_that_was_killed_starts_again(data_dir: Path) -> None:
    first = start(data_dir, fsync=False)
    os.kill(_pid(first), signal.SIGKILL)
    second = start(data_dir, fsync=False)
    assert second.started_here
    assert _answers(second)
    first.stop()
    assert _answers(second)
    assert second.stop()


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_hindrance(data_dir: Path) -> None:
    first = start(data_dir, fsync=False)
    kept = (data_dir / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
    first.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        pid_file = data_dir / "postgres" / "data" / "postmaster.pid"
        pid_file.write_text("\n".join([str(stranger.pid), *kept[1:]]) + "\n")
        shutil.chown(pid_file, (data_dir / "postgres").stat().st_uid)
        second = start(data_dir, fsync=False)
        assert second.started_here
        assert _answers(second)
        second.stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_path_too_long_for_a_socket_gets_a_private_folder_elsewhere(data_dir: Path) -> None:
    deep = data_dir.joinpath(*["a-folder-with-a-long-name"] * 5)
    if os.geteuid() == 0:
        data_dir.chmod(0o711)
    server = start(deep, fsync=False)
    with psycopg.connect(server.dsn) as connection:
        sockets = Path(connection.info.host)
    assert not sockets.is_relative_to(data_dir)
    assert sockets.stat().st_mode & 0o777 == 0o700
    server.stop()
    sockets.rmdir()


def test_a_cluster_of_another_version_is_refused_with_a_way_out(data_dir: Path) -> None:
    start(data_dir, fsync=False).stop()
    (data_dir / "postgres" / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 15.*dump.*BOTFOLK_DATABASE_URL"):
        start(data_dir, fsync=False)


def test_a_data_folder_that_is_a_file_is_refused_by_name(data_dir: Path) -> None:
    (data_dir / "file").write_text("")
    with pytest.raises(EmbeddedError, match="file cannot be used"):
        start(data_dir / "file")


def test_a_broken_configuration_is_told_from_the_log_at_once(data_dir: Path) -> None:
    start(data_dir, fsync=False).stop()
    with (data_dir / "postgres" / "data" / "postgresql.auto.conf").open("a") as conf:
        conf.write("shared_buffers = 'much'\n")
    with pytest.raises(EmbeddedError, match="configuration"):
        start(data_dir, fsync=False)
