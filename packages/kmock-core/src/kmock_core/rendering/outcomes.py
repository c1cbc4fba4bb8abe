"""What may come of asking a rule: an answer, or one of the ways of not answering. Types, not exceptions."""

from enum import Enum


class Outcome(Enum):
    """A rule was asked, and the request goes on to the next one."""

    SILENT = 'matched but silent: a spy, or a stream that gave no chunk'
    DECLINED = 'not mine: NotImplemented, or None from a callable'
    DEPLETED = 'depleted: nothing is left for this request and those to come'
