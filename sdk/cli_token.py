"""The options of a charge point's token, and its decimals as the chain tells them."""

import asyncio
import re
from typing import TYPE_CHECKING, Annotated

import typer

from sdk.cli_context import CliSettings
from sdk.errors import InvalidInputError, UnavailableError
from sdk.fields import NATIVE_TOKEN
from sdk.settings import CommaList, SettingsError, read_settings

if TYPE_CHECKING:
    from sdk.chain.tokens import TokenInfo

TOKEN_UNIT = "token"  # noqa: S105 - no secret
"""The `--unit` that stands for as many decimals as the chain says that the token has."""
_NATIVE = "native"

Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        help="The ERC-20 contract that it sells for, which the Session Manager's TOKENS must "
        "allow; or native (new: native).",
    ),
]
Limit = Annotated[
    str | None,
    typer.Option(
        "--exposure-limit",
        help="Deliver no further ahead of the vouchers (new: what an app in good order can reach).",
    ),
]


class ChainSettings(CliSettings):
    """Settings of the commands that ask the chain."""

    chain_urls: CommaList = ()


def token_address(text: str | None) -> str | None:
    """Read `--token`; None: not given. Raises InvalidInputError."""
    if text is None:
        return None
    if text == _NATIVE:
        return NATIVE_TOKEN
    if re.fullmatch(r"0x[0-9a-fA-F]{40}", text) is None:
        raise InvalidInputError(f"{text!r} is no address of a contract, nor {_NATIVE}")
    return text


def unit_of(unit: str, token: str | None, chain_id: int) -> str:
    """Give the `unit` that amounts are written in; "token" becomes the token's decimals.

    They are asked of the chain by CHAIN_URLS. Raises SettingsError without it; InvalidInputError
    for what is no token or no such chain; UnavailableError while no node answers.
    """
    if unit != TOKEN_UNIT:
        return unit
    if token is None or token == NATIVE_TOKEN:
        return "ether"
    urls = read_settings(ChainSettings).chain_urls
    if not urls:
        raise SettingsError("CHAIN_URLS: is missing; --unit token asks the chain for the decimals")
    return str(asyncio.run(_read(urls, chain_id, token)).decimals)


async def _read(urls: tuple[str, ...], chain_id: int, token: str) -> "TokenInfo":
    from sdk.chain.client import ChainClient  # noqa: PLC0415 - slow to load
    from sdk.chain.errors import (  # noqa: PLC0415
        ChainUnavailableError,
        NotATokenError,
        WrongChainError,
    )
    from sdk.chain.tokens import Tokens  # noqa: PLC0415

    client = ChainClient(urls, chain_id)
    try:
        return await Tokens(client).read(token)
    except (NotATokenError, WrongChainError) as error:
        raise InvalidInputError(f"--unit token: {error}") from error
    except ChainUnavailableError as error:
        raise UnavailableError(
            f"--unit token: {error}; give the number of decimals as --unit instead"
        ) from error
    finally:
        await client.close()
