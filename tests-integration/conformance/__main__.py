"""``python -m conformance``: see the package."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import conformance
import kmock
from conformance import floors, page, report
from conformance.judging import Judgement, judge
from conformance.levels import LEVELS, Level
from conformance.recordings import known, load, select
from conformance.replay import PATIENT, QUICK
from conformance.targets import CLUSTER, Target, existing, from_kubeconfig, served, tls_context
from conformance.wire import Address


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser('conformance', description=conformance.__doc__, formatter_class=_Formatter)
    options.add_argument('names', nargs='*', metavar='NAME', help='scenarios, such as cm-*; all by default')
    where = options.add_mutually_exclusive_group()
    where.add_argument('--handler', metavar='NAME', help=f'a handler, new for each scenario; {CLUSTER} by default')
    where.add_argument('--url', metavar='URL', help='a server that is there')
    where.add_argument('--kubeconfig', metavar='FILE', type=Path, help='a cluster that is there: the current context')
    options.add_argument('--token', metavar='T', default='admin-token', help='with --url: of a user who may do all')
    options.add_argument('--nobody-token', metavar='T', default='nobody-token', help='of a user who may do nothing')
    options.add_argument('--insecure', action='store_true', help='with --url: trust any certificate')
    options.add_argument(
        '--patient',
        action=argparse.BooleanOptionalAction,
        help='wait for all that may come after what was recorded; the default for servers that are not ours',
    )
    options.add_argument('--show', metavar='N', type=int, default=0, help='the first differences of each scenario')
    names = [level.name.lower() for level in LEVELS]
    options.add_argument('--level', choices=names, default='body', help='what --show explains; body by default')
    options.add_argument('--markdown', action='store_true', help='print a table in Markdown')
    options.add_argument('--json', metavar='FILE', type=Path, help='write the level of each step there')
    options.add_argument('--list', action='store_true', help='the scenarios, with their descriptions')
    options.add_argument('--raise', dest='rise', action='store_true', help=f'raise the floors of {CLUSTER}')
    options.add_argument('--page', action='store_true', help=f'write {page.PATH} by the floors, and replay nothing')
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Replay and report; the exit status is 1 only if floors would be lowered, or the page would not be true."""
    options = parser()
    args = options.parse_args(argv)
    try:
        names = select(args.names)
        target = _target(args)
    except (LookupError, OSError, ValueError, kmock.KMockError) as exc:
        options.error(str(exc))
    if args.list:
        print('\n'.join(f'{name:28} {load(name).description}' for name in names))
        return 0
    if args.page:
        return _write_page()
    if args.rise and (args.url or args.kubeconfig or args.handler not in (None, CLUSTER)):
        options.error(f'--raise is for {CLUSTER}, which is the default: without --handler, --url and --kubeconfig')
    patient = args.patient if args.patient is not None else bool(args.url or args.kubeconfig)
    judgements: list[Judgement] = []
    for name in names:
        judgement = judge(load(name), target(name), PATIENT if patient else QUICK)
        judgements.append(judgement)
        if not args.markdown:
            lines = [report.line(judgement), *report.explained(judgement, Level[args.level.upper()], args.show)]
            print('\n'.join(lines), flush=True)
    print(report.markdown(judgements) if args.markdown else report.total_line(judgements))
    if met := [judgement.scenario.name for judgement in judgements if judgement.met_leftovers()]:
        print(f'What these create was there already, so their numbers say nothing: {", ".join(met)}.', file=sys.stderr)
        print('Was it an earlier run? Use another cluster, or one that was cleaned.', file=sys.stderr)
    if args.json is not None:
        args.json.write_text(json.dumps(report.as_data(judgements), indent=1) + '\n', 'utf-8')
    return _rise(judgements) if args.rise else 0


def _target(args: argparse.Namespace) -> Callable[[str], Target]:
    """What gives the server for a scenario by its name."""
    if args.kubeconfig is not None:
        address = from_kubeconfig(args.kubeconfig, args.nobody_token)
    elif args.url is not None:
        tls = tls_context(insecure=args.insecure) if args.url.startswith('https:') else None
        address = Address(args.url, args.token, args.nobody_token, tls)
    else:
        handler: str = args.handler or CLUSTER
        served(handler)
        return lambda name: served(handler, name)
    target = existing(address)
    return lambda name: target


def _rise(judgements: Sequence[Judgement]) -> int:
    before = floors.read()
    complaints = floors.rise(judgements)
    if complaints:
        print('\n'.join(['The floors stay as they are:', *complaints]), file=sys.stderr)
        return 1
    for judgement in judgements:
        name = judgement.scenario.name
        for verdict, level in before[name].lost(judgement) if name in before else ():
            print(f'lost, though more was gained: {name} {verdict.step.id}, which was at "{level.name.lower()}"')
    print(f'The floors of {len(judgements)} of {len(known())} scenarios are written.')
    return _write_page()


def _write_page() -> int:
    if complaints := page.write():
        print('\n'.join([f'{page.PATH} stays as it is:', *complaints]), file=sys.stderr)
        return 1
    print(f'{page.PATH} is written.')
    return 0


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the description."""


if __name__ == '__main__':
    sys.exit(main())
