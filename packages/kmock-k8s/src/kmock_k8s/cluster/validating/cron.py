"""Schedules of CronJobs, as robfig/cron parses them: five fields, or ``@daily`` and the like."""

import re

_NAMES = {
    'month': ('jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'),
    'day of week': ('sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'),
}
_FIELDS = (('minute', 0, 59), ('hour', 0, 23), ('day of month', 1, 31), ('month', 1, 12), ('day of week', 0, 6))
_DESCRIPTORS = ('@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly')
_DURATION = re.compile(r'([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)', re.ASCII)


def explain_schedule(schedule: str) -> str | None:
    """What is wrong with a schedule; None if it is all right."""
    if schedule.startswith('@'):
        return _explain_descriptor(schedule)
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        return f'expected exactly 5 fields, found {len(fields)}: [{" ".join(fields)}]'
    for text, (name, low, high) in zip(fields, _FIELDS, strict=True):
        for part in text.split(','):
            wrong = _explain_part(part, name, low, high)
            if wrong is not None:
                return wrong
    return None


def _explain_descriptor(text: str) -> str | None:
    if text in _DESCRIPTORS:
        return None
    if text.startswith('@every '):
        duration = text.removeprefix('@every ')
        if duration and not _DURATION.sub('', duration):
            return None
        return f'failed to parse duration {text}: time: invalid duration "{duration}"'
    return f'unrecognized descriptor: {text}'


def _explain_part(part: str, name: str, low: int, high: int) -> str | None:
    span, *steps = part.split('/')
    found = _read_span(span, name, low, high, open_end=bool(steps))
    if isinstance(found, str):
        return found
    if len(steps) > 1:
        return f'too many slashes: {part}'
    step = _read(steps[0], '', 0) if steps else 1
    if isinstance(step, str):
        return step
    start, end = found
    if start < low:
        return f'beginning of range ({start}) below minimum ({low}): {part}'
    if end > high:
        return f'end of range ({end}) above maximum ({high}): {part}'
    if start > end:
        return f'beginning of range ({start}) beyond end of range ({end}): {part}'
    return None if step else f'step of range should be a positive number: {part}'


def _read_span(span: str, name: str, low: int, high: int, *, open_end: bool) -> tuple[int, int] | str:
    """The first and the last number of a span; or what is wrong with it."""
    if span.startswith(('*', '?')):
        return (low, high) if len(span) == 1 else f'failed to parse int from {span}'
    ends = span.split('-')
    if len(ends) > 2:
        return f'too many hyphens: {span}'
    numbers: list[int] = []
    for text in ends:
        number = _read(text, name, low)
        if isinstance(number, str):
            return number
        numbers.append(number)
    return numbers[0], high if open_end and len(ends) == 1 else numbers[-1]


def _read(text: str, name: str, low: int) -> int | str:
    names = _NAMES.get(name, ())
    if text.lower() in names:
        return names.index(text.lower()) + low
    if not re.fullmatch('[+-]?[0-9]+', text, re.ASCII):
        return f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax'
    number = int(text)
    return f'negative number ({number}) not allowed: {text}' if number < 0 else number
