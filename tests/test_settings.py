"""Settings: read from the environment, every problem told at once, the key made once."""

import stat
from pathlib import Path

import pytest

from botfolk.settings import SETTINGS, Settings, SettingsError, load

KEY = "k" * 40


def _load(tmp_path: Path, **variables: str) -> Settings:
    return load({"BOTFOLK_DATA_DIR": str(tmp_path), **{f"BOTFOLK_{name}": value for name, value in variables.items()}})


def test_without_any_setting_it_listens_on_this_machine_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load({"HOME": "/nowhere"})
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.data_dir == tmp_path / "data"
    assert settings.database_url is None
    assert not settings.allow_private_addresses


def test_the_command_line_wins_over_the_environment(tmp_path: Path) -> None:
    env = {"BOTFOLK_DATA_DIR": str(tmp_path), "BOTFOLK_PORT": "9000", "BOTFOLK_HOST": "10.0.0.1"}
    settings = load(env, {"port": "9001"})
    assert (settings.host, settings.port) == ("10.0.0.1", 9001)


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000"), ("crm.local", "http://crm.local:8000")],  # noqa: S104
)
def test_the_public_address_follows_the_host(tmp_path: Path, host: str, url: str) -> None:
    assert _load(tmp_path, HOST=host).public_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "host=here"),
        ("PUBLIC_URL", "crm.example.com"),
        ("PUBLIC_URL", "https://crm.example.com/botfolk"),
        ("PUBLIC_URL", "https://user:word@crm.example.com"),
        ("PUBLIC_URL", "https://crm.example.com:port"),
        ("SECRET_KEY", "short"),
        ("QUEUE_SIZE", "0"),
        ("BATCH_SIZE", "-1"),
        ("DB_POOL_SIZE", "1.5"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("TELEGRAM_API_BASE", "ftp://api"),
        ("ALLOW_PRIVATE_ADDRESSES", "perhaps"),
        ("SHUTDOWN_SECONDS", "nan"),
        ("SHUTDOWN_SECONDS", "-1"),
    ],
)
def test_a_wrong_value_is_told_by_its_name_and_what_is_expected(tmp_path: Path, name: str, value: str) -> None:
    expected = next(setting.expected for setting in SETTINGS if setting.variable == f"BOTFOLK_{name}")
    with pytest.raises(SettingsError) as told:
        _load(tmp_path, **{name: value})
    assert f"BOTFOLK_{name}" in str(told.value)
    assert expected in str(told.value)


def test_all_problems_are_told_at_once_and_a_secret_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        _load(tmp_path, PORT="no", SECRET_KEY="hush", LOG_LEVL="info", DATABASE_URL="mysql://me:hush@host")
    lines = str(told.value).splitlines()
    assert len(lines) == 4
    assert "hush" not in str(told.value)
    assert any("BOTFOLK_LOG_LEVL is not a setting" in line for line in lines)
    assert any("BOTFOLK_PORT is 'no'" in line for line in lines)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first, second = _load(folder).secret_key, _load(folder).secret_key
    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret.key"]


def test_a_given_key_is_not_written_anywhere(tmp_path: Path) -> None:
    assert _load(tmp_path, SECRET_KEY=KEY).secret_key == KEY
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_key_file_is_refused_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(SettingsError, match=r"secret\.key holds no secret key"):
        _load(tmp_path)
    assert (tmp_path / "secret.key").read_text() == ""


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="BOTFOLK_DATA_DIR"):
        _load(tmp_path / "file")


def test_settings_do_not_show_their_secrets_when_printed(tmp_path: Path) -> None:
    settings = _load(tmp_path, SECRET_KEY=KEY, DATABASE_URL="postgresql://me:hush@host/name")
    assert KEY not in repr(settings)
    assert "hush" not in repr(settings)
