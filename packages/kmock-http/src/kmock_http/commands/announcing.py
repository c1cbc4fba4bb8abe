"""What ``kmock serve`` says when it is ready: one line for programs, and for people to paste from."""

import os
import shlex
import sys
from argparse import Namespace
from pathlib import Path

from kmock_http.commands.journal import write_line, write_log
from kmock_http.commands.lines import is_terminal
from kmock_http.server import Server

_TRUSTS = ('SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS')
"""By which variables programs learn of an authority: those with OpenSSL or in Go, requests, Node."""


def announce(name: str, server: Server, args: Namespace, *, speaks_kubernetes: bool) -> None:
    """Say that all is ready, in one line, at its end what to paste into a shell; to people, what to try then."""
    parts = [f'kmock serves {name} at {server.url}']
    if args.tls:
        parts.append(f'CA: {server.ca_path}')
    if args.kubeconfig:
        parts.append(f'kubeconfig: {args.kubeconfig}')
    parts.append(f'to stop: Ctrl+C, or kill {os.getpid()}')
    if args.kubeconfig:
        parts.append(export({'KUBECONFIG': str(Path(args.kubeconfig).absolute())}))
    elif args.tls:
        parts.append(export(dict.fromkeys(_TRUSTS, str(server.ca_path))))
    lines = [' | '.join(parts)]
    if speaks_kubernetes and not args.kubeconfig and not args.tokens and is_terminal(sys.stdout):
        # Without a token, kubectl would ask for a password, but only by https.
        trust = f' --certificate-authority {shlex.quote(str(server.ca_path))} --token any' if args.tls else ''
        lines.append(f'try: kubectl --server {server.url}{trust} get namespaces, or start it with --kubeconfig FILE')
    write_line(sys.stdout, '\n'.join(lines))
    if args.tokens and not args.tls:
        write_log(
            'kmock serve: kubectl, and all clients in Go, show no tokens over http, so that they are nobody: add --tls'
        )


def export(variables: dict[str, str], platform: str = sys.platform) -> str:
    """What to type into a shell to set variables: that of the platform.

    >>> export({'KUBECONFIG': '/my files/kc'}, 'linux')
    "export KUBECONFIG='/my files/kc'"
    """
    if platform == 'win32':
        return '; '.join(f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in variables.items())
    return 'export ' + ' '.join(f'{name}={shlex.quote(value)}' for name, value in variables.items())
