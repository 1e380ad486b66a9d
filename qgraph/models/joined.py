"""Check that roads lead from every stop of a city to every other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping


def check_joined(stops: tuple[str, ...], driven: set[tuple[str, str]], through_stops: bool) -> None:
    """Raise ValueError unless ways lead from every stop to every other, in directions `driven`."""
    if len(stops) < 2:
        return
    first, known = stops[0], set(stops)
    onward, back = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for source, target in driven:
        onward[source].append(target)
        back[target].append(source)
    from_first, to_first = _reachable(first, onward, set()), _reachable(first, back, set())
    for stop in stops:
        if stop not in from_first:
            raise ValueError(f"`edges`: no way leads from stop {first!a} to stop {stop!a}")
        if stop not in to_first:
            raise ValueError(f"`edges`: no way leads from stop {stop!a} to stop {first!a}")
    direct = sum(a in known and b in known for a, b in driven)
    if through_stops or direct == len(stops) * (len(stops) - 1):
        return
    for stop in stops:
        missed = known - _reachable(stop, onward, known)
        if missed:
            raise ValueError(
                f"`edges`: no way without other stops leads from stop {stop!a} to stop {min(missed)!a}"
            )


def _reachable(start: str, ways: Mapping[str, list[str]], ends: set[str]) -> set[str]:
    """The nodes that can be reached from `start` by ways that end at the first of `ends`."""
    seen, frontier = {start}, [start]
    while frontier:
        here = frontier.pop()
        if here == start or here not in ends:
            new = [node for node in ways.get(here, ()) if node not in seen]
            seen.update(new)
            frontier += new
    return seen
