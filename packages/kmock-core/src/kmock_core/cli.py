"""The program ``kmock``: its subcommands come by the entry-point group ``kmock.commands``."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from kmock_core.errors import BrokenPluginError, PluginError
from kmock_core.registry import COMMANDS, GROUPS


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit status: 2 for bad arguments, 1 for a plugin that can't be used."""
    try:
        return _run(argv)
    except PluginError as exc:
        sys.stderr.write(f'kmock: {exc}\n')
        return 1


def _run(argv: Sequence[str] | None) -> int:
    from importlib.metadata import version

    parser = ArgumentParser(prog='kmock', description='A mock server for HTTP APIs and for the Kubernetes API.')
    parser.add_argument('--version', action='version', version=f'kmock {version("kmock-core")}')
    subparsers = parser.add_subparsers(dest='command', metavar='command')
    for name in COMMANDS.names():
        try:
            command = COMMANDS.get(name)
        except BrokenPluginError as exc:  # it must not keep the others from working
            subparsers.add_parser(name, help=f'broken: {exc}'.replace('%', '%%'))
        else:
            command.configure(subparsers.add_parser(name, help=command.help, description=command.help))
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 0
    return COMMANDS.get(args.command).run(args)


class Plugins:
    """Lists what is installed, by extension point."""

    help = 'list the installed extensions of KMock'

    def configure(self, parser: ArgumentParser, /) -> None:
        """It has no arguments."""

    def run(self, args: Namespace, /) -> int:
        """Print the groups with their names, values and distributions."""
        for group in GROUPS:
            sys.stdout.write(f'{group.name}\n')
            for name, (value, distribution) in sorted(group.points().items()):
                sys.stdout.write(f'  {name:<14} {value}  ({distribution})\n')
        return 0


PLUGINS = Plugins()
