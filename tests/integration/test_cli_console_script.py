"""The installed console script itself, as real processes: it starts, helps and completes."""

from importlib.metadata import version
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from noroam_cli import NoroamCli

from sdk.bus.redis_bus import RedisBus


@pytest.fixture
def cli(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> NoroamCli:
    assert redis_bus is not None
    return NoroamCli(tmp_path, {"REDIS_URL": redis_url})


def really(cli: NoroamCli, *arguments: str, **more: str) -> CompletedProcess[str]:
    process = cli.start(*arguments, **more)
    told, failed = process.communicate(timeout=60)
    return CompletedProcess(["noroam", *arguments], process.returncode, told, failed)


def test_it_tells_its_version(cli: NoroamCli) -> None:
    result = really(cli, "version")
    assert (result.returncode, result.stdout) == (0, f"{version('noroam')}\n")


def test_a_shell_can_complete_it(cli: NoroamCli) -> None:
    completing = {
        "_NOROAM_COMPLETE": "complete_bash",
        "COMP_WORDS": "noroam charge-",
        "COMP_CWORD": "1",
    }
    assert really(cli, **completing).stdout.split() == ["charge-point"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--help",), 0),
        (("charge-point", "add", "--help"), 0),
        (("status", "--json"), 0),
        (("id-tag", "show", "T"), 1),
        (("nonsense",), 2),
        (("authority", "status"), 2),
    ],
)
def test_it_does_what_a_forked_one_does(
    cli: NoroamCli, arguments: tuple[str, ...], code: int
) -> None:
    result, forked = really(cli, *arguments), cli.ended(*arguments)
    assert result.returncode == forked.returncode == code
    assert result.stdout == forked.stdout
    assert result.stderr == forked.stderr
    assert result.stdout or result.stderr
