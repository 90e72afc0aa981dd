"""Numbers and lists in words."""

import pytest

from routing_inspect.words import counted, joined, shortened


@pytest.mark.parametrize(("number", "said"), [(0, "0 agents"), (1, "1 agent"), (2, "2 agents")])
def test_only_one_is_in_the_singular(number: int, said: str) -> None:
    """None are as many as several."""
    assert counted(number, "agent") == said


@pytest.mark.parametrize(
    ("texts", "said"), [(["1"], "1"), (["1", "2"], "1 and 2"), (["1", "2", "3"], "1, 2 and 3")]
)
def test_the_last_of_several_stands_behind_an_and(texts: list[str], said: str) -> None:
    """A comma stands between all but the last two."""
    assert joined(texts) == said


@pytest.mark.parametrize(
    ("most", "said"),
    [(1, "ana and 2 more"), (2, "ana, ben, caro"), (3, "ana, ben, caro"), (None, "ana, ben, caro")],
)
def test_what_is_beyond_the_most_is_counted(most: int | None, said: str) -> None:
    """Nobody is left out in silence."""
    assert shortened(["ana", "ben", "caro"], most) == said
