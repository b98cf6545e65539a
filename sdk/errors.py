"""The root of every error that Noroam raises on purpose.

A subclass says in its name and docstring what the caller may do: mend the input, try again, or
give up.
"""


class NoroamError(Exception):
    """Base of all errors of this project; its text is fit to be shown to a person."""


class InvalidInputError(NoroamError):
    """What was given can't be used; trying again with the same input fails again."""


class UnavailableError(NoroamError):
    """Something that is needed does not answer now; the same call may work later."""


class ChangedMeanwhileError(InvalidInputError):
    """It is not what the caller has read any more, and so is left as it is."""
