"""Laws of rosters: what is written is read back, and any JSON is a roster or one clear error."""

from hypothesis import given
from hypothesis import strategies as st

from routing_inspect.contact import Roster
from routing_inspect.document import JSON, dumps
from routing_inspect.errors import DocumentError
from routing_inspect.roster import read_roster, write_roster
from routing_inspect.strategies import rosters

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(rosters())
def test_a_roster_written_and_read_is_the_same(roster: Roster) -> None:
    """Writing a roster loses nothing, and neither does its JSON text."""
    document = write_roster(roster)

    again = read_roster(document)

    assert again == roster
    assert [agent.source for agent in again.agents] == [agent.source for agent in roster.agents]
    assert read_roster(dumps(document)) == roster


@given(st.data(), rosters())
def test_a_mutilated_roster_is_read_or_refused(data: st.DataObject, roster: Roster) -> None:
    """Whatever stands where something else belongs, there is a roster or a `DocumentError`."""
    document = write_roster(roster)
    path = data.draw(st.lists(st.integers(0, 7), max_size=5))
    _replace(document, path, data.draw(JSON_VALUES))

    try:
        read = read_roster(document)
    except DocumentError as error:
        assert all(problem.path.startswith("$") for problem in error.problems)  # noqa: PT017  (it may raise, and need not)
    else:
        assert read_roster(write_roster(read)) == read


def _replace(node: JSON, path: list[int], value: JSON) -> None:
    """Walk down by positions and put *value* where the walk ends."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    if not keys:
        return
    key = keys[path[0] % len(keys)] if path else keys[-1]
    if len(path) > 1 and isinstance(node[key], dict | list):
        _replace(node[key], path[1:], value)
    else:
        node[key] = value


@given(st.dictionaries(st.sampled_from(("agents", "schema", "as_of", "source")), JSON_VALUES))
def test_any_json_is_a_roster_or_refused(document: dict[str, JSON]) -> None:
    """No JSON value makes the reader fail in any other way than with a `DocumentError`."""
    try:
        read = read_roster(document)
    except DocumentError as error:
        assert str(error).startswith("$")  # noqa: PT017  (it may raise, and need not)
    else:
        assert read == read_roster(write_roster(read))
