"""Which charging profiles a charge point holds (OCPP 1.6, 3.13): rules, and what is kept.

A profile takes the place of one of the same id, or of the same connector, purpose and stack level.
"""

from collections.abc import Iterable, Mapping, Sequence

from pydantic import ValidationError

from cpg.effects import Effect
from cpg.peer import Peer
from sdk.bus import keys
from sdk.bus.interface import StateWrite
from sdk.charging_profiles import HeldProfile
from sdk.events.ocpp16.set_charging_profile import CsChargingProfiles
from sdk.events.operations import (
    Answered,
    ClearChargingProfile,
    RemoteStartTransaction,
    SetChargingProfile,
)


def replaced_by(new: HeldProfile, held: Iterable[HeldProfile]) -> list[int]:
    """Give the ids of those that `new` takes the place of, its own aside."""
    place = _place(new)
    return [
        one.profile_id for one in held if one.profile_id != new.profile_id and _place(one) == place
    ]


def cleared_by(
    body: ClearChargingProfile, connector_id: int | None, held: Iterable[HeldProfile]
) -> list[int]:
    """Give the ids that ClearChargingProfile (5.5) takes off; an id leaves no other criterion."""
    return [one.profile_id for one in held if _fits(body, connector_id, one)]


def ended_with(
    transaction_id: int, connector_id: int | None, id_tag: str, held: Iterable[HeldProfile]
) -> list[int]:
    """Give the ids of the TxProfiles that end with a transaction (3.13.1).

    `connector_id` is where it was charging until now, None if another one charges there already.
    """
    return [
        one.profile_id
        for one in held
        if one.profile.charging_profile_purpose == "TxProfile"
        and _was_of(one, transaction_id, connector_id, id_tag)
    ]


def read_held(stored: Mapping[str, str]) -> list[HeldProfile]:
    """Read `{CP}:charging_profiles`; what can't be read is left out."""
    held: list[HeldProfile] = []
    for text in stored.values():
        try:
            held.append(HeldProfile.model_validate_json(text))
        except ValidationError:
            continue
    return held


def removed(charge_point_id: str, ids: Sequence[int]) -> dict[str, list[str]]:
    """Give the fields to be removed."""
    return {keys.charging_profiles(charge_point_id): [str(one) for one in ids]} if ids else {}


async def profile_set(
    peer: Peer, body: SetChargingProfile, connector_id: int | None, answered: Answered
) -> Effect:
    """Keep a profile that the charge point took."""
    if answered.status != "Accepted":
        return Effect()
    profile = body.cs_charging_profiles
    return await _kept(
        peer,
        HeldProfile(connector_id=connector_id or 0, profile=profile, accepted_at=peer.clock()),
    )


async def started_with_profile(
    peer: Peer, body: RemoteStartTransaction, connector_id: int | None, answered: Answered
) -> Effect:
    """Keep the profile of a remote start, for the transaction that is to come of it (5.11)."""
    if answered.status != "Accepted" or body.charging_profile is None:
        return Effect()
    held = HeldProfile(
        connector_id=connector_id or None,
        profile=CsChargingProfiles.model_validate(body.charging_profile.to_ocpp()),
        id_tag=body.id_tag,
        accepted_at=peer.clock(),
    )
    return await _kept(peer, held)


async def profiles_cleared(
    peer: Peer, body: ClearChargingProfile, connector_id: int | None, answered: Answered
) -> Effect:
    """Forget what was cleared; Unknown says that none of it is there, either."""
    if answered.status not in ("Accepted", "Unknown"):
        return Effect()
    held = read_held(await peer.bus.read(keys.charging_profiles(peer.charge_point_id)))
    return Effect(removed=removed(peer.charge_point_id, cleared_by(body, connector_id, held)))


async def _kept(peer: Peer, new: HeldProfile) -> Effect:
    cp = peer.charge_point_id
    held = read_held(await peer.bus.read(keys.charging_profiles(cp)))
    return Effect(
        writes=[
            StateWrite(keys.charging_profiles(cp), {str(new.profile_id): new.model_dump_json()})
        ],
        removed=removed(cp, replaced_by(new, held)),
    )


def _place(held: HeldProfile) -> tuple[int | None, str, int, str | None]:
    profile = held.profile
    where = (held.connector_id, profile.charging_profile_purpose, profile.stack_level)
    tag = held.id_tag if held.connector_id is None else None
    return (*where, tag)


def _fits(body: ClearChargingProfile, connector_id: int | None, held: HeldProfile) -> bool:
    if body.id is not None:
        return held.profile_id == body.id
    profile = held.profile
    return (
        connector_id in (None, held.connector_id)
        and body.charging_profile_purpose in (None, profile.charging_profile_purpose)
        and body.stack_level in (None, profile.stack_level)
    )


def _was_of(held: HeldProfile, transaction_id: int, connector_id: int | None, id_tag: str) -> bool:
    if held.profile.transaction_id is not None:
        return held.profile.transaction_id == transaction_id
    if held.connector_id is not None:
        return held.connector_id == connector_id
    return held.id_tag is not None and held.id_tag.casefold() == id_tag.casefold()
