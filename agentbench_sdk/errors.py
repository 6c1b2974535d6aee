"""The one error tree.

    AgentbenchError
    ├── UsageError                    the caller asked for something that cannot be: exit code 2
    │   ├── ConfigurationError        an option, a parameter, a capability
    │   ├── TaskError                 a task or its data: file, line and field are named
    │   ├── UnknownNameError          no such task, model, judge …; says what there is
    │   ├── MissingExtraError         an optional dependency is not installed
    │   └── SandboxUnavailableError   no sandbox of that kind can be started here
    ├── ModelError                    one call to a model failed: never a score
    │   ├── TransportError            no connection, reset, name not resolved
    │   ├── RequestTimeoutError       no answer within the time-out
    │   ├── RateLimitedError          429, or a quota used up
    │   ├── ServerError               5xx
    │   ├── RequestRejectedError      4xx: the request itself is wrong
    │   │   ├── AuthenticationError   401, 403
    │   │   ├── ModelNotFoundError    404
    │   │   └── ContextLengthError    the request is longer than the model can read
    │   ├── InvalidResponseError      an answer arrived that is none
    │   │   ├── MalformedResponseError   not the JSON of the protocol
    │   │   ├── MissingChoiceError       well-formed, without an answer in it
    │   │   ├── TruncatedResponseError   the body ends too early
    │   │   └── EmptyResponseError       an answer without text and without a tool call
    │   ├── ContentFilteredError      the endpoint withheld the answer
    │   └── BudgetExceededError       the run's cost limit left no room for the call
    ├── EnvironmentFaultError         a simulator or sandbox broke (not: the agent erred)
    ├── SandboxFileError              a file in a sandbox cannot be read or written as asked
    ├── AgentFaultError               a custom agent's code raised
    ├── JudgeError                    a judge could not decide: the sample is unscored
    ├── CacheError                    the response cache cannot be used
    │   └── CacheMissError            replay policy, and no such answer is recorded
    └── RunFileError                  a run file cannot be read or does not say what it should
        └── ReplayMismatchError       re-execution differs from the record

Each message is one sentence for the person who reads it: what happened, where, what to do.
`kind` is the stable snake_case name that run files and reports use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from agentbench_sdk.messages import Usage
    from agentbench_sdk.models import Quota


class AgentbenchError(Exception):
    """Root of all errors that this package raises on purpose.

    Attributes:
        kind: stable name of the class in run files, for example "rate_limited".
        exit_code: what the command line exits with when this error ends it.
    """

    kind: ClassVar[str] = "agentbench"
    exit_code: ClassVar[int] = 3

    def __init_subclass__(cls) -> None:
        name = cls.__name__.removesuffix("Error")
        cls.kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class UsageError(AgentbenchError):
    """What was asked for cannot be done as asked; nothing was started."""

    exit_code = 2


class ConfigurationError(UsageError):
    """An option, parameter or capability does not fit."""


class TaskError(UsageError):
    """A task definition or its data is wrong.

    Arguments:
        message: what is wrong and what is accepted.
        file: the file at fault, as the user named it.
        line: line in that file, counted from 1.
        field: dotted path of the field, for example "judges.0.name".
    """

    def __init__(
        self, message: str, *, file: str | None = None, line: int | None = None, field: str | None = None
    ) -> None:
        self.file, self.line, self.field = file, line, field
        where = f"{file}:{line}" if file and line else file
        head = ", ".join(part for part in (where, f"field '{field}'" if field else None) if part)
        super().__init__(f"{head}: {message}" if head else message)


class UnknownNameError(UsageError):
    """No such task, environment, judge, model or scenario; names the nearest ones."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        self.what, self.name, self.known = what, name, sorted(known)
        near = get_close_matches(name, self.known, n=3, cutoff=0.5)
        if near:
            hint = "did you mean " + " or ".join(repr(each) for each in near) + "?"
        elif self.known:
            hint = "there is " + ", ".join(self.known[:20]) + (" …" if len(self.known) > 20 else "")
        else:
            hint = "none is registered"
        super().__init__(f"no {what} is named {name!r}; {hint}")


class MissingExtraError(UsageError):
    """An optional dependency is missing; names the extra that brings it."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(f"{purpose} needs an optional dependency: pip install 'agentbench-sdk[{extra}]'")


class SandboxUnavailableError(UsageError):
    """A sandbox provider does not work here; says what is missing and what to install."""


class ModelError(AgentbenchError):
    """One call to a model failed. It is reported as such and never scored.

    Attributes:
        retryable: whether the same request may succeed later.
        status: HTTP status of the answer, if there was one.
        retry_after: seconds the endpoint asked to wait, if it did.
        quota: what the endpoint said of its limits along with the refusal.
        usage: tokens that the failed answer used, and their cost, when the endpoint said so: they were
            paid for although nothing can be made of the answer.
    """

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        quota: Quota | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.retry_after, self.quota = status, retry_after, quota
        self.usage = usage


class TransportError(ModelError):
    """The connection could not be made or broke before an answer came."""

    retryable = True


class RequestTimeoutError(ModelError):
    """No complete answer within the time-out."""

    retryable = True


class RateLimitedError(ModelError):
    """The endpoint refuses because of its rate or quota."""

    retryable = True


class ServerError(ModelError):
    """The endpoint failed on its side (5xx)."""

    retryable = True


class RequestRejectedError(ModelError):
    """The endpoint calls the request wrong (4xx); repeating it would not help."""


class AuthenticationError(RequestRejectedError):
    """The key is missing, wrong or not allowed to do this."""


class ModelNotFoundError(RequestRejectedError):
    """The endpoint does not know the model or the path."""


class ContextLengthError(RequestRejectedError):
    """The request is longer than the model's context."""


class InvalidResponseError(ModelError):
    """An answer arrived that is none; it is never scored and never cached."""

    retryable = True


class MalformedResponseError(InvalidResponseError):
    """The body is not JSON, or not the JSON of the protocol."""


class MissingChoiceError(InvalidResponseError):
    """The body is well-formed and holds no choice."""


class TruncatedResponseError(InvalidResponseError):
    """The body ends before it is complete."""


class EmptyResponseError(InvalidResponseError):
    """The answer holds neither text nor a tool call."""


class ContentFilteredError(ModelError):
    """The endpoint withheld the answer because of its content filter."""


class BudgetExceededError(ModelError):
    """The cost limit of the run leaves no room for the call."""


class EnvironmentFaultError(AgentbenchError):
    """A simulator or sandbox broke; not the agent's doing, so never a score."""


class SandboxFileError(AgentbenchError):
    """A file in a sandbox cannot be read or written as asked; says what the tool inside said."""


class AgentFaultError(AgentbenchError):
    """The code of a custom agent raised."""


class JudgeError(AgentbenchError):
    """A judge could not decide; the sample is unscored, not wrong."""


class CacheError(AgentbenchError):
    """The response cache cannot be used."""


class CacheMissError(CacheError):
    """Under the replay policy a request has no recorded answer."""


class RunFileError(AgentbenchError):
    """A run file cannot be read, or lacks what was asked for."""


class ReplayMismatchError(RunFileError):
    """Executing the recorded calls again gives something else than the record."""
