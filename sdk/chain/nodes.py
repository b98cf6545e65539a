"""How the nodes of a chain stand, and which of them to ask first. Pure but for the clock given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

__all__ = ["NodeState", "NodeStatus", "Nodes", "http_url", "shown_url"]

NodeState = Literal["unknown", "up", "slow", "behind", "down", "wrong_chain"]
"""`unknown`: never asked. `slow`: answers late or not in time. `behind`: lacks newer blocks."""

_RANK: dict[NodeState, int] = {
    "up": 0,
    "unknown": 0,
    "slow": 1,
    "behind": 2,
    "down": 3,
    "wrong_chain": 4,
}
_ANSWERS = ("up", "slow", "behind")
_FIRST_PAUSE_S = 2.0
_LONGEST_PAUSE_S = 60.0
_FRESH_S = 30.0


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """How the connection to a node stands, for people; `error` is None while it is fine.

    `url` is scheme, host and port only: a path or user part may hold a key.
    """

    url: str
    chain_id: int
    connected: bool
    block_number: int | None = None
    latency_ms: int | None = None
    error: str | None = None
    state: NodeState = "unknown"


@dataclass(slots=True)
class _Node:
    status: NodeStatus
    position: int
    head_at: float = 0.0
    pause: float = _FIRST_PAUSE_S
    again_at: float = 0.0


class Nodes:
    """Keeps what was seen of each node, by URL.

    One that failed is asked last, until a while has passed (twice as long after each failure).
    One whose newest block is more than `most_behind` below another's is not believed.
    """

    def __init__(
        self, urls: Sequence[str], chain_id: int, now: Callable[[], float], most_behind: int
    ) -> None:
        """`now` gives seconds that never run backwards."""
        self._now = now
        self._most_behind = most_behind
        self._nodes = {
            url: _Node(NodeStatus(shown_url(url), chain_id, connected=False), position)
            for position, url in enumerate(urls)
        }
        self._current = urls[0]
        self._listeners: list[Callable[[NodeStatus], None]] = []

    @property
    def statuses(self) -> tuple[NodeStatus, ...]:
        """How each node stands, in the order of the settings."""
        return tuple(node.status for node in self._nodes.values())

    @property
    def current(self) -> NodeStatus:
        """How the node stands that was asked last."""
        return self._nodes[self._current].status

    def listen(self, listener: Callable[[NodeStatus], None]) -> None:
        """Call `listener` with each node whose state has changed."""
        self._listeners.append(listener)

    def in_order(self) -> list[str]:
        """Give the URLs, the one to ask first in front."""
        return sorted(self._nodes, key=self._preference)

    def forgive(self) -> None:
        """Ask all again in the order of the settings."""
        for node in self._nodes.values():
            node.pause, node.again_at = _FIRST_PAUSE_S, self._now()

    def use(self, url: str) -> None:
        """Remember that this is the node that spoke for the chain last."""
        self._current = url

    def note_answer(self, url: str, seconds: float, *, late: bool) -> None:
        """A node answered, of the right chain."""
        node = self._nodes[url]
        state: NodeState = "slow" if late else "up"
        error = "answers late" if late else None
        if node.status.state == "behind":  # only its newest block can mend that
            state, error = "behind", node.status.error
        node.pause = _FIRST_PAUSE_S
        latency = round(seconds * 1000)
        self._set(
            node,
            replace(node.status, connected=state != "behind", latency_ms=latency, error=error),
            state,
        )

    def note_failure(self, url: str, state: NodeState, error: str) -> None:
        """A node did not answer, or nonsense, or of another chain."""
        node = self._nodes[url]
        node.again_at = self._now() + node.pause
        node.pause = min(2 * node.pause, _LONGEST_PAUSE_S)
        self._set(node, replace(node.status, connected=False, error=error), state)

    def note_head(self, url: str, number: int) -> bool:
        """A node told its newest block; gives whether it is to be believed."""
        node = self._nodes[url]
        node.status = replace(node.status, block_number=number)
        node.head_at = self._now()
        self._judge(node)
        return node.status.state != "behind"

    def compare_heads(self) -> None:
        """Judge each node by the newest blocks of all."""
        for node in self._nodes.values():
            if node.status.state in _ANSWERS:
                self._judge(node)

    def _judge(self, node: _Node) -> None:
        number = node.status.block_number or 0
        others = [
            other.status.block_number or 0
            for other in self._nodes.values()
            if other is not node and self._tells_its_head(other)
        ]
        lag = max(others, default=0) - number
        if lag > self._most_behind:
            error = f"is {lag} blocks behind"
            self._set(node, replace(node.status, connected=False, error=error), "behind")
        elif node.status.state == "behind":
            self._set(node, replace(node.status, connected=True, error=None), "up")

    def _tells_its_head(self, node: _Node) -> bool:
        fresh = self._now() - node.head_at < _FRESH_S
        return node.status.state in _ANSWERS and node.status.block_number is not None and fresh

    def _preference(self, url: str) -> tuple[int, int]:
        node = self._nodes[url]
        rank = _RANK[node.status.state]
        failed = node.status.state in ("slow", "down", "wrong_chain")
        if failed and self._now() >= node.again_at:
            rank = 0
        return rank, node.position

    def _set(self, node: _Node, status: NodeStatus, state: NodeState) -> None:
        before = node.status.state
        node.status = replace(status, state=state)
        if state == before:
            return
        for listener in self._listeners:
            listener(node.status)


def http_url(url: str) -> str:
    """Give the URL for calls of a node that was named by its WebSocket."""
    if url.startswith(("ws://", "wss://")):
        return "http" + url.removeprefix("ws")
    return url


def shown_url(url: str) -> str:
    """Give what of a node's URL may be shown: scheme, host and port."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
