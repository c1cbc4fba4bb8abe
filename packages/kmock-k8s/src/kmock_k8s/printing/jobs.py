"""The cells of jobs."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import humanize, parse, print_age, print_since
from kmock_k8s.printing.fields import flag, has, is_leaving, items, name_of, number, part, parts, text
from kmock_k8s.printing.labels import NONE, print_selector
from kmock_k8s.printing.workloads import layout


def print_job(job: JSONObject, now: datetime) -> list[Any]:
    """A Job."""
    spec = part(job, 'spec')
    return [
        name_of(job),
        _state(job),
        _completions(spec, number(job, 'status', 'succeeded')),
        _duration(part(job, 'status'), now),
        print_age(job, now),
        *layout(part(spec, 'template')),
        print_selector(spec, 'selector'),
    ]


def print_cron_job(job: JSONObject, now: datetime) -> list[Any]:
    """A CronJob: if it is suspended is written as a text."""
    spec, status = part(job, 'spec'), part(job, 'status')
    last = status.get('lastScheduleTime')
    return [
        name_of(job),
        text(spec, 'schedule'),
        text(spec, 'timeZone', default=NONE),
        str(flag(spec, 'suspend')),
        len(items(status, 'active')),
        NONE if last is None else print_since(last, now),
        print_age(job, now),
        *layout(part(spec, 'jobTemplate', 'spec', 'template')),
        print_selector(spec, 'jobTemplate', 'spec', 'selector'),
    ]


def _state(job: JSONObject) -> str:
    held: dict[str, bool] = {}
    for told in parts(job, 'status', 'conditions'):
        held.setdefault(text(told, 'type'), text(told, 'status') == 'True')
    for condition in ('Complete', 'Failed'):
        if held.get(condition):
            return condition
    if is_leaving(job):
        return 'Terminating'
    return next((condition for condition in ('Suspended', 'FailureTarget') if held.get(condition)), 'Running')


def _completions(spec: JSONObject, succeeded: int) -> str:
    if has(spec, 'completions'):
        return f'{succeeded}/{number(spec, "completions")}'
    parallelism = number(spec, 'parallelism')
    return f'{succeeded}/1 of {parallelism}' if parallelism > 1 else f'{succeeded}/1'


def _duration(status: JSONObject, now: datetime) -> str:
    began, ended = parse(status.get('startTime')), parse(status.get('completionTime'))
    return '' if began is None else humanize((ended or now) - began)
