from kmock_k8s.ownership.conflicts import conflict, mistyped, name_manager
from kmock_k8s.ownership.fieldsets import FieldSet
from kmock_k8s.ownership.managers import Entry

M1 = Entry('m1', 'Apply', 'v1', '', {})
HPA = Entry('hpa', 'Update', 'apps/v1', 'scale', {})
DATA: FieldSet = {'f:data': {'f:k1': {}, 'f:k2': {}}}


def test_managers_are_named_with_what_they_used() -> None:
    assert name_manager(M1) == '"m1"'
    assert name_manager(HPA) == '"hpa" with subresource "scale" using apps/v1'
    assert name_manager(Entry('a"b', 'Update', 'v1', '', {})) == '"a\\"b" using v1'


def test_one_conflict_is_told_on_one_line() -> None:
    error = conflict([(HPA, {'f:spec': {'f:replicas': {}}})])

    assert (error.status, error.reason) == (409, 'Conflict')
    assert error.message == (
        'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas'
    )


def test_several_conflicts_are_told_by_managers() -> None:
    error = conflict([(M1, DATA), (HPA, {'f:spec': {'f:replicas': {}}})])

    assert error.message == (
        'Apply failed with 3 conflicts: conflicts with "hpa" with subresource "scale" using apps/v1:\n'
        '- .spec.replicas\nconflicts with "m1":\n- .data.k1\n- .data.k2'
    )
    assert error.details is not None
    assert error.details['causes'][2] == {
        'reason': 'FieldManagerConflict',
        'message': 'conflict with "m1"',
        'field': '.data.k2',
    }


def test_what_is_mistyped_is_told_with_the_object() -> None:
    config = {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'd', 'namespace': 'n'}}

    assert mistyped(config, 'apps/v1', 'why').message == (
        'failed to create typed patch object (n/d; apps/v1, Kind=Deployment): why'
    )
    assert mistyped({'kind': 'X'}, 'v1', 'why').message == 'failed to create typed patch object (/; /v1, Kind=X): why'
