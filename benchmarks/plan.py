"""What one generator process is told to do; it is handed over as JSON, in its environment."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

VARIABLE = "BENCH_PLAN"
PASSWORD = "0123456789abcdef"  # noqa: S105 - of charge points that live for a minute


@dataclass(frozen=True, slots=True)
class Plan:
    """One load, by `count` charge points named `prefix` and a number from `first` on.

    `part` names what `benchmarks.generator` does. `depth` is how many messages of one charge point
    are in flight in a closed loop: OCPP-J 4.1.1 allows one. Seconds: `warm_s` is not measured,
    `window_s` is (0: until asked to stop), `within_s` bounds the whole process. `watch` names the
    processes whose CPU is read.
    """

    part: str
    host: str
    port: int
    prefix: str
    count: int
    first: int = 0
    action: str = "MeterValues"
    depth: int = 1
    warm_s: float = 1.0
    window_s: float = 5.0
    within_s: float = 120.0
    nice: int = 0
    watch: Mapping[str, int] = field(default_factory=dict)

    def name(self, number: int) -> str:
        """Give the id of one of the charge points, counted from 0."""
        return charge_point_id(self.prefix, self.first + number)

    def to_json(self) -> str:
        """Write it for the generator."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


def charge_point_id(prefix: str, number: int) -> str:
    """Name one of many charge points."""
    return f"{prefix}-{number:05d}"
