"""Passwords of people: what one has to be, and its argon2id hash (RFC 9106), made beside the loop.

At most two are hashed at once, as each takes `MEMORY_KIB`, and a core: one of somebody we know, and
one of strangers, whose line is no other's.
"""

import asyncio
import secrets
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sdk.errors import InvalidInputError, UnavailableError

T = TypeVar("T")

SHORTEST, LONGEST = 12, 200
"""Characters of a password."""
MEMORY_KIB, ROUNDS, LANES = 64 * 1024, 3, 1
MOST_WAITING = 40
MOST_OF_ONE = 8
"""So many of one party may wait in a line: an account, or a network of strangers."""
_FEWEST_DIFFERENT = 5
_BESIDE_THE_NAME = 8


class WeakPasswordError(InvalidInputError):
    """The password is too short, too long, or can be guessed."""


class TooManySignInsError(UnavailableError):
    """So many passwords wait to be checked that one more would wait for long; try again."""


def check_new_password(password: str, name: str) -> None:
    """Refuse a password that somebody of this name may not take. Raises WeakPasswordError."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPasswordError(f"a password has {SHORTEST} to {LONGEST} characters")
    if len(set(password)) < _FEWEST_DIFFERENT:
        raise WeakPasswordError("a password has more different characters than this one")
    beside = _normal(password).casefold().replace(name.casefold(), "")
    if name and len(name) > 1 and len(beside) < min(len(password), _BESIDE_THE_NAME):
        raise WeakPasswordError("a password is more than the name")


class Line:
    """Those who wait for a hash, one after the other."""

    def __init__(self) -> None:
        # its own: in the loop's a name that is looked up may take a thread for half a minute
        self._thread = ThreadPoolExecutor(1, "password")
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def place(self, party: str) -> Iterator[None]:
        """Stand in the line. Raises TooManySignInsError."""
        if self._waiting.total() >= MOST_WAITING or self._waiting[party] >= MOST_OF_ONE:
            raise TooManySignInsError("Too many passwords are being checked; try again.")
        self._waiting[party] += 1
        try:
            yield
        finally:
            self._waiting[party] -= 1
            if not self._waiting[party]:
                del self._waiting[party]

    async def work(self, work: Callable[[], T]) -> T:
        """Do it when it is one's turn, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


class Passwords:
    """Hashes passwords and compares them."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher`: with which parameters; the usual ones if None."""
        self._hasher = hasher or PasswordHasher(ROUNDS, MEMORY_KIB, LANES)
        self._known, self._strangers = Line(), Line()
        self._nobodys: str | None = None

    async def hash(self, password: str, party: str = "") -> str:
        """Hash a password of `party`, as `place` has it. Raises TooManySignInsError."""
        with self.place(party) as line:
            return await line.work(lambda: self._hasher.hash(_normal(password)))

    @contextmanager
    def place(self, party: str = "", *, is_known: bool = True) -> Iterator[Line]:
        """Keep a place for a password of `party`: an account that we know, or strangers.

        Raises TooManySignInsError.
        """
        line = self._known if is_known else self._strangers
        with line.place(party):
            yield line

    async def match(self, hashed: str | None, password: str, line: Line) -> bool:
        """Tell whether this is the password; without a hash it takes as long, and is False.

        `line`: where a place is kept.
        """
        if self._nobodys is None:
            self._nobodys = await line.work(lambda: self._hasher.hash(secrets.token_hex()))
        nobodys = self._nobodys
        is_right = await line.work(lambda: self._is_right(hashed or nobodys, password))
        return is_right and bool(hashed)

    def is_outdated(self, hashed: str) -> bool:
        """Tell whether a hash was made with other parameters than a new one would be."""
        return self._hasher.check_needs_rehash(hashed)

    def _is_right(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """Two keyboards write the same letter in two ways."""
    return unicodedata.normalize("NFC", password)
