"""Finding a partner for everyone: maximum matching in a graph of two sides."""

from collections.abc import Iterator, Sequence


def saturates(choices: Sequence[Sequence[int]]) -> bool:
    """Tell if everyone on the left can get a partner of its own, out of its choices on the right.

    This is the algorithm of Hopcroft and Karp, with loops instead of recursion. It begins with the pickiest ones, and
    ends as soon as one can have no partner. Those with the same list of choices (not equal: the same) share the work.
    """
    order = sorted(range(len(choices)), key=lambda left: len(choices[left]))
    partners, waiting = _match_greedily(choices, order)
    while waiting:
        layers = _layer(choices, partners, waiting)
        if not layers:
            return False
        untried = {left: iter(choices[left]) for left in layers}
        waiting = [left for left in waiting if not _augment(left, layers, untried, partners)]
    return True


def _match_greedily(choices: Sequence[Sequence[int]], order: list[int]) -> tuple[dict[int, int], list[int]]:
    """The partners on the right of those who got the first free one, and all the others."""
    partners: dict[int, int] = {}
    waiting: list[int] = []
    untried: dict[int, Iterator[int]] = {}
    for left in order:
        rest = untried.setdefault(id(choices[left]), iter(choices[left]))
        right = next((right for right in rest if right not in partners), None)
        if right is None:
            waiting.append(left)
        else:
            partners[right] = left
    return partners, waiting


def _layer(choices: Sequence[Sequence[int]], partners: dict[int, int], waiting: list[int]) -> dict[int, int]:
    """How many steps each one on the left is away from one without a partner; nothing if no one can be helped."""
    layers = dict.fromkeys(waiting, 0)
    queue = list(waiting)
    walked: set[int] = set()
    helpful = False
    for left in queue:
        if id(choices[left]) in walked:
            continue
        walked.add(id(choices[left]))
        for right in choices[left]:
            owner = partners.get(right)
            if owner is None:
                helpful = True
            elif owner not in layers:
                layers[owner] = layers[left] + 1
                queue.append(owner)
    return layers if helpful else {}


def _augment(start: int, layers: dict[int, int], untried: dict[int, Iterator[int]], partners: dict[int, int]) -> bool:
    """Find a partner for one who has none, where others move on to their other choices, layer by layer."""
    path = [start]
    wanted: list[int] = []
    while path:
        left = path[-1]
        for right in untried[left]:
            owner = partners.get(right)
            if owner is None:
                partners.update(zip([*wanted, right], path, strict=True))
                return True
            if layers.get(owner) == layers[left] + 1:
                path.append(owner)
                wanted.append(right)
                break
        else:
            path.pop()
            if wanted:
                wanted.pop()
    return False
