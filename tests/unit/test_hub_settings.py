"""The settings of hubs and of those behind them: what goes together, and what is announced."""

from typing import Any

import pytest
from pydantic import ValidationError

from p2p_server.identity import announced
from p2p_server.settings import P2pServerSettings
from sdk.p2p.protocols import HUB, MEMBER, RELAYED

SELF = "12D3KooWA4Xop1JaT3MHxwYMkCepYsv4iPVopMXwCz5iHYdBfeSB"
FIRST = "12D3KooWK9f8LNYmKmvZVusZuUowdMTY3gNs5SVGvoNDHkSLsvkq"
SECOND = "12D3KooWHETiddGM6DBkUt999KtQ489CByahxhLir34UnrKMwAAv"
TCP = f"/ip4/198.51.100.7/tcp/4001/p2p/{FIRST}"
WS = f"/dns4/hub.example/tcp/443/wss/p2p/{FIRST}"
OTHER = f"/ip6/2001:db8::1/tcp/4001/p2p/{SECOND}"


def test_several_addresses_are_of_one_hub() -> None:
    settings = P2pServerSettings(p2p_hubs=(TCP, OTHER, WS))
    assert settings.hubs == {FIRST: (TCP, WS), SECOND: (OTHER,)}


@pytest.mark.parametrize(
    ("given", "has"),
    [({}, set()), ({"p2p_hubs": (TCP,)}, {RELAYED}), ({"p2p_hub": "open"}, {HUB, MEMBER})],
)
def test_only_the_doors_of_its_roles_are_there(given: dict[str, Any], has: set[str]) -> None:
    protocols = set(P2pServerSettings(**given).protocols)
    assert protocols & {HUB, MEMBER, RELAYED} == has


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"p2p_hubs": ("/ip4/1.2.3.4/tcp/1",)}, "leads to no peer"),
        ({"p2p_hubs": (f"{TCP}/p2p-circuit/p2p/{SECOND}",)}, "over another hub"),
        ({"p2p_announce": ("none",)}, "P2P_HUBS"),
        ({"p2p_hub": "members"}, "P2P_HUB_MEMBERS"),
        ({"p2p_hub": "open", "p2p_hub_members": (FIRST,)}, "P2P_HUB_MEMBERS"),
    ],
)
def test_what_makes_no_sense_is_told(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        P2pServerSettings(**given)


def test_direct_addresses_are_announced_first_and_each_hub_after_them() -> None:
    over_hub = f"{TCP}/p2p-circuit/p2p/{SELF}"
    here = "/ip4/127.0.0.1/tcp/4001"
    assert announced((), (f"{here}/p2p/{SELF}",), (TCP,), SELF) == [f"{here}/p2p/{SELF}", over_hub]
    assert announced((here,), (), (), SELF) == [f"{here}/p2p/{SELF}"]
    assert announced(("none",), (f"{here}/p2p/{SELF}",), (TCP,), SELF) == [over_hub]
