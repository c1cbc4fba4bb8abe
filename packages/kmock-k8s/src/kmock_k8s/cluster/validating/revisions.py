"""What keeps the revisions that controllers keep from being valid."""

from collections.abc import Iterator

from kmock_k8s.cluster.statuses import Cause, invalid_value, required
from kmock_k8s.cluster.validating.values import check_nonnegative
from kmock_k8s.model.encoding import JSONObject


def validate_revision(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a ControllerRevision: its data stay as they were."""
    data = content.get('data')
    if live is not None and data != live.get('data'):
        yield invalid_value('data', data, 'field is immutable')
    if data is None:
        yield required('data', 'data is mandatory')
    for cause in check_nonnegative(content, ('revision',), ''):
        yield cause._replace(field='revision')
