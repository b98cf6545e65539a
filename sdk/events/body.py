"""The two bases of all event bodies."""

from sdk.fields import Frozen, Moment


class Body(Frozen):
    """A domain fact or command. Subclasses add `type: Literal[...]`, which discriminates them."""


class Command(Body):
    """A body that asks for something; dropped, with an answer, once `expires_at` has passed."""

    expires_at: Moment
