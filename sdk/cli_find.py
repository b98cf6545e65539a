"""`noroam find`: the stations that announce themselves, and are what they say."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import Field

from sdk import logs
from sdk.cli_context import print_json
from sdk.cli_find_show import print_found, print_line, shown
from sdk.cli_options import Json
from sdk.cli_token import ChainSettings
from sdk.settings import CommaList, SettingsError, read_settings

if TYPE_CHECKING:
    from sdk.cli_find_search import Priced, Search

Bootstrap = Annotated[
    list[str] | None,
    typer.Option(
        "--bootstrap",
        help="A peer to ask, as /ip4/.../tcp/.../p2p/<peer id>; can be given several times "
        "(P2P_BOOTSTRAP).",
    ),
]
Mdns = Annotated[
    list[str] | None,
    typer.Option(
        "--mdns",
        help="Look around on the interface that has this IP address, too; can be given several "
        "times (P2P_MDNS).",
    ),
]
Seconds = Annotated[
    float, typer.Option("--seconds", min=0.1, max=600, help="Look no longer than this.")
]
Plug = Annotated[str | None, typer.Option("--plug", help="Only with this plug, such as CCS.")]
Free = Annotated[bool, typer.Option("--free", help="Only where a connector is free.")]
Watch = Annotated[bool, typer.Option("--watch", help="Go on, and show what changes.")]


class FindSettings(ChainSettings):
    """What `noroam find` reads from the environment."""

    chain_id: int = Field(default=0, ge=0)
    authority_dids: CommaList = ()
    native_symbol: str = ""
    p2p_bootstrap: CommaList = ()
    p2p_mdns: CommaList = ()


def find(  # noqa: PLR0913 - each is an option
    *,
    bootstrap: Bootstrap = None,
    mdns: Mdns = None,
    seconds: Seconds = 5.0,
    plug: Plug = None,
    free: Free = False,
    watch: Watch = False,
    json_output: Json = False,
) -> None:
    """List the stations that announce themselves, with price, plugs and what is free.

    Each is looked up on the chain (CHAIN_URLS, CHAIN_ID), and shown only if an authority that is
    trusted (AUTHORITY_DIDS) vouches for it and its DID document says the same.
    """
    chosen = _settings(tuple(bootstrap or ()), tuple(mdns or ()))

    def choose(found: "list[Priced]") -> "list[Priced]":
        return [it for it in found if it.has_plug(plug) and (it.found.free or not free)]

    async def once(search: "Search") -> None:
        await search.wait(seconds)
        stations = choose(await search.stations())
        if json_output:
            print_json([shown(station) for station in stations])
        else:
            print_found(stations)
        if search.missing:
            typer.echo(f"noroam: {search.missing}", err=True)

    async def for_ever(search: "Search") -> None:
        await search.wait(seconds)
        async for found in search.changes():
            print_line(choose(found)) if json_output else print_found(choose(found))

    asyncio.run(_run(chosen, for_ever if watch else once))


async def _run(chosen: FindSettings, work: "Callable[[Search], Awaitable[None]]") -> None:
    from sdk.cli_find_search import searching  # noqa: PLC0415 - slow to load

    # After libp2p is loaded, which sets up its own.
    logs.configure("noroam", "WARNING", form=chosen.log_format)
    async with searching(
        chosen.chain_urls, chosen.chain_id, chosen.authority_dids, chosen.native_symbol
    ) as search:
        search.look_around(chosen.p2p_bootstrap, chosen.p2p_mdns)
        await work(search)


def _settings(bootstrap: tuple[str, ...], mdns: tuple[str, ...]) -> FindSettings:
    read = read_settings(FindSettings)
    changes = {"p2p_bootstrap": bootstrap or read.p2p_bootstrap, "p2p_mdns": mdns or read.p2p_mdns}
    chosen = read.model_copy(update=changes)
    if not chosen.p2p_bootstrap and not chosen.p2p_mdns:
        raise SettingsError("P2P_BOOTSTRAP: is missing; give --bootstrap, or look nearby (--mdns)")
    for variable, why in (
        ("chain_urls", "stations are looked up on the chain"),
        ("chain_id", "stations are looked up on the chain"),
        ("authority_dids", "stations are vouched for by an authority that you trust"),
    ):
        if not getattr(chosen, variable):
            raise SettingsError(f"{variable.upper()}: is missing; {why}")
    return chosen
