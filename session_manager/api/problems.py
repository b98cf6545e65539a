"""Faults as problem documents (RFC 9457); what the caller sent is never repeated in them."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from pydantic import ValidationError

from sdk.accounts import (
    AccountExistsError,
    LastAdministratorError,
    TooManyAccountsError,
    UnknownAccountError,
)
from sdk.alerts.store import UnknownAlertError
from sdk.api_keys import TooManyApiKeysError, UnknownApiKeyError
from sdk.bus.interface import BusUnavailableError, OverloadedError
from sdk.errors import ChangedMeanwhileError, InvalidInputError, NoroamError, UnavailableError
from sdk.records.errors import CorruptRecordError
from sdk.register import ChargePointBusyError, ChargePointExistsError, UnknownChargePointError
from sdk.station_state import StateError
from sdk.webhooks.register import TooManyWebhooksError, UnknownWebhookError
from session_manager.access import (
    AccessClosedError,
    TooManyRequestsError,
    TooManyWrongKeysError,
    WrongKeyError,
)
from session_manager.api.values import ApiModel
from session_manager.sign_in_attempts import SignInWaitError
from session_manager.sign_in_cookie import ForeignRequestError
from session_manager.sign_ins import WrongPasswordError

MEDIA_TYPE = "application/problem+json"
WRONG_FIELDS = "Some fields are wrong."
WRONG_QUERY = "Some parameters of the query are wrong."
_MOST_FAULTS = 20
_LONGEST_NAME = 60
_RETRY_AFTER_S = "1"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="noroam"'}
_STATUS: Sequence[tuple[type[NoroamError], HTTPStatus]] = (
    (UnknownChargePointError, HTTPStatus.NOT_FOUND),
    (UnknownApiKeyError, HTTPStatus.NOT_FOUND),
    (TooManyApiKeysError, HTTPStatus.CONFLICT),
    (ChargePointExistsError, HTTPStatus.CONFLICT),
    (ChargePointBusyError, HTTPStatus.CONFLICT),
    (UnknownAccountError, HTTPStatus.NOT_FOUND),
    (AccountExistsError, HTTPStatus.CONFLICT),
    (TooManyAccountsError, HTTPStatus.CONFLICT),
    (LastAdministratorError, HTTPStatus.CONFLICT),
    (WrongKeyError, HTTPStatus.UNAUTHORIZED),
    (WrongPasswordError, HTTPStatus.UNAUTHORIZED),
    (SignInWaitError, HTTPStatus.TOO_MANY_REQUESTS),
    (ForeignRequestError, HTTPStatus.FORBIDDEN),
    (TooManyRequestsError, HTTPStatus.TOO_MANY_REQUESTS),
    (TooManyWrongKeysError, HTTPStatus.TOO_MANY_REQUESTS),
    (UnknownAlertError, HTTPStatus.NOT_FOUND),
    (UnknownWebhookError, HTTPStatus.NOT_FOUND),
    (TooManyWebhooksError, HTTPStatus.CONFLICT),
    (ChangedMeanwhileError, HTTPStatus.CONFLICT),
    (StateError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (CorruptRecordError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (InvalidInputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class Fault(ApiModel):
    """One thing that is wrong: where (`pointer`: RFC 6901 in the body) and what."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(ApiModel):
    """A problem document; `title` is the status in words, `errors` the faults one by one."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()
    accounts_exist: bool | None = None
    """Only where nobody is signed in: whether somebody could."""


class ProblemError(NoroamError):
    """The request can't be answered as it is asked; what is told about it, and how."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @property
    def document(self) -> Problem:
        """Give the document."""
        return Problem(
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
        )


def not_found(what: str) -> ProblemError:
    """Tell that there is no such thing."""
    return ProblemError(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


def problem_of(error: NoroamError) -> ProblemError:
    """Give what is told of an error that was raised below."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, BusUnavailableError | OverloadedError):
        detail = "Redis does not answer; try again."
        if isinstance(error, OverloadedError):
            detail = "Too much waits to be done there already; try again later."
        return _unavailable(detail)
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return ProblemError(status, str(error), headers=_headers(error))
    return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "This failed on our side.")


def _unavailable(detail: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": _RETRY_AFTER_S}
    )


def _headers(error: NoroamError) -> Mapping[str, str]:
    if isinstance(error, WrongKeyError | WrongPasswordError):
        return _CHALLENGE
    if isinstance(error, TooManyRequestsError | TooManyWrongKeysError | SignInWaitError):
        return {"Retry-After": str(error.seconds)}
    if isinstance(error, UnavailableError) and not isinstance(error, AccessClosedError):
        return {"Retry-After": _RETRY_AFTER_S}
    return {}


def wrong_fields(
    error: ValidationError, *, of_query: bool = False, names: Mapping[str, str] | None = None
) -> ProblemError:
    """Tell what is wrong with the fields of a body, or with the parameters of a query.

    `names` says how the caller knows fields that we call otherwise.
    """
    found = error.errors(include_input=False, include_url=False, include_context=False)
    faults = []
    for each in found[:_MOST_FAULTS]:
        where = [str(part) for part in each["loc"]]
        if where and names:
            where[0] = names.get(where[0], where[0])
        faults.append(_fault(where, each["msg"], of_query=of_query))
    what = WRONG_QUERY if of_query else WRONG_FIELDS
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, what, faults)


def twice(parameter: str) -> ProblemError:
    """Tell that a parameter of the query comes twice."""
    fault = _fault([parameter], "It comes twice", of_query=True)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, WRONG_QUERY, [fault])


def _fault(where: Sequence[str], text: str, *, of_query: bool) -> Fault:
    detail = text.removeprefix("Value error, ")
    names = [part[:_LONGEST_NAME] for part in where]
    if of_query:
        return Fault(detail=detail, parameter=".".join(names))
    escaped = (name.replace("~", "~0").replace("/", "~1") for name in names)
    return Fault(detail=detail, pointer="".join(f"/{name}" for name in escaped))
