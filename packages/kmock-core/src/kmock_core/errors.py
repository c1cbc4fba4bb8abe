"""The errors of KMock, all in one tree.

::

    KMockError
    ├── UnsupportedCriterionError   a thing in ``kmock[...]`` that means nothing   (also NotImplementedError)
    ├── ContradictionError          criteria that can never hold together          (also ValueError)
    ├── UnsupportedPayloadError     a thing after ``<<`` that is no payload   (also NotImplementedError, ValueError)
    ├── UnsupportedSinkError        a thing after ``>>`` that is no sink      (also NotImplementedError, ValueError)
    ├── ReactionMismatchError       a reaction that was replaced by a longer one   (also RuntimeError)
    ├── UnmatchedRequestError       no rule answered a request                     (also NotImplementedError)
    ├── OutcomeError                ``pytest.fail()`` or the like in code that the server calls
    ├── LimitExceededError          more requests than ``limit=`` allows
    ├── ExpectationError            not so many requests as expected               (also AssertionError)
    ├── UnusedRuleError             a rule that was never used, with strict='all'  (also AssertionError)
    ├── ForgottenRequestError       the request was forgotten by ``reset()`` while it was served
    ├── NotRunningError             needs an entered handler or a running server   (also RuntimeError)
    ├── StopTimeoutError            a server stopped, but something hung           (also TimeoutError)
    ├── WaitTimeoutError            what was waited for did not arrive             (also TimeoutError)
    ├── FeedingError                a batch that was consumed is fed again         (also RuntimeError)
    ├── MissingExtraError           a library of an extra is not installed         (also ImportError)
    ├── FaultError                  a fault of the test breaks the connection      (also ConnectionError)
    │   ├── FaultResetError                                                        (also ConnectionResetError)
    │   └── FaultAbortedError                                                      (also ConnectionAbortedError)
    └── PluginError                 an extension that is absent, broken or twice there
        ├── UnknownPluginError                                                     (also LookupError)
        ├── DuplicatePluginError
        └── BrokenPluginError

Every one can be caught as `KMockError`; the second bases are what Python's own code would raise in such a case.
"""

from asyncio import CancelledError
from typing import Any


class KMockError(Exception):
    """Something that KMock itself, not the code under test, has to complain about."""


class UnsupportedCriterionError(KMockError, NotImplementedError):
    """An object in ``kmock[...]`` has no meaning as a criterion; `criterion` is that object."""

    def __init__(self, message: str, criterion: object = None) -> None:
        super().__init__(message)
        self.criterion = criterion


class ContradictionError(KMockError, ValueError):
    """Two criteria can never hold together; `field` names what they disagree about."""

    def __init__(self, field: str, old: object, new: object) -> None:
        super().__init__(f'Ambiguous values of {field}: {old!r} vs. {new!r}')
        self.field = field
        self.old = old
        self.new = new


class UnsupportedPayloadError(KMockError, NotImplementedError, ValueError):
    """An object after ``<<`` has no meaning as a payload; `payload` is that object."""

    def __init__(self, message: str, payload: object = None) -> None:
        super().__init__(message)
        self.payload = payload


class UnsupportedSinkError(KMockError, NotImplementedError, ValueError):
    """An object after ``>>`` has no meaning as a sink; `sink` is that object."""

    def __init__(self, message: str, sink: object = None) -> None:
        super().__init__(message)
        self.sink = sink


class ReactionMismatchError(KMockError, RuntimeError):
    """A reaction is used that was replaced in its place by a longer one."""


class UnmatchedRequestError(KMockError, NotImplementedError):
    """No rule answered the request; the message names the nearest rules and what kept them from matching."""

    def __init__(self, message: str, request: Any = None) -> None:
        super().__init__(message)
        self.request = request


class OutcomeError(KMockError):
    """A payload, a criterion or a sink has said that the test is over: ``pytest.fail()``, ``sys.exit()`` or the like.

    It was said to the server, which must go on; so this error stands for it, and is raised in the end in any case.
    """


_MEANT_FOR_OTHERS = (CancelledError, GeneratorExit, KeyboardInterrupt)


def error_of(exc: BaseException) -> Exception:
    """The error that an exception is to the server; those that are meant for others are raised again."""
    if isinstance(exc, Exception):
        return exc
    if isinstance(exc, _MEANT_FOR_OTHERS):
        raise exc
    outcome = OutcomeError(f'{type(exc).__name__}: {exc}')
    outcome.__cause__ = exc
    return outcome


class LimitExceededError(KMockError):
    """More requests came than ``limit=`` allows."""


class ExpectationError(KMockError, AssertionError):
    """Not so many requests came as were expected; `unmet` holds a text for each such expectation.

    `place` is the file and the line where the first of them was said.
    """

    def __init__(self, message: str, unmet: tuple[str, ...] = (), place: tuple[str, int] | None = None) -> None:
        super().__init__(message)
        self.unmet = unmet
        self.place = place


class UnusedRuleError(KMockError, AssertionError):
    """Rules were never used, though they must be (``strict='all'``); `rules` are those."""

    def __init__(self, message: str, rules: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.rules = rules


class ForgottenRequestError(KMockError):
    """The request was forgotten by ``reset()`` before it had its answer."""


class NotRunningError(KMockError, RuntimeError):
    """The handler is not entered or no server of it runs, but one is needed."""


class StopTimeoutError(KMockError, TimeoutError):
    """A server did stop, but something of the user's hung; `culprits` names each one."""

    def __init__(self, message: str, culprits: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.culprits = culprits


class WaitTimeoutError(KMockError, TimeoutError):
    """What a test waited for did not arrive in time; the message says what did."""


class FeedingError(KMockError, RuntimeError):
    """A batch that was already consumed by the live streams is fed again."""


class MissingExtraError(KMockError, ImportError):
    """A library is needed that comes with an extra; `extra` is its name, the message tells what to install."""

    def __init__(self, message: str, *, extra: str = '') -> None:
        super().__init__(message)
        self.extra = extra


class FaultError(KMockError, ConnectionError):
    """A fault that the test has ordered breaks the connection; `breakage` says how."""

    def __init__(self, message: str, breakage: Any = None) -> None:
        super().__init__(message)
        self.breakage = breakage


class FaultResetError(FaultError, ConnectionResetError):
    """The connection is reset by a fault."""


class FaultAbortedError(FaultError, ConnectionAbortedError):
    """The connection is closed by a fault, with no answer or in the middle of it."""


class PluginError(KMockError):
    """An extension can't be used; `group` and `name` are those of its entry point."""

    def __init__(self, message: str, *, group: str = '', name: str = '') -> None:
        super().__init__(message)
        self.group = group
        self.name = name


class UnknownPluginError(PluginError, LookupError):
    """No extension of that name is installed; the message lists those that are."""


class DuplicatePluginError(PluginError):
    """Two distributions define one name; the message names both."""


class BrokenPluginError(PluginError):
    """An extension failed when it was loaded; the cause is chained."""
