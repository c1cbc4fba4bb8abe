"""``kmock serve``: a mock for any program, in any language."""

import asyncio
import gc
from argparse import ArgumentParser, Namespace

from kmock_core.errors import PluginError
from kmock_core.registry import HANDLERS
from kmock_http.commands.journal import write_log
from kmock_http.commands.refusing import RefusedError
from kmock_http.commands.running import run_server


class Serve:
    """Serves a handler until a signal comes."""

    help = 'serve a mock of an HTTP API or of the Kubernetes API, until Ctrl+C'

    def configure(self, parser: ArgumentParser, /) -> None:
        """Add the options."""
        names = ', '.join(HANDLERS.names())
        parser.add_argument(
            '--handler',
            metavar='NAME',
            type=_read_text,
            help=f'what is served: {names}, or a class as package.module.Class; by default, the most capable of them',
        )
        parser.add_argument('--host', metavar='H', default='127.0.0.1', help='where to listen; by default, %(default)s')
        parser.add_argument(
            '--port', metavar='P', type=_read_port, default=0, help='by default, or if it is 0: any that is free'
        )
        parser.add_argument('--tls', action='store_true', help='serve by https, with certificates made on the fly')
        parser.add_argument(
            '--kubeconfig',
            metavar='FILE',
            type=_read_text,
            help='write the file by which clients of Kubernetes find the server',
        )
        parser.add_argument(
            '--load',
            metavar='FILE|DIR',
            type=_read_text,
            action='append',
            default=[],
            help='manifests of Kubernetes, in YAML or JSON, whose objects are there from the start: files, folders, or '
            '- for the standard input; repeatable',
        )
        parser.add_argument(
            '--resources',
            metavar='FILE',
            type=_read_text,
            action='append',
            default=[],
            help='resources of Kubernetes that are known from the start, as of "kmock fetch resources"; repeatable',
        )
        parser.add_argument(
            '--tokens',
            metavar='FILE',
            type=_read_text,
            help='the users by their bearer tokens, as kube-apiserver reads them: token,user,uid,"group1,group2"',
        )
        parser.add_argument(
            '--authorization',
            choices=('rbac', 'always'),
            help='what users may do: rbac for what the roles say, always for everything; by default, those of the '
            'group system:masters may do everything, and others next to nothing',
        )
        parser.add_argument(
            '--namespaces',
            choices=('strict', 'auto'),
            help='auto: namespaces come to be with the first object in them; by default, they have to be there',
        )
        parser.add_argument('-q', '--quiet', action='store_true', help='no log of the requests; errors are told')

    def run(self, args: Namespace, /) -> int:
        """Serve; returns 0 when stopped by a signal, 1 if something hung then, 2 for arguments that can't be."""
        gc.disable()  # until it serves: whatever is made by then stays
        try:
            asyncio.run(run_server(args))
        except (RefusedError, PluginError) as exc:
            write_log(f'kmock serve: {" ".join(str(exc).split())}')
            return 2
        finally:
            gc.enable()
        gc.freeze()  # else Python would look for garbage at its end: far longer than the server takes to stop
        return 0


def _read_port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f'a port is 0..65535, where 0 is any that is free, not {text!r}')
    return int(text)


def _read_text(text: str) -> str:
    if not text:  # as of a variable of the shell that is not set
        from argparse import ArgumentTypeError

        raise ArgumentTypeError('this is empty')
    return text


SERVE = Serve()
