"""`botfolk import`: beside nothing, and beside a running server."""

import json
from pathlib import Path

from benchmarks.stage import free_port
from tests.commands.test_beside_a_server import command, folder, served  # noqa: F401 - a fixture

FILE = "Vorname,E-Mail,Plan\nAnn,ann@example.com,gold\nBob,nope,x\n"


def imported(*words: str) -> tuple[int, dict[str, object]]:
    """What the command says as JSON."""
    done = command("import", *words, "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_people_of_a_file(folder: Path, tmp_path: Path) -> None:  # noqa: F811
    file, errors = tmp_path / "people.csv", tmp_path / "errors.csv"
    file.write_text(FILE)
    where = [str(file), "--data-dir", str(folder)]
    status, looked = imported(*where, "--dry-run")
    assert (status, looked["counts"], looked["columns"]) == (
        0, {"create": 1, "error": 1}, {"Vorname": "first_name", "E-Mail": "email", "Plan": "attribute:plan:text"},
    )  # fmt: skip
    with served(folder, free_port()):
        status, done = imported(*where, "--map", "Plan=tag:gold", "--errors", str(errors))
        assert status == 0
        assert done["counts"] == {"error": 2}, "“gold” is neither yes nor no"
        status, done = imported(*where, "--map", "Plan=tags")
        assert (done["state"], done["counts"], done["rows"]) == ("done", {"create": 1, "error": 1}, 2)
    assert "write yes or no" in errors.read_text()
    told = command("import", *where, "--map", "Plan=colour")
    assert (told.returncode, told.stdout) == (1, "")
    assert "Plan: “colour” is nothing a column can become" in told.stderr
    shown = command("import", *where)
    assert shown.stdout.splitlines()[0] == "0 new, 0 changed, 1 as they are, 0 passed over, 1 with errors", (
        "mapped as the last time"
    )
