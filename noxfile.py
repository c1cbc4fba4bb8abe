"""The tasks of this repository; ``python3 dev.py NAME`` runs them without installing anything by hand.

Nearly all tasks share one environment, ``.nox/dev``, and add to it what they need; it remembers what was installed,
so that a second run starts at once. Only ``isolated`` makes new environments each time.
"""

import dataclasses
import functools
import hashlib
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

nox.needs_version = '>=2025.2.9'
nox.options.default_venv_backend = 'none'
nox.options.sessions = ['tests', 'lint', 'types', 'isolated', 'docs']

ROOT = Path(__file__).resolve().parent
WITHOUT_UV = ROOT / '.nox' / 'without-uv'
PACKAGES = {
    'kmock-core': ['kmock_core', 'kmock'],
    'kmock-http': ['kmock_http'],
    'kmock-k8s': ['kmock_k8s'],
    'pytest-kmock': ['pytest_kmock'],
}


@nox.session
def demo(session: nox.Session) -> None:
    """Show KMock at work, in a few seconds."""
    env = dev_environment(session, 'packages')
    env.run('python', 'examples/demo.py', *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests, docstrings, and examples of the docs; arguments go to pytest."""
    env = dev_environment(session, 'packages', 'tests')
    env.test('--doctest-modules', *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the tests and measure their coverage; arguments go to pytest."""
    env = dev_environment(session, 'packages', 'tests', 'coverage')
    env.run('coverage', 'run', '-m', 'pytest', '--doctest-modules', *session.posargs)
    env.run('coverage', 'report')


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style, the formatting, and the import contracts."""
    env = dev_environment(session, 'packages', 'lint')
    ruff = [['ruff', 'check', '.'], ['ruff', 'format', '--check', '.']]
    contracts = [['lint-imports', '--no-cache']]
    run_all(env, ruff, contracts)


@nox.session
def fix(session: nox.Session) -> None:
    """Format the code, and fix what ruff can fix."""
    env = dev_environment(session, 'lint')
    env.run('ruff', 'check', '--fix', '--exit-zero', '.')
    env.run('ruff', 'format', '.')


@nox.session
def types(session: nox.Session) -> None:
    """Check the types: mypy and pyright, both strict, and that the public names of each package are fully typed."""
    env = dev_environment(session, 'packages', 'tests', 'types')
    pyright = ['pyright', '--pythonpath', str(env.bin / 'python')]
    modules = [module for modules in PACKAGES.values() for module in modules]
    verify = [[*pyright, '--ignoreexternal', '--verifytypes', module] for module in modules]
    run_all(env, mypy_commands(), [[*pyright, '--warnings'], *verify])


@nox.session
@nox.parametrize('package', [nox.param(name, id=name) for name in PACKAGES])
def isolated(session: nox.Session, package: str) -> None:
    """Test each package alone: its wheel, its dependencies, its test requirements, outside of the source tree."""
    try:
        wheels = [str(build_wheel(name)) for name in closure(package)]
    except RuntimeError as exc:
        session.error(str(exc))
    requirements = ROOT / 'packages' / package / 'tests' / 'requirements.txt'
    options = ['-r', str(requirements)] if requirements.exists() else ['pytest']
    env = new_environment(session, f'isolated-{package}')
    env.install(*wheels, *options)
    with tempfile.TemporaryDirectory(prefix='kmock-isolated-') as tmp:
        shutil.copytree(ROOT / 'packages' / package / 'tests', Path(tmp, 'tests'))
        Path(tmp, 'pytest.ini').write_text(isolated_config(env), 'utf-8')
        with session.chdir(tmp):
            # The tests of a package prove then that nothing but its own dependencies is there.
            env.test('tests', *session.posargs, KMOCK_ISOLATED=package)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site into docs/_build; warnings, as of names that are documented nowhere, are errors."""
    env = dev_environment(session, 'packages', 'docs')
    # From nothing each time: what was built before gives no warnings.
    options = ['--fail-on-warning', '--keep-going', '--fresh-env', '--quiet']
    env.run('sphinx-build', *options, 'docs', 'docs/_build', *session.posargs)
    session.log(f'See {ROOT / "docs" / "_build" / "index.html"}')


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks; arguments go to python -m benchmarks."""
    env = dev_environment(session, 'packages', 'bench')
    env.run('python', '-m', 'benchmarks', *session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """Compare the cluster, or another server, with recordings of a real one; arguments go to python -m conformance."""
    env = dev_environment(session, 'packages', 'tests')
    env.run('python', '-m', 'conformance', *session.posargs, PYTHONPATH='tests-integration')


@nox.session
def build(session: nox.Session) -> None:
    """Build the sdists and wheels of all packages into dist/, and check them."""
    env = dev_environment(session, 'build')
    dist = ROOT / 'dist'
    shutil.rmtree(dist, ignore_errors=True)
    for package in PACKAGES:
        env.run('python', '-m', 'build', '--no-isolation', '--outdir', str(dist / package), f'packages/{package}')
        for wheel in (dist / package).glob('*.whl'):
            check_wheel(wheel)
    env.run('twine', 'check', '--strict', *map(str, sorted(dist.glob('*/*'))))


# Environments.


@dataclasses.dataclass(frozen=True)
class Environment:
    """A virtual environment; it has no pip, which installs into it from outside."""

    session: nox.Session
    path: Path

    @property
    def bin(self) -> Path:
        return self.path / ('Scripts' if os.name == 'nt' else 'bin')

    @property
    def environ(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.bin), os.environ.get('PATH', os.defpath)])
        variables = {**os.environ, 'PATH': path, 'VIRTUAL_ENV': str(self.path)}
        return {name: value for name, value in variables.items() if name not in ('PYTHONHOME', 'PYTHONPATH')}

    def run(self, program: str, *args: str, **variables: str) -> None:
        env: dict[str, str | None] = {**dict.fromkeys(os.environ), **self.environ, **variables}
        self.session.run(str(self.bin / program), *args, env=env)

    def test(self, *args: str, **variables: str) -> None:
        """Runs pytest, with a process for each CPU if pytest-xdist is there."""
        if output_of([str(self.bin / 'python'), '-c', 'import xdist']).returncode == 0:
            # All processes have to find the same tests; the names of some are made of sets.
            seed = os.environ.get('PYTHONHASHSEED', str(random.randrange(2**32)))
            self.session.log(f'PYTHONHASHSEED={seed}')
            args, variables = ('-n', 'auto', *args), {'PYTHONHASHSEED': seed, **variables}
        self.run('pytest', *args, **variables)

    def install(self, *args: str) -> None:
        """Installs by uv, which is several times quicker; by pip where uv is absent or not configured as pip is."""
        self.session.log(f'Installing {shlex.join(args).replace(f"{ROOT}{os.sep}", "")}')
        python = str(self.bin / 'python')
        result = uv_or_pip(
            ['pip', 'install', '--quiet', '--python', python, *args],
            ['--python', python, 'install', '--quiet', *args],
        )
        if result.returncode != 0:
            self.session.error(f'Cannot install {shlex.join(args)}:\n{result.stdout}')

    def install_once(self, name: str, *args: str, inputs: list[Path]) -> None:
        """Installs what is not installed yet; ``inputs`` are the files that the arguments refer to."""
        content = json.dumps([args, [path.read_text('utf-8') for path in inputs]])
        stamp = hashlib.sha256(content.encode()).hexdigest()
        marker = self.path / f'.kmock-{name}'
        if not marker.exists() or marker.read_text('utf-8') != stamp:
            self.install(*args)
            marker.write_text(stamp, 'utf-8')


def new_environment(session: nox.Session, name: str) -> Environment:
    env = Environment(session, ROOT / '.nox' / name)
    shutil.rmtree(env.path, ignore_errors=True)
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', str(env.path)], check=True)
    return env


def dev_environment(session: nox.Session, *groups: str) -> Environment:
    """The shared environment, where the groups of requirements are installed."""
    env = Environment(session, ROOT / '.nox' / 'dev')
    marker = env.path / '.kmock-python'
    stamp = f'{sys.version}\n{env.path}'
    if not marker.exists() or marker.read_text('utf-8') != stamp:
        env = new_environment(session, 'dev')
        marker.write_text(stamp, 'utf-8')
    for group in groups:
        args, inputs = requirements_of(group)
        if args:
            env.install_once(group, *args, inputs=inputs)
    return env


def requirements_of(group: str) -> tuple[list[str], list[Path]]:
    """The arguments for pip, and the files that they depend on."""
    if group == 'packages':
        projects = [ROOT / 'packages' / package / 'pyproject.toml' for package in PACKAGES]
        return [arg for path in projects for arg in ('--editable', str(path.parent))], projects
    args = list(nox.project.dependency_groups(nox.project.load_toml(ROOT / 'pyproject.toml'), group))
    if group == 'tests':
        paths = sorted(ROOT.glob('packages/*/tests/requirements.txt'))
        paths += sorted(ROOT.glob('tests-integration/requirements.txt'))
        return [*args, *(arg for path in paths for arg in ('-r', str(path)))], paths
    return args, []


def uv_or_pip(uv_args: list[str], pip_args: list[str]) -> subprocess.CompletedProcess[str]:
    uv = shutil.which('uv', path=str(Path(sys.executable).parent))
    if uv and os.environ.get('KMOCK_INSTALLER') != 'pip' and not WITHOUT_UV.exists():
        result = output_of([uv, *uv_args])
        if result.returncode == 0:
            return result
    else:
        uv = None
    result = output_of([sys.executable, '-m', 'pip', *pip_args])
    if uv and result.returncode == 0:
        WITHOUT_UV.touch()  # do not try in vain each time
    return result


# Wheels.


def closure(package: str) -> list[str]:
    """The package and its siblings that it depends on, directly or not."""
    project = tomllib.loads((ROOT / 'packages' / package / 'pyproject.toml').read_text('utf-8'))['project']
    siblings = [name for name in PACKAGES for spec in project['dependencies'] if spec.startswith(f'{name}~=')]
    return list(dict.fromkeys([package, *(name for sibling in siblings for name in closure(sibling))]))


@functools.cache
def build_wheel(package: str) -> Path:
    """The wheel of a package, built once in a run."""
    source = str(ROOT / 'packages' / package)
    outdir = ROOT / '.nox' / 'wheels' / package
    shutil.rmtree(outdir, ignore_errors=True)
    result = uv_or_pip(
        ['build', '--quiet', '--wheel', '--out-dir', str(outdir), source],
        ['wheel', '--quiet', '--no-deps', '--wheel-dir', str(outdir), source],
    )
    if result.returncode != 0:
        raise RuntimeError(f'Cannot build the wheel of {package}:\n{result.stdout}')
    (wheel,) = outdir.glob('*.whl')
    check_wheel(wheel)
    return wheel


def check_wheel(wheel: Path) -> None:
    """Demands that a wheel has its modules, all of them typed, and nothing else."""
    modules = set(PACKAGES[wheel.name.split('-', 1)[0].replace('_', '-')])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    absent = {f'{module}/py.typed' for module in modules} - set(names)
    foreign = {name.split('/', 1)[0] for name in names if '.dist-info/' not in name} - modules
    if absent or foreign:
        raise RuntimeError(f'{wheel.name} lacks {sorted(absent)}, and should not have {sorted(foreign)}')


# Checks.


def mypy_commands() -> list[list[str]]:
    """One run for each tree of tests, as they may have modules of the same names; the cache makes it quick."""
    sources = [f'packages/{package}/src' for package in PACKAGES]
    trees = [f'packages/{package}/tests' for package in PACKAGES] + ['tests-integration', 'examples']
    trees = [tree for tree in trees if any((ROOT / tree).rglob('*.py'))]
    return [
        ['mypy', 'conftest.py', 'dev.py', *sources],
        ['mypy', '-p', 'benchmarks'],
        *(['mypy', tree] for tree in trees),
    ]


def run_all(env: Environment, *lanes: list[list[str]]) -> None:
    """Runs every command even if some fail: the lanes in parallel, the commands of a lane one after another."""

    def run_lane(commands: list[list[str]]) -> list[str]:
        failed: list[str] = []
        for command in commands:
            title = shlex.join(command).replace(f'{ROOT}{os.sep}', '')
            # So that mypy knows the modules of a tree of tests by their paths in it, and the benchmarks by theirs.
            paths = os.pathsep.join([command[-1], str(ROOT)])
            variables = {**env.environ, 'MYPYPATH': paths} if command[0] == 'mypy' else env.environ
            result = output_of([str(env.bin / command[0]), *command[1:]], variables)
            lines = [line for line in result.stdout.splitlines() if line and not line.startswith('Completed in ')]
            if result.returncode == 0:
                lines = lines[-1:]
            else:
                failed.append(title)
            print('\n'.join([f'$ {title}', *lines]), flush=True)
        return failed

    with ThreadPoolExecutor(len(lanes)) as pool:
        failed = [title for titles in pool.map(run_lane, lanes) for title in titles]
    if failed:
        env.session.error('Failed: ' + '; '.join(failed))


def isolated_config(env: Environment) -> str:
    """The root configuration of pytest as an ini-file, without the options of plugins that are absent."""
    config = dict(nox.project.load_toml(ROOT / 'pyproject.toml')['tool']['pytest']['ini_options'])
    config.pop('testpaths')
    config['pythonpath'] = ['tests']  # for what the tests of a package share
    if output_of([str(env.bin / 'python'), '-c', 'import pytest_asyncio']).returncode != 0:
        config = {name: value for name, value in config.items() if not name.startswith('asyncio_')}
    lines = ['[pytest]']
    for name, value in config.items():
        text = '\n  '.join(['', *value]) if isinstance(value, list) else str(value).lower()
        lines.append(f'{name} = {text}')
    return '\n'.join([*lines, ''])


def output_of(command: list[str], env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', check=False
    )
