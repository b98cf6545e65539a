"""Where a consumer is reached, as one text: `<peer id>[@<hub's peer id>][#<X25519 key>]`, PURE.

Directly connected, the peer id is proven. Behind a hub it is only what the hub tells, so such an
address never equals a direct one: what is meant for a direct peer never goes to a hub.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConsumerAddress:
    """A consumer's peer id, its hub, and the key (64 hex digits) to which its answers are sealed.

    Without `reply_key` it gets its answers in clear.
    """

    peer_id: str
    hub: str | None = None
    reply_key: str | None = None

    @classmethod
    def parse(cls, text: str) -> "ConsumerAddress":
        """Read a `PeerAddress` of an envelope."""
        place, _, reply_key = text.partition("#")
        peer_id, _, hub = place.partition("@")
        return cls(peer_id, hub or None, reply_key or None)

    @property
    def place(self) -> str:
        """Where its streams are: the text without the key."""
        return f"{self.peer_id}@{self.hub}" if self.hub else self.peer_id

    def __str__(self) -> str:
        return f"{self.place}#{self.reply_key}" if self.reply_key else self.place
