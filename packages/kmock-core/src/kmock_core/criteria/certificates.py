"""The criterion on the certificate that a client has presented."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import EllipsisType
from typing import Any, ClassVar

from kmock_core.criteria.base import Criteria, Finding
from kmock_core.criteria.patterns import any_matches, compile_glob, describe, is_glob, merge_patterns
from kmock_core.values.requests import Request


class ClientCertCriteria(Criteria):
    """What the certificate of the client must be like: any at all (``...``), none (``None``), or patterns by field.

    Where a certificate has several values of a field, any of them may match.
    """

    __slots__ = ('fields',)

    fields: 'Mapping[str, Any] | EllipsisType | None'

    def __init__(self, fields: 'Mapping[str, Any] | EllipsisType | None') -> None:
        self.fields = fields

    def __repr__(self) -> str:
        return f'ClientCertCriteria({describe(self.fields)})'

    @property
    def notation(self) -> str:
        if self.fields is None or isinstance(self.fields, EllipsisType):
            return 'client_cert(None)' if self.fields is None else 'client_cert()'
        shown = [
            describe(pattern) if name == 'common_name' else f'{name}={describe(pattern)}'
            for name, pattern in self.fields.items()
        ]
        return f'client_cert({", ".join(shown)})'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClientCertCriteria) and other.fields == self.fields

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # as the other criteria

    def merge(self, other: Criteria, /) -> 'ClientCertCriteria | None':
        if not isinstance(other, ClientCertCriteria):
            return None
        return ClientCertCriteria(merge_patterns('client_cert', self.fields, other.fields))

    def check(self, request: Request, /) -> bool:
        certificate = request.client_cert
        if self.fields is None or certificate is None:
            return self.fields is certificate
        if isinstance(self.fields, EllipsisType):
            return True
        return all(_fits(pattern, certificate.texts(name)) for name, pattern in self.fields.items())

    def explain(self, request: Request, /) -> list[Finding]:
        certificate = request.client_cert
        if self.fields is None or certificate is None or isinstance(self.fields, EllipsisType):
            held = self.check(request)
            return [Finding('client_cert', held, '' if held else f'client_cert: {self._contrast(request)}')]
        findings: list[Finding] = []
        for name, pattern in self.fields.items():
            label = 'client_cert' if name == 'common_name' else f'client_cert[{name!r}]'
            values = certificate.texts(name)
            held = _fits(pattern, values)
            shown = describe(None if not values else values[0] if len(values) == 1 else list(values))
            findings.append(Finding(label, held, '' if held else f'{label}: {shown} != {describe(pattern)}'))
        return findings

    def _contrast(self, request: Request) -> str:
        certificate = request.client_cert
        if certificate is not None:
            return f'{certificate!r} != nothing'
        reason = '' if request.origin.scheme == 'https' else ' over plain HTTP'
        wanted = 'anything' if isinstance(self.fields, EllipsisType) else self.notation[len('client_cert(') : -1]
        return f'nothing{reason} != {wanted}'


def _fits(pattern: Any, values: Sequence[str]) -> bool:
    if isinstance(pattern, str) and is_glob(pattern):
        fullmatch = compile_glob(pattern).fullmatch
        return any(value == pattern or fullmatch(value) is not None for value in values)
    several: Any = pattern
    if isinstance(pattern, AbstractSet):
        return any(_fits(item, values) for item in several)
    return any_matches(pattern, values)
