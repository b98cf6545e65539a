"""A sealed envelope: what may pass a hub, which can neither read nor change it."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sdk.events.body import Body
from sdk.fields import Moment

LONGEST_JWE = 60_000

CompactJwe = Annotated[
    str,
    StringConstraints(
        max_length=LONGEST_JWE,
        pattern=r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
    ),
]


class Sealed(Body):
    """Another envelope, as a compact JWE (RFC 7516) with `ECDH-ES` and `A256GCM`.

    `holds` is the type of the body within. A request has the `expires_at` of its payload here as
    well; both, the envelope's `id` and its `charge_point_id` must equal what is sealed.
    """

    type: Literal["Sealed"] = "Sealed"
    holds: str = Field(min_length=1, max_length=64)
    expires_at: Moment | None = None
    jwe: CompactJwe
