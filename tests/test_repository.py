"""The repository itself: what everyone may rely on when they clone it."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from botfolk.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 500
LOCKS = ("run.txt", "build.txt", "dev.txt")
# Written apart, so that this file does not hold what it looks for.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("npmmirror", "com"),
        ("jfrog", "io"),
    )
)


@cache
def _files() -> list[Path]:
    """Every file that is, or would be, committed."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git repository, or no git here: which files belong to it is not known")
    names = listed.decode().split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def test_no_file_names_a_package_registry() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {registry}"
        for path in _files()
        for registry in REGISTRIES
        if registry in _text(path)
    ]
    assert named == []


@pytest.mark.parametrize("name", LOCKS)
def test_each_locked_package_has_one_version_and_a_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry, re.DOTALL), entry
    assert "://" not in text
    assert "@" not in text


def _pins(name: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^(\S+)==(\S+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))


def test_the_locks_agree_with_each_other() -> None:
    assert _pins("run.txt") | _pins("build.txt") <= _pins("dev.txt")


def test_the_pages_are_locked_with_hashes_and_without_addresses() -> None:
    text = (ROOT / "web" / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert text.count('"integrity"') == text.count('"node_modules/')


def test_no_python_file_is_longer_than_one_can_hold_in_mind() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / "botfolk").rglob("*.py")
        if path.parent.name != "versions"  # a migration is history: written once, never to be rearranged
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


@pytest.mark.parametrize("variable", [setting.variable for setting in SETTINGS])
def test_each_setting_is_documented_as_it_is(variable: str) -> None:
    [setting] = [each for each in SETTINGS if each.variable == variable]
    default = f"`{setting.default}`" if setting.default else "–"
    row = f"| `{variable}` | {default} | {setting.expected} | {setting.help} |"
    assert row in (ROOT / "docs" / "configuration.md").read_text().splitlines()


def test_no_setting_is_documented_that_there_is_not() -> None:
    known = {setting.variable for setting in SETTINGS} | {"BOTFOLK_TEST_BROWSER"}
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    named = {name for document in documents for name in re.findall(r"BOTFOLK_[A-Z_]+", document.read_text())}
    assert named - known == set()


def test_the_readme_shows_two_commands_and_no_more() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert [line for block in blocks for line in block.splitlines()] == ["make run", "make test"]


def test_links_in_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in (path for path in _files() if path.suffix == ".md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_continuous_integration_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "make test" in script.read_text()
