"""Endpoints: sign-in by name and password, who is signed in, and one's own password."""

from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from sdk.accounts import Account
from sdk.api_keys import Role
from sdk.audit import AuditNote, AuditWho
from sdk.passwords import LONGEST as LONGEST_PASSWORD
from session_manager.access import Principal, WrongKeyError
from session_manager.api.problems import Problem, ProblemError, problem_of
from session_manager.api.routes import BASE, NO_STORE, Asked, Reply, Route
from session_manager.api.values import ApiModel
from session_manager.caller import caller_of
from session_manager.sign_in_cookie import check_origin, check_ours, given, taken
from session_manager.sign_in_sessions import LONGEST
from session_manager.sign_ins import WrongPasswordError

_TAGS = ("Sign-in",)
_WAIT = "Too many passwords were wrong; see Retry-After."
_FOREIGN = "The request comes from another page."
_FAULTS = {
    500: "This failed on our side.",
    503: "Redis does not answer, or too many passwords wait to be checked.",
}

GivenPassword = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_PASSWORD)]


class NameAndPassword(ApiModel):
    """Who wants in."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    password: GivenPassword


class SignedIn(ApiModel):
    """Who came in."""

    id: str
    name: str
    role: Role


class Me(SignedIn):
    """Who asks, and how it was let in; `accounts_exist`: somebody could sign in."""

    kind: Literal["key", "account"]
    accounts_exist: bool


class PasswordChange(ApiModel):
    """One's password as it is, and as it shall be (12 to 200 characters)."""

    current: GivenPassword
    new: GivenPassword


class _NobodyError(ProblemError):
    """Nobody is signed in; tells whether somebody could be."""

    def __init__(self, problem: ProblemError, *, accounts_exist: bool) -> None:
        super().__init__(problem.status, problem.detail, headers=problem.headers)
        self._accounts_exist = accounts_exist

    @property
    def document(self) -> Problem:
        return super().document.model_copy(update={"accounts_exist": self._accounts_exist})


async def _sign_in(asked: Asked) -> Reply:
    check_origin(asked.request.headers)
    sign_ins, wanted = asked.services.access.sign_ins, asked.body
    password = wanted.password.get_secret_value()
    try:
        account, token = await sign_ins.enter(
            wanted.name, password, caller_of(asked.request), _cookies(asked)
        )
    except WrongPasswordError as error:
        # not the name: now and then it is a password that was typed into the wrong field
        _tell(asked, f"sign-in refused from {caller_of(asked.request)}")
        if error.account is not None:
            await _note(asked, error.account, "refused", HTTPStatus.UNAUTHORIZED)
        raise
    await _end(asked)
    _tell(
        asked,
        f"{account.name} ({account.id}, {account.role}) signed in from {caller_of(asked.request)}",
    )
    await _note(asked, account, "done", HTTPStatus.OK)
    content = SignedIn(id=account.id, name=account.name, role=account.role)
    cookies = await _given(asked, account.id, token)
    return Reply(content, headers=NO_STORE, cookies=cookies)


async def _sign_out(asked: Asked) -> Reply:
    check_ours(asked.request.method, asked.request.headers)
    await _end(asked)
    secure = asked.services.access.sign_ins.secure
    return Reply(cookies=[taken(secure=secure)])


async def _me(asked: Asked) -> Reply:
    access = asked.services.access
    exist = await access.sign_ins.has_accounts()
    try:
        principal = await access.check(asked.request.headers, caller_of(asked.request))
    except WrongKeyError as error:
        raise _NobodyError(problem_of(error), accounts_exist=exist) from None
    me = Me(
        id=principal.id,
        name=principal.name,
        role=principal.role,
        kind=principal.kind,
        accounts_exist=exist,
    )
    return Reply(me, headers=NO_STORE)


async def _change_password(asked: Asked) -> Reply:
    account_id = account_of(asked.principal)
    wanted, sign_ins = asked.body, asked.services.access.sign_ins
    try:
        current = wanted.current.get_secret_value()
        await sign_ins.check_password(account_id, current)
    except WrongPasswordError:
        raise ProblemError(HTTPStatus.FORBIDDEN, "The current password is wrong.") from None
    account: Account = await sign_ins.accounts.change(
        account_id, password=wanted.new.get_secret_value()
    )
    await _end(asked)
    _tell(asked, f"{account.name} ({account.id}) changed the password")
    token = await sign_ins.open(account.id)
    return Reply(cookies=await _given(asked, account.id, token))


def account_of(principal: Principal) -> str:
    """Give the id of the account that asks. Raises ProblemError: it is an API key."""
    if principal.kind != "account":
        raise ProblemError(HTTPStatus.FORBIDDEN, "This is for accounts; an API key has none.")
    return principal.id


async def _end(asked: Asked) -> None:
    """End the session that the browser had, whosever it was."""
    sign_ins = asked.services.access.sign_ins
    token = sign_ins.token_in(_cookies(asked))
    if token is not None:
        await sign_ins.leave(token)


async def _note(asked: Asked, account: Account, outcome: str, status: HTTPStatus) -> None:
    """Note an attempt in the audit trail; how many there can be, the waits for a name bound."""
    note = AuditNote(
        at=asked.services.clock(),
        source="api",
        who=AuditWho(id=account.id, name=account.name, role=account.role),
        action="sign_in",
        outcome=outcome,
        status=status,
        detail=f"from {caller_of(asked.request)}",
        correlation_id=asked.correlation_id,
    )
    await asked.services.audit.take(note)


def _cookies(asked: Asked) -> str:
    return asked.request.headers.get("Cookie", "")


async def _given(asked: Asked, account_id: str, token: str) -> list[str]:
    """Write the cookies of who came in: the session's, and that by which the browser is known."""
    sign_ins = asked.services.access.sign_ins
    session = given(token, int(LONGEST.total_seconds()), secure=sign_ins.secure)
    device = await sign_ins.device(account_id, _cookies(asked), f"{BASE}/sign-in")
    return [session, device] if device is not None else [session]


def _tell(asked: Asked, text: str) -> None:
    asked.services.log.info("%s", text, correlation_id=str(asked.correlation_id))


ROUTES = (
    Route(
        method="POST",
        path="/sign-in",
        name="sign_in",
        sends=("Set-Cookie",),
        summary="Sign in; the session's cookie comes with the answer",
        role=None,
        handler=_sign_in,
        body=NameAndPassword,
        answer=SignedIn,
        tags=_TAGS,
        example={"name": "nobody", "password": "nothing"},
        also={
            401: "The name or the password is wrong.",
            403: _FOREIGN,
            429: _WAIT,
            **_FAULTS,
        },
    ),
    Route(
        method="POST",
        path="/sign-out",
        name="sign_out",
        sends=("Set-Cookie",),
        summary="End the session of the cookie",
        role=None,
        handler=_sign_out,
        status=204,
        tags=_TAGS,
        also={403: _FOREIGN, **_FAULTS},
    ),
    Route(
        method="GET",
        path="/me",
        name="me",
        summary="Tell who asks",
        role=None,
        handler=_me,
        answer=Me,
        tags=_TAGS,
        also={
            401: "Nobody is signed in; `accounts_exist` tells whether somebody could.",
            429: "Too many wrong keys; see Retry-After.",
            **_FAULTS,
        },
    ),
    Route(
        method="POST",
        path="/me/password",
        name="change_my_password",
        sends=("Set-Cookie",),
        summary="Change one's password; all other sessions end",
        role="viewer",
        handler=_change_password,
        body=PasswordChange,
        status=204,
        tags=_TAGS,
        example={"current": "nothing", "new": "nothing at all, and more"},
    ),
)
