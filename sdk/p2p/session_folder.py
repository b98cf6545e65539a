"""The states of an app's sessions: a folder with a file for each."""

from pathlib import Path

import structlog

from sdk.errors import InvalidInputError
from sdk.events.service import QuoteOffered
from sdk.events.signed import PayloadError, read_payload
from sdk.p2p.consumer_state import ConsumerState, FileStore

log = structlog.get_logger(__name__)


class SessionFolder:
    """Holds private keys: the folder is for its owner only."""

    def __init__(self, path: Path) -> None:
        """Make the folder if it is not there. Raises OSError."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path

    @property
    def peer_key_file(self) -> Path:
        """Where the seed of the app's peer id is kept."""
        return self._path / "peer.key"

    def store(self, session_key: str) -> FileStore:
        """Give the place for the session of one session key's account."""
        return FileStore(self._path / f"{session_key.lower()}.json")

    def states(self) -> list[ConsumerState]:
        """Read all; a file that can't be read is left as it is, and logged."""
        found = []
        for file in sorted(self._path.glob("0x*.json")):
            try:
                state = FileStore(file).load()
            except (InvalidInputError, OSError) as error:
                log.warning("a session can't be read", file=file.name, reason=str(error))
                continue
            if state is not None:
                found.append(state)
        return found


def session_id_of(state: ConsumerState) -> str | None:
    """Give the id of a state's session; None without one."""
    if state.quote is None:
        return None
    try:
        return read_payload(state.quote, QuoteOffered).session_id
    except PayloadError:
        return None
