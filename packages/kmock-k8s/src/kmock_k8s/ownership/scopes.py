"""Which fields a request can write at all, by the subresource that it is about."""

from dataclasses import dataclass, field

from kmock_k8s.ownership.fieldsets import FieldSet, inside, no_fields, outside


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an object is owned by those who write it: what they write elsewhere is dropped, not owned.

    Attributes:
        only: the fields that are written, with all below; None for all.
        without: those that are not, with all below.
    """

    only: 'FieldSet | None' = None
    without: FieldSet = field(default_factory=no_fields)

    def __call__(self, fields: FieldSet) -> FieldSet:
        """The part of a set that is in this scope."""
        found = outside(fields, self.without) if self.without else fields
        return found if self.only is None else inside(found, self.only)


EVERYTHING = Scope()
"""No field is left out."""

_STATUS: FieldSet = {'f:status': {}}
_WITHOUT_STATUS = Scope(without=_STATUS)
_ONLY_STATUS = Scope(only=_STATUS)
_BUILTIN_STATUS = Scope(without={'f:spec': {}})
_WORKLOAD_STATUS = Scope(without={'f:spec': {}, 'f:metadata': {'f:labels': {}}})


def scope_of_custom(subresource: str, *, has_status: bool) -> Scope:
    """The scope of requests about custom resources, with the subresource status or without it."""
    if subresource == 'status':
        return _ONLY_STATUS
    return _WITHOUT_STATUS if has_status and not subresource else EVERYTHING


def scope_of_builtin(subresource: str, *, kind: str, has_status: bool) -> Scope:
    """The scope of requests about built-in kinds."""
    if subresource == 'status':
        return _WORKLOAD_STATUS if kind == 'Deployment' else _BUILTIN_STATUS
    return _WITHOUT_STATUS if has_status and not subresource else EVERYTHING
