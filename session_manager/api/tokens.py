"""Endpoint: the tokens that this Session Manager takes, and how they are counted."""

from session_manager.api.own_chain import process_of
from session_manager.api.routes import Asked, Route
from session_manager.api.values import ApiModel


class TokenShown(ApiModel):
    """A token; `token` zero is the chain's own, `symbol` "" where nobody told it."""

    chain_id: int
    token: str
    symbol: str
    decimals: int


class TokensShown(ApiModel):
    """The tokens whose contracts answered by now, the chain's own first."""

    items: list[TokenShown]


async def _list(asked: Asked) -> TokensShown:
    process = process_of(asked)
    chain_id = int(process.settings.get("CHAIN_ID", "0"))
    known = process.tokens.known if process.tokens is not None else ()
    return TokensShown(
        items=[
            TokenShown(
                chain_id=chain_id,
                token=token.address.lower(),
                symbol=token.symbol,
                decimals=token.decimals,
            )
            for token in known
        ]
    )


ROUTES = (
    Route(
        method="GET",
        path="/tokens",
        name="list_tokens",
        summary="The tokens that are taken",
        role="viewer",
        handler=_list,
        answer=TokensShown,
        tags=("Chain",),
        etag=True,
    ),
)
