"""Peer to peer: a libp2p host for asyncio programs, and the consumer that an app embeds."""
