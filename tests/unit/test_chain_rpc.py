"""What of a node's URL is shown, and what its answers mean."""

import pytest

from sdk.chain.client import ChainClient, http_url
from sdk.chain.errors import (
    AlreadyKnownError,
    ChainError,
    ChainUnavailableError,
    FeeTooLowError,
    InsufficientGasAccountError,
    NonceTakenError,
    TransactionRevertedError,
)
from sdk.chain.nodes import shown_url
from sdk.chain.refusals import refusal


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://name:secret@node.example/v3/key?also=key", "https://node.example"),
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
        ("http://[::1]:8545/key", "http://[::1]:8545"),
    ],
)
def test_no_key_in_a_url_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown
    assert ChainClient([url], 1).status.url == shown


def test_a_websocket_url_names_the_same_node() -> None:
    assert http_url("ws://127.0.0.1:8545") == "http://127.0.0.1:8545"
    assert http_url("wss://node.example/x") == "https://node.example/x"


def test_a_client_needs_a_url() -> None:
    with pytest.raises(ValueError, match="needs a URL"):
        ChainClient([], 1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": -32003, "message": "max fee per gas less than block base fee"}, FeeTooLowError),
        ({"code": -32000, "message": "transaction underpriced"}, FeeTooLowError),
        ({"code": -32000, "message": "replacement transaction underpriced"}, NonceTakenError),
        ({"code": 3, "message": "execution reverted: GS013"}, TransactionRevertedError),
        ({"code": -32000, "message": "gas required exceeds allowance"}, TransactionRevertedError),
        ({"code": -32005, "message": "limit exceeded"}, ChainUnavailableError),
        ({"code": -32000, "message": "nonce too low"}, NonceTakenError),
        ({"code": -32000, "message": "already known"}, AlreadyKnownError),
        ({"message": "Insufficient funds for gas * price + value"}, InsufficientGasAccountError),
        ({"code": -32601, "message": "method not found"}, ChainError),
        ("odd", ChainError),
    ],
)
def test_a_nodes_refusal_says_what_may_be_done(error: object, kind: type[ChainError]) -> None:
    assert type(refusal(error)) is kind
