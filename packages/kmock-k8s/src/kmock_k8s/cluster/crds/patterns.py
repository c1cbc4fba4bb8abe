"""Regular expressions as Go has them: what is wrong with those that it refuses (``regexp/syntax``)."""

import re

_LOOK_AHEAD = re.compile(r'\(\?[!=]')
_LOOK_BEHIND = re.compile(r'\(\?<[!=][^>]*>?')
_REFERENCE = re.compile(r'\\[1-9]')
_QUIET = re.compile(r'\\Q.*?(?:\\E|$)|\\[^1-9]|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]', re.DOTALL)


def explain_pattern(pattern: str) -> str:
    """Why Go would not take a pattern, as far as that is known for sure; an empty text if it would.

    >>> explain_pattern('^(?!a)')
    'error parsing regexp: invalid or unsupported Perl syntax: `(?!`'
    """
    plain = _QUIET.sub(lambda found: '_' * len(found[0]), pattern)
    found: list[tuple[int, str, str]] = []
    for kind, what in (
        (_LOOK_AHEAD, 'invalid or unsupported Perl syntax'),
        (_REFERENCE, 'invalid escape sequence'),
    ):
        found += [(one.start(), what, one[0]) for one in kind.finditer(plain)]
    for one in _LOOK_BEHIND.finditer(plain):
        shown = pattern[one.start() : one.end()] if one[0].endswith('>') else pattern[one.start() :]
        found.append((one.start(), 'invalid named capture', shown))
    depth = 0
    for at, char in enumerate(plain):
        depth += (char == '(') - (char == ')')
        if depth < 0:
            found.append((at, 'unexpected )', pattern))
            break
        if char == '[':
            found.append((at, 'missing closing ]', pattern[at:]))
            break
    if depth > 0 and not found:
        found.append((len(plain), 'missing closing )', pattern))
    if pattern[:1] in {'*', '+', '?'}:
        found.append((0, 'missing argument to repetition operator', pattern[0]))
    if not found:
        return ''
    _, what, shown = min(found)
    return f'error parsing regexp: {what}: `{shown}`'
