"""`noroam account`: real processes over a real Redis."""

from pathlib import Path
from subprocess import CompletedProcess

import pytest
from noroam_cli import NoroamCli

from sdk.accounts import Accounts
from sdk.bus.redis_bus import RedisBus

PASSWORD = "a password of a person"


@pytest.fixture
def cli(redis_bus: RedisBus, redis_url: str, tmp_path: Path) -> NoroamCli:
    assert redis_bus is not None
    return NoroamCli(tmp_path, {"REDIS_URL": redis_url})


async def typed(
    cli: NoroamCli, *arguments: str, text: str = PASSWORD + "\n"
) -> CompletedProcess[str]:
    """Run it with something on stdin, and no terminal."""
    return await cli.run("account", *arguments, stdin=text)


async def test_the_life_of_accounts(cli: NoroamCli, redis_bus: RedisBus) -> None:
    made = await typed(cli, "add", "Ada", "--role", "administrator", "--json")
    assert made.returncode == 0, made.stderr
    assert PASSWORD not in made.stdout + made.stderr
    assert "argon2" not in made.stdout
    accounts = Accounts(redis_bus)
    (stored,) = (await accounts.stored()).values()
    with accounts.passwords.place() as line:
        assert await accounts.passwords.match(stored.hash, PASSWORD, line)
    assert "m=65536,t=3,p=1" in stored.hash

    for arguments in (("remove", "ada"), ("disable", "ADA"), ("role", "Ada", "viewer")):
        assert "last administrator" in await cli.refused("account", *arguments)
    assert (await typed(cli, "add", "Bob", "--role", "viewer")).returncode == 0
    assert "already" in (await typed(cli, "add", "bob", "--role", "viewer")).stderr
    assert (await cli.json("account", "role", "bob", "operator"))["role"] == "operator"
    await cli.done("account", "disable", "Bob")
    listed = await cli.json("account", "list")
    assert [(each["name"], each["role"]) for each in listed] == [
        ("Ada", "administrator"),
        ("Bob", "operator"),
    ]
    assert listed[1]["disabled_at"]
    assert "Bob" in await cli.done("account", "list")
    await cli.done("account", "enable", "Bob")
    changed = await typed(cli, "password", "Bob", text="one more password\n")
    assert changed.returncode == 0, changed.stderr
    await cli.done("account", "remove", "Bob")
    assert "no account" in await cli.refused("account", "remove", "Bob")


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [
        ("Ada", "", "12 to 200"),
        ("Ada", "short\n", "12 to 200"),
        ("Ada", "ababababababab\n", "different"),
        ("a/b", PASSWORD, "a name has"),
    ],
)
async def test_what_cannot_be_is_told(cli: NoroamCli, name: str, password: str, told: str) -> None:
    refused = await typed(cli, "add", name, "--role", "viewer", text=password)
    assert refused.returncode == 1
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
