"""What the commands about identities share: the chain, its registry, and who pays for the gas."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import SecretStr, field_validator

from sdk.cli_token import ChainSettings
from sdk.errors import InvalidInputError, NoroamError
from sdk.settings import CommaList, SettingsError, read_settings

if TYPE_CHECKING:  # slow to load
    from sdk.bus.interface import Bus
    from sdk.chain.accounts import SigningKey
    from sdk.chain.client import ChainClient
    from sdk.chain.sender import Sender
    from sdk.did.registry import DidRegistry

T = TypeVar("T")

GasKeyFile = Annotated[
    Path | None,
    typer.Option(
        "--gas-key-file",
        envvar="GAS_KEY_FILE",
        help="The keystore, under KEYS_PASSWORD, of who pays the gas (else: the one that signs).",
    ),
]


class GasAccountError(NoroamError):
    """The account that is to pay can't; send it some of the chain's token."""

    @classmethod
    def of(cls, payer: str) -> "GasAccountError":
        """Say which account it is."""
        return cls(
            f"{payer} can't pay for the gas: send it some of the chain's token, or name another "
            "account by --gas-key-file"
        )


class IdentitySettings(ChainSettings):
    """Settings of the commands that read or change DIDs."""

    gas_key: SecretStr | None = None
    gas_key_file: Path | None = None
    authority_dids: CommaList = ()

    @field_validator("authority_dids")
    @classmethod
    def _are_dids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from sdk.did.credential import trusted_authorities  # noqa: PLC0415 - slow to load
        from sdk.did.errors import MalformedDidError  # noqa: PLC0415

        try:
            trusted_authorities(value)
        except MalformedDidError as error:
            raise ValueError(str(error)) from None
        return value


def identity_settings() -> IdentitySettings:
    """Read the environment. Raises SettingsError."""
    return read_settings(IdentitySettings)


@dataclass(frozen=True, slots=True)
class ChainAccess:
    """The chain as a command uses it."""

    client: "ChainClient"
    registry: "DidRegistry"

    def sender(self, key: "SigningKey", bus: "Bus | None" = None) -> "Sender":
        """Send as `key`; with a bus beside others that send from the account, also services."""
        from sdk.bus.sent_journal import SentJournal  # noqa: PLC0415 - slow to load
        from sdk.chain.sender import Sender  # noqa: PLC0415

        journal = SentJournal(bus, self.client.chain_id, key.address) if bus else None
        return Sender(self.client, key, journal=journal)


@asynccontextmanager
async def chain_access(chain_id: int) -> AsyncIterator[ChainAccess]:
    """Ask the chain by CHAIN_URLS. Raises SettingsError; GasAccountError in place of the chain's.

    What it gives raises ChainErrors, fit to be shown.
    """
    from sdk.chain.addresses import Deployment  # noqa: PLC0415 - slow to load
    from sdk.chain.client import ChainClient  # noqa: PLC0415
    from sdk.did.registry import DidRegistry  # noqa: PLC0415

    urls = identity_settings().chain_urls
    if not urls:
        raise SettingsError("CHAIN_URLS: is missing; identities are on the chain")
    client = ChainClient(urls, chain_id)
    try:
        yield ChainAccess(client, DidRegistry(client, Deployment()))
    finally:
        await client.close()


def run_on_chain(chain_id: int, work: Callable[[ChainAccess], Awaitable[T]]) -> T:
    """Do `work` with the chain; see `chain_access`."""

    async def attempt() -> T:
        async with chain_access(chain_id) as chain:
            return await work(chain)

    return asyncio.run(attempt())


def paying_key(gas_key_file: Path | None, signer: "SigningKey") -> "SigningKey":
    """Give the account that pays: GAS_KEY_FILE, GAS_KEY, or the one that signs.

    Slow on purpose (scrypt). Raises SettingsError, KeyFileError.
    """
    from sdk.chain.accounts import SigningKey, load_keystore  # noqa: PLC0415 - slow to load

    environment = identity_settings()
    file = gas_key_file or environment.gas_key_file
    if file is not None:
        return load_keystore(file, environment.require_keys_password())
    if environment.gas_key is not None:
        return SigningKey.from_hex(environment.gas_key.get_secret_value())
    return signer


@asynccontextmanager
async def paid_by(payer: str) -> AsyncIterator[None]:
    """Tell which account has too little, in place of InsufficientGasAccountError."""
    from sdk.chain.errors import InsufficientGasAccountError  # noqa: PLC0415 - slow to load

    try:
        yield
    except InsufficientGasAccountError as error:
        raise GasAccountError.of(payer) from error


def keystore_address(file: Path) -> str:
    """Give the account whose keystore this is, without opening it. Raises InvalidInputError."""
    from sdk.did.identifier import EthrDid  # noqa: PLC0415 - slow to load

    try:
        address = str(json.loads(file.read_text("utf-8"))["address"])
        return EthrDid.parse(f"did:ethr:0x1:0x{address.removeprefix('0x')}").address
    except OSError as error:
        raise InvalidInputError(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, InvalidInputError) as error:
        raise InvalidInputError(f"{file} is no keystore") from error
