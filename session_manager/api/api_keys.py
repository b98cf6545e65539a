"""Endpoints: API keys, for administrators."""

from sdk.api_keys import ApiKey, ApiKeys, KeyName, RequestsPerMinute, Role
from session_manager.access import AccessClosedError
from session_manager.api.routes import NO_STORE, Asked, Reply, Route
from session_manager.api.values import ApiModel

_TAGS = ("API keys",)


class NewApiKey(ApiModel):
    """What a new key is to be; `requests_per_minute` null: as many as the service allows."""

    name: KeyName
    role: Role
    requests_per_minute: RequestsPerMinute | None = None


class MadeApiKey(ApiKey):
    """A key as it was made. `key` is shown only here, and can't be had again."""

    key: str


class ApiKeyList(ApiModel):
    """All keys, the oldest first; revoked ones for 90 days."""

    items: tuple[ApiKey, ...]


async def _make(asked: Asked) -> Reply:
    wanted: NewApiKey = asked.body
    key, text = await _keys(asked).make(wanted.name, wanted.role, wanted.requests_per_minute)
    asked.services.access.forget()
    _tell(asked, "made", key)
    return Reply(MadeApiKey(**dict(key), key=text), headers=NO_STORE)


async def _list(asked: Asked) -> ApiKeyList:
    return ApiKeyList(items=tuple(await _keys(asked).list()))


async def _revoke(asked: Asked) -> ApiKey:
    key = await _keys(asked).revoke(asked.path["key_id"])
    asked.services.access.forget()
    _tell(asked, "revoked", key)
    return key


def _keys(asked: Asked) -> ApiKeys:
    keys = asked.services.api_keys
    if keys is None:
        raise AccessClosedError("CREDENTIAL_KEY is not set")
    return keys


def _tell(asked: Asked, what: str, key: ApiKey) -> None:
    asked.services.log.info(
        "API key %s (%s, %s) was %s by %s",
        key.id,
        key.name,
        key.role,
        what,
        asked.principal.name,
        correlation_id=str(asked.correlation_id),
    )


ROUTES = (
    Route(
        method="POST",
        path="/api-keys",
        name="make_api_key",
        summary="Make an API key; it is shown only once",
        role="administrator",
        handler=_make,
        body=NewApiKey,
        answer=MadeApiKey,
        status=201,
        tags=_TAGS,
        example={"name": "dashboard", "role": "viewer"},
        also={409: "There are as many keys as there may be."},
    ),
    Route(
        method="GET",
        path="/api-keys",
        name="list_api_keys",
        summary="List the API keys",
        role="administrator",
        handler=_list,
        answer=ApiKeyList,
        tags=_TAGS,
    ),
    Route(
        method="DELETE",
        path="/api-keys/{key_id}",
        name="revoke_api_key",
        summary="Revoke an API key; within two seconds it opens nothing any more",
        role="administrator",
        handler=_revoke,
        answer=ApiKey,
        tags=_TAGS,
        also={404: "There is no such key."},
    ),
)
