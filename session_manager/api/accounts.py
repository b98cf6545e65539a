"""Endpoints: accounts, for administrators."""

from sdk.accounts import Account, AccountName
from sdk.api_keys import Role
from session_manager.api.routes import Asked, Reply, Route
from session_manager.api.sign_in import GivenPassword
from session_manager.api.values import ApiModel

_TAGS = ("Accounts",)
_LAST = "It is the last administrator."


class NewAccount(ApiModel):
    """Whose account it is to be; `password` has 12 to 200 characters."""

    name: AccountName
    role: Role
    password: GivenPassword


class AccountChange(ApiModel):
    """What is to be changed; null: stays as it is."""

    role: Role | None = None
    disabled: bool | None = None
    password: GivenPassword | None = None


class AccountList(ApiModel):
    """All accounts, the oldest first."""

    items: tuple[Account, ...]


async def _list(asked: Asked) -> AccountList:
    return AccountList(items=tuple(await asked.services.access.sign_ins.accounts.list()))


async def _add(asked: Asked) -> Account:
    wanted, sign_ins = asked.body, asked.services.access.sign_ins
    password = wanted.password.get_secret_value()
    account = await sign_ins.accounts.add(wanted.name, wanted.role, password)
    return _done(asked, "added", account)


async def _change(asked: Asked) -> Account:
    wanted: AccountChange = asked.body
    password = wanted.password.get_secret_value() if wanted.password is not None else None
    account = await asked.services.access.sign_ins.accounts.change(
        asked.path["account_id"], role=wanted.role, disabled=wanted.disabled, password=password
    )
    return _done(asked, "changed", account)


async def _remove(asked: Asked) -> Reply:
    account = await asked.services.access.sign_ins.accounts.remove(asked.path["account_id"])
    _done(asked, "removed", account)
    return Reply()


def _done(asked: Asked, what: str, account: Account) -> Account:
    asked.services.access.sign_ins.forget()
    asked.services.log.info(
        "account %s (%s, %s%s) was %s by %s",
        account.id,
        account.name,
        account.role,
        ", disabled" if account.disabled_at else "",
        what,
        asked.principal.name,
        correlation_id=str(asked.correlation_id),
    )
    return account


ROUTES = (
    Route(
        method="GET",
        path="/accounts",
        name="list_accounts",
        summary="List the accounts",
        role="administrator",
        handler=_list,
        answer=AccountList,
        tags=_TAGS,
    ),
    Route(
        method="POST",
        path="/accounts",
        name="add_account",
        summary="Make an account",
        role="administrator",
        handler=_add,
        body=NewAccount,
        answer=Account,
        status=201,
        tags=_TAGS,
        example={"name": "Ada", "role": "viewer", "password": "a long enough one"},
        also={409: "There is an account of this name, or as many as there may be."},
    ),
    Route(
        method="PATCH",
        path="/accounts/{account_id}",
        name="change_account",
        summary="Change an account; disabled, or with another password, its sessions end",
        role="administrator",
        handler=_change,
        body=AccountChange,
        answer=Account,
        tags=_TAGS,
        example={},
        also={409: _LAST},
    ),
    Route(
        method="DELETE",
        path="/accounts/{account_id}",
        name="remove_account",
        summary="Remove an account; its sessions end",
        role="administrator",
        handler=_remove,
        status=204,
        tags=_TAGS,
        also={409: _LAST},
    ),
)
