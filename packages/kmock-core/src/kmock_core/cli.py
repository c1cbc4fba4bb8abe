"""The program ``kmock``: its subcommands come by the entry-point group ``kmock.commands``."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import NoReturn

from kmock_core.errors import BrokenPluginError, PluginError
from kmock_core.registry import COMMANDS, list_groups

# Which distribution has which commands: to tell what to install.
_HOMES = {'serve': 'kmock-http', 'fetch': 'kmock-k8s'}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit status: 2 for bad arguments, 1 for a plugin that can't be used."""
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except PluginError as exc:
        sys.stderr.write(f'kmock: {exc}\n')
        return 1
    except KeyboardInterrupt:
        return 130  # as of any program that is interrupted


def _run(argv: Sequence[str]) -> int:
    named = next((word for word in argv if not word.startswith('-')), None)
    if named in _HOMES and named not in COMMANDS:
        home = _HOMES[named]
        sys.stderr.write(f'kmock {named} comes with {home}: pip install {home}\n')
        return 2
    parser, parsers = _make_parser(named)
    args, rest = parser.parse_known_args(argv)
    if rest:
        parsers.get(args.command, parser).error(f'unrecognized arguments: {" ".join(rest)}')
    if args.command is None:
        parser.print_help()
        return 0
    return COMMANDS.get(args.command).run(args)


def _make_parser(named: str | None) -> tuple[ArgumentParser, dict[str, ArgumentParser]]:
    """The parser, and those of the commands; only the named command is loaded, or else all of them for the help."""
    from importlib.metadata import version

    parser = Parser(prog='kmock', description='A mock server for HTTP APIs and for the Kubernetes API.')
    parser.add_argument('--version', action='version', version=f'kmock {version("kmock-core")}')
    subparsers = parser.add_subparsers(dest='command', metavar='command')
    parsers: dict[str, ArgumentParser] = {}
    for name in COMMANDS.names():
        if named in COMMANDS and named != name:
            parsers[name] = subparsers.add_parser(name)
            continue
        try:
            command = COMMANDS.get(name)
        except BrokenPluginError as exc:  # it must not keep the others from working
            parsers[name] = subparsers.add_parser(name, help=f'broken: {exc}'.replace('%', '%%'))
        else:
            parsers[name] = subparsers.add_parser(name, help=command.help, description=command.help)
            command.configure(parsers[name])
    return parser, parsers


class Parser(ArgumentParser):
    """Tells what is wrong with the arguments, and what is accepted, in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with the status 2."""
        self.exit(2, f'{self.prog}: {message}; {" ".join(self.format_usage().split())}\n')


class Plugins:
    """Lists what is installed, by extension point."""

    help = 'list the installed extensions of KMock'

    def configure(self, parser: ArgumentParser, /) -> None:
        """It has no arguments."""

    def run(self, args: Namespace, /) -> int:
        """Print the groups with their names, values and distributions."""
        for group in list_groups():
            sys.stdout.write(f'{group.name}\n')
            for name, (value, distribution) in sorted(group.points().items()):
                sys.stdout.write(f'  {name:<14} {value}  ({distribution})\n')
        return 0


PLUGINS = Plugins()
