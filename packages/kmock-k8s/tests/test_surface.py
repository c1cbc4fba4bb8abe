"""The public names: those of the facade, the same on a handler, and for type checkers."""

import ast
import inspect
from pathlib import Path

import pytest

import kmock
import kmock_k8s
from kmock_k8s import names

FOR_ANNOTATIONS = {'HistoryKey', 'ObjectKey', 'ResourceDict', 'ResourceKey', 'Selectable', 'VersionKey'}
NAMES = sorted(set(kmock_k8s.__all__) - {'__version__'})


@pytest.mark.parametrize('name', NAMES)
def test_the_facade_and_handlers_have_the_very_objects(name: str) -> None:
    assert getattr(kmock, name) is getattr(kmock_k8s, name)
    assert getattr(kmock.RawHandler(), name) is getattr(kmock_k8s, name)
    assert name in dir(kmock)


def test_type_checkers_are_shown_all_names_on_a_handler() -> None:
    tree = ast.parse(Path(inspect.getfile(names)).read_text('utf-8'))
    shown = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    shown |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert shown == set(NAMES) - FOR_ANNOTATIONS
