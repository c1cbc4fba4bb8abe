"""What is true of any JSON, whether it fits a schema or not."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_k8s.model.encoding import copy_json
from kmock_k8s.schemas import Schema
from kmock_k8s.schemas.defaulting import apply_defaults
from kmock_k8s.schemas.pruning import prune

KEYS = st.sampled_from(
    ['spec', 'status', 'metadata', 'kind', 'size', 'color', 'opts', 'on', 'ports', 'proto', 'free', 'opt', 'm', 'x']
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=2),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=5),
    max_leaves=20,
)
RESOURCES = st.fixed_dictionaries({'kind': st.just('Widget')}, optional={'spec': ANYTHING, 'x': ANYTHING})


@settings(max_examples=100, deadline=None)
@given(value=ANYTHING | RESOURCES)
def test_what_was_pruned_has_nothing_to_prune(value: Any, widget_schema: Schema) -> None:
    prune(value, widget_schema)
    pruned = copy_json(value)
    assert prune(value, widget_schema) == []
    assert value == pruned


@settings(max_examples=100, deadline=None)
@given(value=ANYTHING | RESOURCES)
def test_what_has_its_defaults_gets_no_more(value: Any, widget_schema: Schema) -> None:
    apply_defaults(value, widget_schema)
    completed = copy_json(value)
    apply_defaults(value, widget_schema)
    assert value == completed


@settings(max_examples=100, deadline=None)
@given(value=ANYTHING | RESOURCES)
def test_defaults_are_never_pruned(value: Any, widget_schema: Schema) -> None:
    prune(value, widget_schema)
    apply_defaults(value, widget_schema)
    assert prune(value, widget_schema) == []
