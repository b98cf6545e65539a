"""Settings are read from the environment, checked as a whole, and shown without secrets."""

from pathlib import Path
from typing import Self

import pytest
from pydantic import SecretStr, ValidationError, model_validator

from sdk.settings import (
    EXIT_SETTINGS,
    CommaList,
    Port,
    ServiceSettings,
    SettingsError,
    load_settings,
    mask_url,
    read_settings,
)


class GateSettings(ServiceSettings):
    gate_port: Port = 9000
    gate_secret: SecretStr
    gate_nodes: CommaList = ()
    gate_limits: tuple[int, ...] = ()
    gate_low: int = 1
    gate_high: int = 2

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.gate_low > self.gate_high:
            raise ValueError("GATE_LOW: is above GATE_HIGH")
        return self


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("REDIS_URL", "DATA_DIR", "LOG_LEVEL", "LOG_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATE_SECRET", "hush-hush")


def test_values_come_from_variables_without_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_PORT", "0")
    monkeypatch.setenv("GATE_NODES", "http://a:1, http://b:2,")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    settings = read_settings(GateSettings)
    assert settings.gate_port == 0
    assert settings.gate_nodes == ("http://a:1", "http://b:2")
    assert settings.log_level == "DEBUG"
    assert settings.data_dir == Path(".noroam")


def test_settings_are_frozen() -> None:
    settings = read_settings(GateSettings)
    with pytest.raises(ValidationError):
        setattr(settings, "gate_port", 1)  # noqa: B010 - the type checker refuses it, too


def test_no_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GATE_PORT=1234\n")
    assert read_settings(GateSettings).gate_port == 9000


def test_every_faulty_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATE_SECRET")
    monkeypatch.setenv("GATE_PORT", "70000")
    with pytest.raises(SettingsError) as caught:
        read_settings(GateSettings)
    assert "GATE_SECRET: is missing" in str(caught.value)
    assert "GATE_PORT: should be less than or equal to 65535" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_SECRET", "")
    with pytest.raises(SettingsError, match="GATE_SECRET: is missing"):
        read_settings(GateSettings)


def test_contradictions_name_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_LOW", "3")
    with pytest.raises(SettingsError, match=r"^GATE_LOW: is above GATE_HIGH$"):
        read_settings(GateSettings)


def test_what_cannot_be_parsed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE_LIMITS", "[1,")
    with pytest.raises(SettingsError, match=r"^GATE_LIMITS: cannot be parsed$"):
        read_settings(GateSettings)


def test_the_process_ends_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", "http://:hush-hush@127.0.0.1")
    with pytest.raises(SystemExit) as ended:
        load_settings(GateSettings, "gate")
    assert ended.value.code == EXIT_SETTINGS
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("gate: REDIS_URL: should start with redis://")
    assert "hush" not in said.err


def test_effective_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hush-hush@127.0.0.1:6379/0")
    monkeypatch.setenv("GATE_NODES", f"https://me:hush-hush@node/v3/{'a' * 32},http://127.0.0.1:1")
    shown = read_settings(GateSettings).effective()
    assert shown["GATE_SECRET"] == "***"
    assert shown["REDIS_URL"] == "redis://:***@127.0.0.1:6379/0"
    assert shown["GATE_NODES"] == "https://me:***@node/v3/***,http://127.0.0.1:1"
    assert "hush" not in str(read_settings(GateSettings))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://user:pw@h/1", "redis://user:***@h/1"),
        ("http://h/path?key=abc", "http://h/path?***"),
        ("http://[::1", "***"),
    ],
)
def test_urls_are_masked(url: str, shown: str) -> None:
    assert mask_url(url) == shown


def test_without_redis_url_the_launchers_file_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings = read_settings(GateSettings)
    with pytest.raises(SettingsError, match=r"REDIS_URL: is not set and .*redis\.url"):
        settings.require_redis_url()
    (tmp_path / "redis.url").write_text("redis://127.0.0.1:7/0\n")
    assert settings.require_redis_url() == "redis://127.0.0.1:7/0"
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:8/0")
    assert read_settings(GateSettings).require_redis_url() == "redis://127.0.0.1:8/0"
