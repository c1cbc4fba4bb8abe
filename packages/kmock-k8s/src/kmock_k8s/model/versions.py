"""The versions of API groups, as they stand in objects and in URLs."""


def api_version_of(group: str, version: str) -> str:
    """A version of a group as it stands in objects.

    >>> api_version_of('apps', 'v1'), api_version_of('', 'v1')
    ('apps/v1', 'v1')
    """
    return f'{group}/{version}' if group else version


def root_of(group: str, version: str) -> str:
    """The path that all of a version of a group is below.

    >>> root_of('apps', 'v1'), root_of('', 'v1')
    ('/apis/apps/v1', '/api/v1')
    """
    return f'/apis/{group}/{version}' if group else f'/api/{version}'
