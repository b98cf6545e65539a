"""Endpoints: who a station is, as it is kept, and as the chain tells it."""

from datetime import datetime
from typing import Annotated, get_args

from pydantic import Field

from sdk.bus import keys
from sdk.chain.errors import ChainError
from sdk.chain.safe import ZERO
from sdk.charge_point_config import ChargePointConfig
from sdk.did.document import DidDocument
from sdk.did.errors import (
    CredentialRevokedError,
    CredentialUnreadableError,
    DidError,
    DidUnresolvableError,
    MalformedDidError,
)
from sdk.did.identifier import EthrDid
from sdk.did.resolver import read_document_of_station
from sdk.did.station_document import StationDocument
from sdk.events.station import AccountBalance
from sdk.fields import NATIVE_TOKEN
from session_manager.api.charge_points import config_asked, config_read
from session_manager.api.identities_shown import (
    ChainIdentity,
    CredentialShown,
    KeptIdentity,
    credential_shown,
    station_shown,
)
from session_manager.api.own_chain import chain_answers, chain_of, process_of
from session_manager.api.own_process import OwnChain
from session_manager.api.problems import WRONG_QUERY, Fault, ProblemError
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.stored import json_object, moment_text, whole_number
from session_manager.api.values import ApiModel, plain_number
from session_manager.verdict import OnboardingState

TAGS = ("Identity",)
PATH = "/charge-points/{charge_point_id}/identity"
_STATES = get_args(OnboardingState)
_UNPROCESSABLE = 422
_HIGHEST_BLOCK = 2**53 - 1
SILENT = {503: "The chain does not answer this process."}


class BlockQuery(ApiModel):
    """As of which block."""

    block: Annotated[int, plain_number] | None = Field(
        default=None, ge=0, le=_HIGHEST_BLOCK, description="As it stood at the end of this block."
    )


async def _kept(asked: Asked) -> Reply:
    config = config_read(asked, await config_asked(asked))
    held = await asked.services.bus.read(keys.identity(config.charge_point_id))
    credential = config.credential and credential_shown(
        config.credential, asked.services.clock()
    ).model_dump(mode="json")
    state = held.get("state", "checking")
    content = {
        "charge_point_id": config.charge_point_id,
        "did": config.did,
        "address": config.address,
        "chain_id": config.chain_id,
        "state": state if state in _STATES else "checking",
        "reason": held.get("reason") or None,
        "detail": held.get("detail") or None,
        "updated_at": moment_text(held.get("updated_at")),
        "balance": _amount(held.get("balance")),
        "gas_balance": _amount(held.get("gas_balance")),
        "qr": [config.qr_text(number) for number in range(1, config.connectors + 1)],
        "credential": credential or None,
        "document": json_object(held.get("document")),
    }
    return Reply(content)


def _amount(text: str | None) -> str | None:
    number = whole_number(text)
    return None if number is None else str(number)


async def _on_chain(asked: Asked) -> ChainIdentity:
    config, chain = config_read(asked, await config_asked(asked)), chain_of(asked)
    block, did = asked.query.block, did_of(config)
    document = await _document(chain, did, block)
    station = _station(document)
    with chain_answers():
        lack = await _lack(chain, did, block)
        balances = [] if block is not None else await _balances(chain, config)
    credential = await _credential(chain, station, asked.services.clock()) if station else None
    held = await asked.services.bus.read(keys.identity(config.charge_point_id))
    kept = json_object(held.get("document"))
    return ChainIdentity(
        charge_point_id=config.charge_point_id,
        did=str(did),
        server=process_of(asked).server,
        block=block,
        read_at=document.read_at,
        owner=document.owner,
        deactivated=document.deactivated,
        changed_at=document.changed_at,
        next_change=document.next_change,
        trusted=lack is None,
        reason=lack and lack.reason,
        detail=lack and str(lack),
        same_as_kept=None if block is not None else kept == document.json,
        station=station and station_shown(station),
        credential=credential,
        document=document.json,
        balances=balances,
    )


def did_of(config: ChargePointConfig) -> EthrDid:
    """Read the DID of what is registered. Raises ProblemError (500)."""
    try:
        return EthrDid.parse(config.did)
    except MalformedDidError as error:
        raise ProblemError(500, "What is stored of this charge point cannot be read.") from error


async def _document(chain: OwnChain, did: EthrDid, block: int | None) -> DidDocument:
    with chain_answers():
        if block is not None and await chain.client.find_block(block) is None:
            fault = Fault(detail="There is no such block", parameter="block")
            raise ProblemError(_UNPROCESSABLE, WRONG_QUERY, [fault])
        return await chain.registry.read(did, block)


def _station(document: DidDocument) -> StationDocument | None:
    try:
        return read_document_of_station(document)
    except DidError:
        return None


async def _lack(chain: OwnChain, did: EthrDid, block: int | None) -> DidError | None:
    """Tell why an app would not trust the station; None: it would. Raises a ChainError."""
    try:
        if block is None:
            await chain.resolver.resolve(str(did))
        else:
            await chain.resolver.resolve_at(str(did), block)
    except DidUnresolvableError:
        raise
    except DidError as error:
        return error
    return None


async def _credential(chain: OwnChain, station: StationDocument, now: datetime) -> CredentialShown:
    revoked: bool | None = False
    try:
        await chain.revocations.check(station.credential)
    except CredentialRevokedError:
        revoked = True
    except (ChainError, DidUnresolvableError, MalformedDidError, CredentialUnreadableError):
        revoked = None
    return credential_shown(station.credential, now, revoked=revoked)


async def _balances(chain: OwnChain, config: ChargePointConfig) -> list[AccountBalance]:
    account, token = config.address, config.token
    told = [
        AccountBalance(
            account=account,
            role="station",
            token=each,
            balance=await chain.client.balance(account, each),
        )
        for each in dict.fromkeys((ZERO, token))
    ]
    gas = await chain.sender.balance()
    payer = AccountBalance(
        account=chain.sender.address, role="gas", token=NATIVE_TOKEN, balance=gas
    )
    return [*told, payer]


ROUTES = (
    Route(
        method="GET",
        path=PATH,
        name="get_identity",
        summary="Read a station's identity as the Session Manager knows it",
        role="viewer",
        handler=_kept,
        answer=KeptIdentity,
        tags=TAGS,
        etag=True,
    ),
    Route(
        method="GET",
        path=f"{PATH}/chain",
        name="get_identity_on_chain",
        summary="Read what the chain says of a station, and whether an app would trust it",
        role="viewer",
        description=ChainIdentity.__doc__ or "",
        handler=_on_chain,
        is_heavy=True,
        query=BlockQuery,
        answer=ChainIdentity,
        tags=TAGS,
        also=SILENT,
    ),
)
