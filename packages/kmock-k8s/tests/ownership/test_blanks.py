from kmock_k8s import schemas
from kmock_k8s.ownership.blanks import blank


def test_the_parts_of_built_in_kinds_are_always_there() -> None:
    empty = blank(schemas.builtin('apps', 'v1', 'Deployment'))

    assert empty['spec'] == {
        'selector': None,
        'strategy': {},
        'template': {'metadata': {'creationTimestamp': None, 'deletionTimestamp': None}, 'spec': {'containers': None}},
    }
    assert empty['status'] == {}


def test_the_parts_of_custom_resources_are_not() -> None:
    spec = {'type': 'object', 'default': {}, 'properties': {'x': {'type': 'string', 'default': ''}}}

    assert blank(schemas.custom({'type': 'object', 'properties': {'spec': spec}})) == {'metadata': {}}
    assert blank(None) == {'metadata': {}}


def test_empty_texts_are_there_but_no_other_defaults() -> None:
    event = blank(schemas.builtin('', 'v1', 'Event'))

    assert event['reportingComponent'] == ''
    assert event['firstTimestamp'] is None
    assert 'type' not in event
