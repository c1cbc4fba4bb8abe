"""Functions of others that are replaced while anybody needs it, and put back when nobody does any more."""

import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import BuiltinFunctionType, MethodDescriptorType, TracebackType
from typing import Any, Generic, Self, TypeVar

from kmock_http.errors import AlreadyRunningError, InterceptionError

T = TypeVar('T')

Replace = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Makes the replacement of a function, of that function."""

_lock = threading.Lock()


class Seam:
    """One function of a module or of a class that can be replaced and put back.

    Args:
        owner: the module or the class.
        name: the name of the function there.
        replace: makes the replacement of the function that is there, which may be that of others.
    """

    def __init__(self, owner: Any, name: str, replace: Replace) -> None:
        self._owner = owner
        self._name = name
        self._replace = replace
        self._pristine = getattr(owner, name)
        self._previous: Any = None
        self._is_own = False
        self._replacement: Any = None

    def __repr__(self) -> str:
        return f'{self._owner.__name__}.{self._name}'

    def open(self) -> None:
        """Replace the function."""
        self._previous = getattr(self._owner, self._name)
        self._is_own = self._name in vars(self._owner)
        self._replacement = self._replace(self._previous)
        setattr(self._owner, self._name, self._replacement)

    def close(self) -> bool:
        """Put back what was there before; False if others have replaced it since, which is left as it is."""
        current, replacement, previous = getattr(self._owner, self._name), self._replacement, self._previous
        self._previous = self._replacement = None
        if current is replacement:
            if self._is_own:
                setattr(self._owner, self._name, previous)
            else:
                delattr(self._owner, self._name)
            return True
        return current is previous or current is self._pristine or self._is_pythons(current)  # others have put it back

    def _is_pythons(self, function: Any) -> bool:
        """Tell if it came with Python: with pytest-socket, others were there before anybody could remember it."""
        code = getattr(function, '__code__', None)
        if code is None:
            return isinstance(function, (BuiltinFunctionType, MethodDescriptorType))
        home = sys.modules.get(getattr(self._owner, '__module__', self._owner.__name__))
        return bool(code.co_filename == getattr(home, '__file__', None))


class Seams(Generic[T]):
    """Several functions that are replaced together, from the first user's entering to the last one's leaving.

    Users may come and go in any order, and in any thread.
    """

    users: tuple[T, ...]
    """Who needs it now, the last one that came first."""

    def __init__(self, *seams: Seam) -> None:
        self._seams = seams
        self.users = ()

    def enter(self, user: T) -> None:
        """Replace the functions, if they are not yet; an error if the same user has come already."""
        with _lock:
            if user in self.users:
                raise AlreadyRunningError(f'The same interceptor cannot be entered twice: {user!r}')
            self.users = (user, *self.users)
            if len(self.users) == 1:
                for seam in self._seams:
                    seam.open()

    def leave(self, user: T) -> None:
        """Put the functions back after the last user; an error if others have replaced them since."""
        with _lock:
            if user not in self.users:
                raise InterceptionError(f'The interceptor cannot be left because it was not entered: {user!r}')
            self.users = tuple(other for other in self.users if other is not user)
            if not self.users and (lost := [seam for seam in reversed(self._seams) if not seam.close()]):
                raise InterceptionError(
                    f'{", ".join(map(repr, lost))} was replaced by others after the interceptor was entered, and is '
                    f'left to them. What is replaced last is to be restored first.'
                )


class Entered(ABC):
    """What is entered and left, also by ``with``: then, an error of leaving does not hide one of the test."""

    @abstractmethod
    def enter(self) -> None:
        """Begin; what the context manager does."""

    @abstractmethod
    def leave(self) -> None:
        """Cease, even if it is an error."""

    def __enter__(self) -> Self:
        self.enter()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            self.leave()
        except InterceptionError as error:
            if exc is None:
                raise
            exc.add_note(str(error))
