"""What one process of apps is told to do; it is handed over as JSON, in its environment."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

VARIABLE = "BENCH_P2P_PLAN"


@dataclass(frozen=True, slots=True)
class P2pPlan:
    """`count` apps that dial `url`, each with a host of its own and one stream.

    `part` names what `benchmarks.p2p_apps` does; the apps are spread over `stations`. `asks` are
    requests one after the other. Seconds: `warm_s` is not measured, `window_s` is, `within_s`
    bounds the whole process.
    """

    part: str
    url: str
    stations: Sequence[str]
    count: int = 1
    asks: int = 0
    warm_s: float = 1.0
    window_s: float = 5.0
    within_s: float = 120.0

    def to_json(self) -> str:
        """Write it for the process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "P2pPlan":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))
