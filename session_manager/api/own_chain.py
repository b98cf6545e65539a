"""The chain of the process that serves the API, for handlers; its errors as problems."""

from collections.abc import Iterator
from contextlib import contextmanager

from sdk.chain.errors import ChainError
from sdk.did.errors import DidUnresolvableError
from session_manager.api.own_process import OwnChain, OwnProcess
from session_manager.api.problems import ProblemError
from session_manager.api.routes import Asked

_UNAVAILABLE = 503


def process_of(asked: Asked) -> OwnProcess:
    """Give the process that serves the API. Raises ProblemError (503)."""
    process = asked.services.process
    if process is None:
        raise ProblemError(_UNAVAILABLE, "This process tells nothing of itself.")
    return process


def chain_of(asked: Asked) -> OwnChain:
    """Give the chain as this process reaches it. Raises ProblemError (503)."""
    chain = process_of(asked).chain
    if chain is None:
        raise ProblemError(_UNAVAILABLE, "This process has no chain.")
    return chain


@contextmanager
def chain_answers() -> Iterator[None]:
    """Tell what the chain can't answer as ProblemError (503)."""
    try:
        yield
    except (ChainError, DidUnresolvableError) as error:
        raise ProblemError(_UNAVAILABLE, f"The chain does not tell: {error}.") from error
