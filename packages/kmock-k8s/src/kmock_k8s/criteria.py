"""Criteria on what requests mean to the Kubernetes API, and the words of the DSL for them."""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, cast

from kmock_core import Criteria, Request, method
from kmock_core.criteria.base import Finding
from kmock_core.criteria.patterns import compile_glob, describe, is_glob, matches, merge_patterns
from kmock_core.errors import ContradictionError
from kmock_k8s.facet import KubernetesFacet
from kmock_k8s.model import actions, resources
from kmock_k8s.model.urls import Location, locate

FIELDS: tuple[str, ...] = ('method', 'action', 'resource', 'subresource', 'namespace', 'name')
"""The fields of `K8sCriteria` in the order in which they are asked, the cheap ones first."""

Check = Callable[[Request, Location], bool]


class K8sCriteria(Criteria):
    """One pattern for each part of a request to the Kubernetes API; ``...`` (the default) is anything, None is nothing.

    Several alternatives are a set or a list. Regular expressions match fully.

    Args:
        method: the HTTP method, in any case.
        action: what is done: ``'list'``, ``kmock.LIST``.
        resource: what denotes a resource, or some: ``'pods'``; a regular expression is for the whole ``'v1/pods'``.
        namespace: the namespace; globs.
        name: the name of the object; globs.
        subresource: the subresource.

    Two of them merge into one that says both; a contradiction is a `ContradictionError`.
    """

    __slots__ = ('_checks', *FIELDS)

    method: Any
    action: Any
    resource: Any
    subresource: Any
    namespace: Any
    name: Any

    def __init__(
        self,
        *,
        method: object = ...,
        action: object = ...,
        resource: object = ...,
        namespace: object = ...,
        name: object = ...,
        subresource: object = ...,
    ) -> None:
        self.method = _each(_as_method, method)
        self.action = _each(_as_action, action)
        self.resource = _each(_as_resource, resource)
        self.namespace = namespace
        self.name = name
        self.subresource = subresource
        self._checks: dict[frozenset[str], Callable[[Request], bool] | None] = {}

    def _defined(self) -> 'list[tuple[str, Any]]':
        return [(name, value) for name in FIELDS if (value := getattr(self, name)) is not ...]

    def __repr__(self) -> str:
        return f'K8sCriteria({", ".join(f"{name}={_show(value)}" for name, value in self._defined())})'

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, K8sCriteria):
            return NotImplemented
        return self._defined() == other._defined()

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # its fields can be lists

    @property
    def notation(self) -> str:
        verb = self.action if self.method is ... else self.method
        if not all(value is ... or isinstance(value, str) for value in (self.method, self.action)) or (
            verb is not self.action is not ...
        ):
            return repr(self)  # there is no shorter way to say it
        words = [] if verb is ... else [verb.lower()]
        parts: list[str] = []
        if isinstance(self.resource, resources.resource):
            text = str(self.resource)
            if (RESOURCE if words else PRECISE_RESOURCE).fullmatch(text):
                words.append(text)
            else:
                parts.append(repr(self.resource))
        elif self.resource is not ...:
            return repr(self)
        if words == ['delete'] and self.method is ...:
            words, parts = [], ['DELETE', *parts]  # as a text, it is the HTTP method
        if words:
            parts.insert(0, describe(' '.join(words)))
        named = [(name, value) for name, value in self._defined() if name in _NAMED]
        parts += [f'{name}({None if value is None else describe(value)})' for name, value in named]
        return ', '.join(parts) or 'None'

    def merge(self, other: Criteria, /) -> 'K8sCriteria | None':
        """The criteria that mean both, field by field; resources fill the absent parts of each other."""
        if not isinstance(other, K8sCriteria):
            return None
        merged = K8sCriteria()
        for name in FIELDS:
            old, new = getattr(self, name), getattr(other, name)
            if old is ... or new is ...:
                value = new if old is ... else old
            elif name == 'resource' and isinstance(old, resources.resource) and isinstance(new, resources.resource):
                value = _merge_resources(old, new)
            else:
                value = merge_patterns(name, old, new)
            setattr(merged, name, value)
        return merged

    def check(self, request: Request, /) -> bool:
        """Say if all of the fields match."""
        return all(check is None or check(request) for check in (self.target_check, self.rest_check))

    @property
    def target_check(self) -> Callable[[Request], bool] | None:
        """The check of the fields that depend on the method and the target alone."""
        return self._make_check(_IN_TARGET)

    @property
    def rest_check(self) -> Callable[[Request], bool] | None:
        """The check of the fields that may come from the body."""
        return self._make_check(_IN_BODY)

    def _make_check(self, fields: frozenset[str]) -> Callable[[Request], bool] | None:
        if fields in self._checks:
            return self._checks[fields]
        checks = [_CHECKS[name](value) for name, value in self._defined() if name in fields]

        def check(request: Request) -> bool:
            location = locate(request.target)
            for one in checks:
                if not one(request, location):
                    break
            else:
                return True
            return False

        made = self._checks[fields] = check if checks else None
        return made

    def explain(self, request: Request, /) -> list[Finding]:
        """One finding a field."""
        findings: list[Finding] = []
        for name, pattern in self._defined():
            held = _CHECKS[name](pattern)(request, locate(request.target))
            actual = request.method if name == 'method' else getattr(request.facet(KubernetesFacet), name)
            detail = '' if held else f'{name}: {_show(actual)} != {_show(pattern)}'
            findings.append(Finding(name, held, detail))
        return findings


# ---- The words of the DSL ----


def namespace(*patterns: Any) -> K8sCriteria:
    """The namespace of a request: ``namespace('ns1')``, a glob, a regular expression, several; None is no namespace."""
    return K8sCriteria(namespace=_alternatives(patterns))


def name(*patterns: Any) -> K8sCriteria:
    """The name of the object of a request: ``name('pod1')``, a glob, a regular expression, several; None is no name."""
    return K8sCriteria(name=_alternatives(patterns))


def subresource(*patterns: Any) -> K8sCriteria:
    """The subresource of a request: ``subresource('status')``, several; None is no subresource."""
    return K8sCriteria(subresource=_alternatives(patterns))


def _alternatives(patterns: tuple[Any, ...]) -> Any:
    if not patterns:
        return ...
    return patterns[0] if len(patterns) == 1 else list(patterns)


# ---- What is meant by the values of fields ----


def _each(convert: Callable[[Any], Any], pattern: Any) -> Any:
    """Convert a pattern, or each one of several."""
    given: Any = pattern
    if pattern is ... or pattern is None or isinstance(pattern, re.Pattern):
        return given
    if isinstance(pattern, (set, frozenset)):
        return frozenset(convert(item) for item in given)
    if isinstance(pattern, list):
        return [convert(item) for item in given]
    return convert(pattern)


def _as_method(item: Any) -> Any:
    return method(item) if isinstance(item, str) else item


def _as_action(item: Any) -> Any:
    return actions.action(item) if isinstance(item, str) else item


def _as_resource(item: Any) -> Any:
    return cast('Any', item) if item is None or isinstance(item, re.Pattern) else resources.resource(item)


def _merge_resources(old: resources.resource, new: resources.resource) -> resources.resource:
    parts = [first if second is None else second for first, second in zip(_parts(old), _parts(new), strict=True)]
    merged = resources.resource(*parts)
    if not old.check(merged):
        raise ContradictionError('resource', old, new)
    return merged


def _parts(item: resources.resource) -> resources.Parts:
    return item.group, item.version, item.plural


# ---- Ready-made checks ----


def _fits(pattern: Any, value: Any) -> bool:
    """Tell if a value is what a pattern says, or one of several patterns."""
    if pattern is None:
        return value is None
    if isinstance(pattern, (AbstractSet, list, tuple)):
        return any(_fits(item, value) for item in cast('AbstractSet[Any]', pattern))
    return value is not None and matches(pattern, value)


def _fits_text(pattern: Any, value: str | None) -> bool:
    """The same with globs."""
    if isinstance(pattern, str):
        return value == pattern or (value is not None and compile_glob(pattern).fullmatch(value) is not None)
    if isinstance(pattern, (AbstractSet, list, tuple)):
        return any(_fits_text(item, value) for item in cast('AbstractSet[Any]', pattern))
    return _fits(pattern, value)


def _fits_resource(pattern: Any, value: resources.resource | None) -> bool:
    if isinstance(pattern, resources.resource):
        return value is not None and pattern.check(value)
    if isinstance(pattern, (AbstractSet, list)):
        return any(_fits_resource(item, value) for item in cast('AbstractSet[Any]', pattern))
    return _fits(pattern, None if value is None else str(value))


def _namespace_of(request: Request, location: Location) -> str | None:
    found = location.namespace
    return request.facet(KubernetesFacet).namespace if found is None and request.method_name == 'POST' else found


def _name_of(request: Request, location: Location) -> str | None:
    found = location.name
    return request.facet(KubernetesFacet).name if found is None and request.method_name == 'POST' else found


def _text_check(part: Callable[[Request, Location], str | None], pattern: Any) -> Check:
    if type(pattern) is str and not is_glob(pattern):
        return lambda request, location: part(request, location) == pattern
    return lambda request, location: _fits_text(pattern, part(request, location))


def _method_check(pattern: Any) -> Check:
    if isinstance(pattern, method):
        return lambda request, location: request.method_name == pattern
    return lambda request, location: _fits(pattern, request.method_name)


def _action_check(pattern: Any) -> Check:
    if isinstance(pattern, actions.action):
        return lambda request, location: actions.action_of(request.method_name, location, request.target) == pattern
    return lambda request, location: _fits(pattern, actions.action_of(request.method_name, location, request.target))


def _resource_check(pattern: Any) -> Check:
    if not isinstance(pattern, resources.resource):
        return lambda request, location: _fits_resource(pattern, location.resource)
    group, version, plural = _parts(pattern)

    def check(request: Request, location: Location) -> bool:
        return (
            location.plural is not None
            and (plural is None or plural == location.plural)
            and (group is None or group == location.group)
            and (version is None or version == location.version)
        )

    return check


def _subresource_check(pattern: Any) -> Check:
    return lambda request, location: _fits(pattern, location.subresource)


_CHECKS: dict[str, Callable[[Any], Check]] = {
    'method': _method_check,
    'action': _action_check,
    'resource': _resource_check,
    'subresource': _subresource_check,
    'namespace': lambda pattern: _text_check(_namespace_of, pattern),
    'name': lambda pattern: _text_check(_name_of, pattern),
}


_IN_BODY = frozenset({'namespace', 'name'})
_IN_TARGET = frozenset(_CHECKS) - _IN_BODY


# ---- Telling the values of fields ----

_GROUP, _VERSION, _PLURAL = r'[a-z0-9][-.a-z0-9]*', r'v\d+(?:(?:alpha|beta)\d+)?', r'[a-z][-a-z0-9]*'

RESOURCE: 're.Pattern[str]' = re.compile(r'[a-z0-9][-./a-z0-9]*')
"""What may be meant for a resource after an action or a method."""
PRECISE_RESOURCE: 're.Pattern[str]' = re.compile(
    rf'(?:{_GROUP}/)?{_VERSION}/{_PLURAL}|{_PLURAL}\.{_VERSION}(?:\.{_GROUP})?'
)
"""What is meant for a resource also where it stands alone."""

_NAMED = frozenset({'subresource', 'namespace', 'name'})


def _show(value: Any) -> str:
    if isinstance(value, (method, actions.action, resources.resource)):
        return str(value)
    several: Any = value
    if isinstance(value, (frozenset, list)) and value:
        return f'{{{", ".join(sorted(map(_show, several)))}}}'
    return describe(several)
