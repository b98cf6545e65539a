"""The names of our libp2p protocols and topics, and the first frames of those that a hub speaks."""

from typing import Literal

from sdk.fields import Frozen, PeerId

CONVERSATION = "/noroam/1.0.0"
"""An app and a P2P server: requests and their answers."""
ANNOUNCEMENTS = "/noroam/announcements/1.0.0"
"""A peer gives all announcements that it knows, one frame each, and closes."""
HUB = "/noroam/hub/1.0.0"
"""An app at a hub: `HubWanted`, `HubAnswer`, then as on `CONVERSATION`."""
MEMBER = "/noroam/member/1.0.0"
"""A P2P server at its hub: an empty object, `HubAnswer`, then open while it is a member.

Every few seconds it sends an empty object, and the hub another one: so both know that they live.
"""
RELAYED = "/noroam/relayed/1.0.0"
"""A hub at its member: `Relayed`, then as on `CONVERSATION`."""

STATIONS_TOPIC = "/noroam/stations/1.0.0"
"""The gossip topic of announcements."""


class HubWanted(Frozen):
    """An app's first frame at a hub: the peer id of the P2P server it wants to speak with."""

    to: PeerId


class HubAnswer(Frozen):
    """A hub's first frame: without `error` everything that follows is passed on.

    `unknown_server`: nobody of that peer id is here; `not_a_member`: this hub is not for everybody;
    `too_many`: a limit of the hub; try later.
    """

    error: Literal["unknown_server", "not_a_member", "too_many", "bad_request"] | None = None


class Relayed(Frozen):
    """A hub's first frame at its member: the peer id that it saw of the app."""

    consumer: PeerId
