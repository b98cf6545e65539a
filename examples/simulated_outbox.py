"""What the simulated charge point has to tell: in order, as soon and as late as may be."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ocpp.exceptions import OCPPError
from ocpp.v16 import call

from sdk.ids import utc_now

ATTEMPTS = 5
MOST_UNTOLD, MOST_TOLD = 2_000, 100
OF_TRANSACTIONS = (call.StartTransaction, call.MeterValues, call.StopTransaction)

Request = object | Callable[[], object]
"""A request, or what makes it when it can be told: its transaction may get its number later."""
Put = Callable[[Request], "asyncio.Future[Any]"]
"""Takes a request; the future holds its answer, or None where it was refused for good."""
Ask = Callable[[object], Awaitable[Any]]
"""Asks over one connection. Raises OCPPError, TypeError for an odd answer; TimeoutError."""


def say(text: str) -> None:
    """Tell one step."""
    print(text, flush=True)


def now() -> str:
    """Give the moment as OCPP writes it."""
    return utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Message:
    """What the central system must be told; `answer` is None where it could not be told."""

    request: Request
    answer: "asyncio.Future[Any]"
    attempts: int = 0


class Outbox:
    """Tells the central system what happened, in order, over whatever connection there is."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._filled = asyncio.Event()
        self.turn = asyncio.Lock()
        """Held while something is being told."""
        self.told: deque[tuple[object, Any]] = deque(maxlen=MOST_TOLD)
        """The last requests with their answers; None: refused."""

    def put(self, request: Request) -> "asyncio.Future[Any]":
        """Tell something later; the oldest samples are dropped where there are too many."""
        message = Message(request, asyncio.get_running_loop().create_future())
        if len(self._messages) >= MOST_UNTOLD:
            self._drop_a_sample()
        self._messages.append(message)
        self._filled.set()
        return message.answer

    def _drop_a_sample(self) -> None:
        for message in list(self._messages)[1:]:
            if isinstance(_made(message.request), call.MeterValues):
                self._messages.remove(message)
                return

    async def tell(self, ask: Ask) -> None:
        """Tell over one connection, until cancelled with it: what was under way is told again."""
        while True:
            await self._filled.wait()
            async with self.turn:
                if await self._told(ask, self._messages[0]):
                    self._messages.popleft()
                if not self._messages:
                    self._filled.clear()

    async def _told(self, ask: Ask, message: Message) -> bool:
        """Tell whether the first message is done with: answered, or refused for good."""
        request = _made(message.request)
        name = type(request).__name__
        try:
            answer = await ask(request)
        except TimeoutError:
            say(f"{name} was not answered")
            return False
        except (OCPPError, TypeError) as error:  # the package raises both for an odd answer
            message.attempts += 1
            say(f"{name} was refused: {type(error).__name__}")
            if isinstance(request, OF_TRANSACTIONS) and message.attempts < ATTEMPTS:
                await asyncio.sleep(0.5 * message.attempts)
                return False
            answer = None
        self.told.append((request, answer))
        message.answer.set_result(answer)
        return True


def _made(request: Request) -> object:
    return request() if callable(request) else request
