"""What can go wrong between peers; each name says whose fault it is and what helps."""

from sdk.errors import InvalidInputError, UnavailableError


class HostUnavailableError(UnavailableError):
    """Our own libp2p host is down or starting again; try again within seconds."""


class ListenError(InvalidInputError):
    """A listen address can't be used: it is taken, not ours, or no TCP or WebSocket multiaddr."""


class ListenAddressTakenError(ListenError):
    """Another process listens there now; the same address may be free later."""


class PeerUnreachableError(UnavailableError):
    """No connection or stream to the peer came about; try another address, or later."""


class StreamClosedError(UnavailableError):
    """The stream is over: closed or reset by the peer, by us, or by the network; open a new one."""


class StreamTimeoutError(UnavailableError):
    """Nothing came within the time given; the stream is still open."""


class SlowPeerError(UnavailableError):
    """The peer does not read what we send, and our buffer for it is full; reset the stream."""


class FrameError(InvalidInputError):
    """The peer broke the framing, so that nothing after it can be trusted; the stream is reset."""


class FrameTooLargeError(FrameError):
    """A frame is above the cap of 64 KiB."""


class EmptyFrameError(FrameError):
    """A frame says that it holds nothing."""
