"""What a fuzz run sent lately, to be printed with its seed when a property fails."""

from collections import Counter, defaultdict, deque
from itertools import chain
from typing import NoReturn

_KEPT, _KEPT_OF_OTHERS, _SHOWN = 40, 5, 300


class History:
    """Counts and keeps inputs; `marker` is what no answer may ever hold."""

    def __init__(self, seed: str, marker: str) -> None:
        """Start empty."""
        self.seed = seed
        self.marker = marker
        self.counts: Counter[str] = Counter()
        self._inputs: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_KEPT))

    def note(self, who: str, kind: str, data: str | bytes = "") -> None:
        """Keep an input, shortened."""
        self.counts[kind] += 1
        text = repr(data[:_SHOWN]) + ("..." if len(data) > _SHOWN else "")
        self._inputs[who].append(f"{who} {kind} ({len(data)}) {text}")

    def hold(self, condition: object, fault: str, who: str | None = None) -> None:
        """Fail unless a property holds."""
        if not condition:
            self.fail(fault, who)

    def fail(self, fault: str, who: str | None = None) -> NoReturn:
        """Raise AssertionError with all that is needed to see it again: what `who` sent."""
        if who is not None:
            inputs = list(self._inputs[who])
        else:
            last = (list(kept)[-_KEPT_OF_OTHERS:] for kept in self._inputs.values())
            inputs = list(chain.from_iterable(last))
        text = "\n".join(inputs)
        raise AssertionError(f"FUZZ_SEED={self.seed}: {who}: {fault}\nthe last inputs:\n{text}")
