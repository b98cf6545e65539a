"""Who this server is: its announcement in Redis, and its answer to an identity challenge."""

import asyncio
import json
from collections.abc import Sequence

import structlog

from sdk.bus import keys
from sdk.bus.interface import Bus, BusUnavailableError
from sdk.events.envelope import Envelope
from sdk.events.identity import IdentityChallenge, IdentityResponse, identity_message
from sdk.ids import Clock, consequence_id
from sdk.p2p.addresses import ConsumerAddress
from sdk.p2p.keys import P2pKey

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 30.0
RETRY_SECONDS = 1.0
NO_DIRECT = "none"


def answer_challenge(request: Envelope, challenge: IdentityChallenge, key: P2pKey) -> Envelope:
    """Prove to whom the request came from that this server speaks for `challenge.did`.

    Behind a hub that is whom the hub named: if it lied, the signature is worth nothing to the app.
    """
    consumer_peer_id = ConsumerAddress.parse(request.peer_id or "").peer_id
    message = identity_message(challenge.did, key.peer_id, consumer_peer_id, challenge.nonce)
    return Envelope(
        id=consequence_id(request.id, "IdentityResponse"),
        charge_point_id=request.charge_point_id,
        at=request.at,
        caused_by=request.id,
        peer_id=request.peer_id,
        body=IdentityResponse(
            did=challenge.did,
            nonce=challenge.nonce,
            server_peer_id=key.peer_id,
            consumer_peer_id=consumer_peer_id,
            signature="0x" + key.sign(message).hex(),
        ),
    )


async def announce(bus: Bus, key: P2pKey, multiaddrs: Sequence[str], clock: Clock) -> None:
    """Write this server's keys and multiaddrs, from which DID documents are built.

    Raises BusUnavailableError.
    """
    entry = {
        "ed25519": key.ed25519,
        "x25519": key.x25519,
        "multiaddrs": json.dumps(list(multiaddrs)),
        "updated_at": clock().isoformat(),
    }
    await bus.write(keys.p2p_server(key.peer_id), entry)
    await bus.add_member(keys.P2P_SERVERS, key.peer_id)


async def keep_announced(bus: Bus, key: P2pKey, multiaddrs: Sequence[str], clock: Clock) -> None:
    """Refresh the announcement for ever; Redis may be away, or have forgotten it."""
    while True:
        try:
            await announce(bus, key, multiaddrs, clock)
            await asyncio.sleep(REFRESH_SECONDS)
        except BusUnavailableError as error:
            log.warning("not announced: %s", error)
            await asyncio.sleep(RETRY_SECONDS)


def announced(
    direct: Sequence[str], listened_on: Sequence[str], hubs: Sequence[str], peer_id: str
) -> list[str]:
    """Give the multiaddrs that DID documents show: the direct ones first, then those over hubs.

    `direct` as in the setting P2P_ANNOUNCE: `none` alone is none, nothing is those listened on.
    """
    chosen = [] if tuple(direct) == (NO_DIRECT,) else direct or listened_on
    over_hubs = [f"{hub}/p2p-circuit/p2p/{peer_id}" for hub in hubs]
    return [*(with_peer_id(multiaddr, peer_id) for multiaddr in chosen), *over_hubs]


def with_peer_id(multiaddr: str, peer_id: str) -> str:
    """End a multiaddr with `/p2p/<peer id>`, once."""
    base, _, _ = multiaddr.partition("/p2p/")
    return f"{base}/p2p/{peer_id}"
