"""What keeps Jobs and CronJobs from being valid."""

import re
from collections.abc import Iterator

from kmock_k8s.cluster.statuses import Cause, invalid_value, not_supported, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.cron import explain_schedule
from kmock_k8s.cluster.validating.pods import check_template
from kmock_k8s.cluster.validating.selectors import check_selector, matches
from kmock_k8s.cluster.validating.values import check_choice, check_kept, check_nonnegative, check_short, check_text
from kmock_k8s.model.encoding import JSONObject

_MAX_NAME = 52  # of a CronJob: its jobs get 11 characters more
_NUMBERS = ('parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished')
_KEPT = ('selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy')
_ZONE = re.compile(r'[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*', re.ASCII)


def validate_job(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a Job."""
    spec: JSONObject = part_of(content, 'spec')
    template: JSONObject = part_of(spec, 'template')
    selector: JSONObject | None = spec.get('selector')
    if selector is None:
        yield required('spec.selector')
    else:
        yield from check_selector(selector, 'spec.selector')
        labels: JSONObject = part_of(template, 'metadata', 'labels')
        if not matches(selector, labels):
            yield invalid_value(
                'spec.template.metadata.labels', labels or None, '`selector` does not match template `labels`'
            )
    yield from _check_spec(spec, 'spec')
    if live is not None:
        known: JSONObject = part_of(live, 'spec')
        elastic = spec.get('completionMode') == 'Indexed' and spec.get('completions') == spec.get('parallelism')
        kept = _KEPT if elastic else ('completions', *_KEPT)
        yield from check_kept(spec, known, kept, 'spec')
        if not (known.get('suspend') and not part_of(live, 'status').get('startTime')):
            yield from check_kept(spec, known, ('template',), 'spec')
    yield from check_nonnegative(part_of(content, 'status'), ('active', 'succeeded', 'failed', 'ready'), 'status')


def validate_cron_job(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a CronJob."""
    spec: JSONObject = part_of(content, 'spec')
    schedule: str = spec.get('schedule') or ''
    if not schedule:
        yield required('spec.schedule')
    elif 'TZ' in schedule:
        detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
        yield invalid_value('spec.schedule', schedule, detail)
    elif (wrong := explain_schedule(schedule)) is not None:
        yield invalid_value('spec.schedule', schedule, wrong)
    yield from check_nonnegative(spec, ('startingDeadlineSeconds',), 'spec')
    if spec.get('timeZone') is not None:
        yield from _check_zone(spec['timeZone'])
    policies = ('Allow', 'Forbid', 'Replace')
    yield from check_choice(spec.get('concurrencyPolicy'), 'spec.concurrencyPolicy', policies)
    limits = ('successfulJobsHistoryLimit', 'failedJobsHistoryLimit')
    yield from check_nonnegative(spec, limits, 'spec')
    job: JSONObject = part_of(spec, 'jobTemplate', 'spec')
    yield from _check_spec(job, 'spec.jobTemplate.spec')
    name: str = content['metadata'].get('name') or ''
    if live is None:
        yield from check_text(name, 'metadata.name', check_short(_MAX_NAME, lambda text: iter(())))


def _check_zone(zone: str) -> Iterator[Cause]:
    if not zone:
        yield invalid_value('spec.timeZone', zone, 'timeZone must be nil or non-empty string')
    elif zone.lower() == 'local':
        yield invalid_value(
            'spec.timeZone',
            zone,
            'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
        )
    elif not _ZONE.fullmatch(zone):
        yield invalid_value('spec.timeZone', zone, f'unknown time zone {zone}')


def _check_spec(spec: JSONObject, path: str) -> Iterator[Cause]:
    yield from check_nonnegative(spec, _NUMBERS, path)
    modes = ('NonIndexed', 'Indexed')
    yield from check_choice(spec.get('completionMode'), f'{path}.completionMode', modes, needed=False)
    if spec.get('completionMode') == 'Indexed' and spec.get('completions') is None:
        yield required(f'{path}.completions', 'when completion mode is Indexed')
    template: JSONObject = part_of(spec, 'template')
    yield from check_template(template, f'{path}.template')
    policy = part_of(template, 'spec').get('restartPolicy')
    field = f'{path}.template.spec.restartPolicy'
    if policy in {'Always', '', None}:
        yield required(field, 'valid values: "OnFailure", "Never"')
    elif policy not in {'OnFailure', 'Never'}:
        yield not_supported(field, policy, ('OnFailure', 'Never'))
