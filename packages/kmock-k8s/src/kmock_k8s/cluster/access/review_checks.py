"""What can't be asked in reviews of rights (``pkg/apis/authorization/validation``)."""

from collections.abc import Iterator, Set

from kmock_k8s.cluster.statuses import Cause, invalid_value, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of


def check_self(content: JSONObject) -> list[Cause]:
    """The causes to refuse a ``SelfSubjectAccessReview``."""
    return [*_check_spec(content['spec']), *_check_metadata(content, frozenset(), 'must be empty')]


def check_review(content: JSONObject) -> list[Cause]:
    """The causes to refuse a ``SubjectAccessReview``."""
    causes = [*_check_spec(content['spec']), *_check_user(content['spec'])]
    return [*causes, *_check_metadata(content, frozenset(), 'must be empty')]


def check_local(content: JSONObject) -> list[Cause]:
    """The causes to refuse a ``LocalSubjectAccessReview``, which is in a namespace."""
    spec: JSONObject = content['spec']
    causes = [*_check_spec(spec), *_check_user(spec)]
    causes += _check_metadata(content, frozenset({'namespace'}), 'must be empty except for namespace')
    wanted: JSONObject | None = spec.get('resourceAttributes')
    if wanted is not None and (wanted.get('namespace') or '') != metadata_of(content).get('namespace'):
        field, value = 'spec.resourceAttributes.namespace', wanted.get('namespace') or ''
        causes.append(invalid_value(field, value, 'must match metadata.namespace'))
    if spec.get('nonResourceAttributes') is not None:
        field, value = 'spec.nonResourceAttributes', _show_url(spec['nonResourceAttributes'])
        causes.append(invalid_value(field, value, 'disallowed on this kind of request'))
    return causes


def _check_spec(spec: JSONObject) -> Iterator[Cause]:
    wanted, url = spec.get('resourceAttributes'), spec.get('nonResourceAttributes')
    if wanted is not None and url is not None:
        detail = 'cannot be specified in combination with resourceAttributes'
        yield invalid_value('spec.nonResourceAttributes', _show_url(url), detail)
    if wanted is None and url is None:
        detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
        yield invalid_value('spec.resourceAttributes', None, detail)
    for name in ('fieldSelector', 'labelSelector'):
        selector: JSONObject | None = part_of(spec, 'resourceAttributes').get(name)
        if selector is not None:
            yield from _check_selector(selector, f'spec.resourceAttributes.{name}')


def _check_selector(selector: JSONObject, field: str) -> Iterator[Cause]:
    raw, requirements = selector.get('rawSelector'), selector.get('requirements')
    if raw and requirements:
        yield invalid_value(f'{field}.rawSelector', raw, 'may not specified at the same time as requirements')
    if not raw and not requirements:
        yield required(f'{field}.requirements', f'when {field} is specified, requirements or rawSelector is required')


def _check_user(spec: JSONObject) -> Iterator[Cause]:
    if not spec.get('user') and not spec.get('groups'):
        yield invalid_value('spec.user', spec.get('user') or '', 'at least one of user or group must be specified')


def _check_metadata(content: JSONObject, taken: Set[str], detail: str) -> Iterator[Cause]:
    metadata = metadata_of(content)
    if any(value and field not in taken and field != 'managedFields' for field, value in metadata.items()):
        yield invalid_value('metadata', metadata, detail)


def _show_url(url: JSONObject) -> JSONObject:
    """A path and a verb as Go shows a structure without names for JSON."""
    return {'Path': url.get('path') or '', 'Verb': url.get('verb') or ''}
