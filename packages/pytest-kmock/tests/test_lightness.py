"""What the plugin costs the test runs that do not use it."""

import json

import pytest

from pytest_kmock import plugin

pytest_plugins = ['pytester']

SOURCE = """
    import json, pathlib, sys

    def test():
        pathlib.Path('modules.json').write_text(json.dumps(sorted(sys.modules)))
"""


def test_a_run_that_does_not_use_it_imports_nothing_for_it_but_two_small_modules(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('PYTEST_DISABLE_PLUGIN_AUTOLOAD', '1')
    monkeypatch.delenv('PYTEST_ADDOPTS', raising=False)
    pytester.makepyfile(SOURCE)

    def modules(*args: str) -> set[str]:
        result = pytester.runpytest_subprocess(*args)
        result.assert_outcomes(passed=1)
        return set(json.loads((pytester.path / 'modules.json').read_text()))

    ours = modules('-p', 'pytest_kmock.plugin') - modules()
    assert ours == {'pytest_kmock', 'pytest_kmock.loopfixtures', 'pytest_kmock.plugin'}


def test_it_has_no_hooks_that_are_called_for_each_test() -> None:
    assert {name for name in dir(plugin) if name.startswith('pytest_')} == {'pytest_addoption', 'pytest_configure'}
