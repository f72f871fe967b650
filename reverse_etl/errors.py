"""Errors grouped by what recovers from them.

KithError                 anything Kith says to a person; one message, one next step, no traceback
├── UsageError            the command's words or a file that a person wrote: exit 2
├── ConfigurationError    a setting, credential, model or column is wrong: exit 2, never retried
├── InputError            a raw file or table cannot be taken: exit 1, nothing was changed
├── WarehouseError        the warehouse refused or cannot be reached: exit 1
│   └── WarehouseBusy     another process holds it; waiting may help
├── HeldError             a gate or guard held the work back: exit 1
├── RetriableError        the same request may succeed later
├── LaterError            nothing is taken for a while: the run stops, its plan is kept
│   └── StopAsked         a person or a signal asked the run to end
├── RecordRefused         the destination refused one record, and said why
└── PermanentError        the destination refuses everything until a person acts: exit 1
"""

from __future__ import annotations

from collections.abc import Sequence


class KithError(Exception):
    """Something that a person is told in one message. Never carries a person's data or a secret.

    Args:
        message: what happened, and where (file and line when a file is at fault).
        hint: what to do next, one sentence.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class UsageError(KithError):
    """The command's words are wrong, or a file that a person wrote is."""

    exit_code = 2


class ConfigurationError(KithError):
    """A setting, credential, model or column is wrong. Nothing retries it."""

    exit_code = 2


class InputError(KithError):
    """A raw file or table cannot be taken. Nothing was changed."""


class WarehouseError(KithError):
    """The warehouse refused, or cannot be reached."""


class WarehouseBusy(WarehouseError):
    """Another process holds the warehouse. Waiting may help."""


class TooLittleMemory(WarehouseError):
    """The engine may not hold what the work takes. With more, it may do. Nothing was changed."""


class HeldError(KithError):
    """A gate or a guard held the work back.

    Args:
        plan_id: the plan that waits for a person's yes, when there is one.
        reasons: why, each with its figures, where a plan can be made that a person may approve.
    """

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        plan_id: str | None = None,
        *,
        reasons: Sequence[str] = (),
    ) -> None:
        super().__init__(message, hint)
        self.plan_id, self.reasons = plan_id, tuple(reasons)


class RetriableError(KithError):
    """The same request may succeed later.

    Args:
        retry_after: seconds to wait at least, when the destination said so.
    """

    def __init__(self, message: str, hint: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class LaterError(KithError):
    """The destination takes nothing for a while: a quota is used up, or it names a long wait. Stops a run."""


class StopAsked(LaterError):
    """A person or a signal asked the run to end. Nothing more leaves; what was answered is kept."""


class RecordRefused(KithError):
    """The destination refused one record, and said why."""


class PermanentError(KithError):
    """The destination refuses everything until a person acts. Nothing retries it."""


def class_of(error: KithError) -> str | None:
    """What it takes until a run that the error ended goes on.

    Returns:
        retriable (another try), configuration (a person puts the account or the sync right), or None for an
        error of this machine's or the warehouse's.
    """
    if isinstance(error, (RetriableError, LaterError)):
        return "retriable"
    return "configuration" if isinstance(error, (ConfigurationError, PermanentError)) else None
