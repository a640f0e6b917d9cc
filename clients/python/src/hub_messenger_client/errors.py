"""The one error of this package."""


class MessengerError(Exception):
    """The service refused the call, or could not be reached after all attempts.

    `str(error)` is the service's message, or says what went wrong on the way. The attributes follow the
    service's error body `{error, message, details}`.
    """

    status: int | None
    """HTTP status of the last answer; `None` when there was none."""

    code: str | None
    """The service's stable code of the error (its field `error`)."""

    details: object
    """What the service adds, such as the fields it refused; `None` when it adds nothing."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        details: object = None,
    ) -> None:
        """Make an error that says `message`."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details
