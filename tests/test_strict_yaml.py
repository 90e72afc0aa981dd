"""YAML, read strictly: text stays text, and what JSON cannot say is refused with its place."""

import pytest

from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.strict_yaml import MAX_CHARACTERS, Items, Node, Table, Text, place, read


def _plain(node: Node) -> object:
    match node:
        case Text():
            return node.text
        case Items():
            return [_plain(inner) for inner in node.nodes]
        case Table():
            return {key: _plain(inner) for key, inner in node.members.items()}


def _refused(source: str) -> CriteriaSyntaxError:
    with pytest.raises(CriteriaSyntaxError) as refused:
        read(source)
    return refused.value


def _marked(error: CriteriaSyntaxError) -> str:
    return error.source[slice(*error.span)]


def test_everything_stays_as_it_is_written() -> None:
    """What YAML 1.1 takes for a truth value, a time, an octal number or nothing is text like all else."""
    source = "on: [NO, yes, 1:30, 017, 2026-03-29, ~, null, 1e3, .5, =, 'NO', \"\\u00e9\", 0x1F]\n<<: y\n"

    assert _plain(read(source)) == {
        "on": ["NO", "yes", "1:30", "017", "2026-03-29", "~", "null", "1e3", ".5", "=", "NO", "é", "0x1F"],
        "<<": "y",
    }


def test_every_node_knows_its_place() -> None:
    """Keys, text, lists and tables carry their start and end."""
    source = "# first\nsteps:\n  1: [ana, 'ben']\n"
    top = read(source)

    assert isinstance(top, Table)
    assert source[slice(*top.keys["steps"])] == "steps"
    inner = top.members["steps"]
    assert isinstance(inner, Table)
    items = inner.members["1"]
    assert isinstance(items, Items)
    assert source[slice(*items.span)] == "[ana, 'ben']"
    assert [source[slice(*node.span)] for node in items.nodes] == ["ana", "'ben'"]


@pytest.mark.parametrize(
    ("source", "message", "marked"),
    [
        ("a: &x 1\nb: *x", "an anchor has no use here", "&x"),
        ("a: [*x]", "expected the text itself, found an alias", "*x"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "a tag has no place here",
            "!!python/object/apply:os.system",
        ),
        ("a: !!str 1", "a tag has no place here", "!!str"),
        ("a: 1\nb: 2\na: 3", "`a` is given twice", "a"),
        ('a: 1\n"\\x61": 3', "`a` is given twice", '"\\x61"'),
        ("? [a]\n: b", "expected a key, found a list or a table", "[a]"),
        ("a: 1\n---\nb: 2", "a second document", ""),
        ("a: \x07", "the character \\u0007 has no place in YAML", "\x07"),
        ("", "empty: expected a table", ""),
        ("# nothing", "empty: expected a table", "# nothing"),
        ("a: [b", "not YAML: expected `,` or `]`, but got `<stream end>`", ""),
        ("a: {b: 'c}", "not YAML: found unexpected end of stream", ""),
        ("a: @b", "not YAML: found character `@` that cannot start any token", "@"),
        ("a:\n\t- b", "not YAML: found character `\\t` that cannot start any token", "\t"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_place(source: str, message: str, marked: str) -> None:
    """Anchors, aliases, tags, repeated keys, other keys than text, several documents, broken YAML."""
    error = _refused(source)

    assert error.message == message
    assert _marked(error) == marked


def test_a_hostile_source_is_refused_at_once() -> None:
    """Deep nesting and sheer size end in an error, not in a crash or a long wait."""
    assert _refused("[" * 100_000).message == "nested more than 16 levels deep"
    assert _refused("- " * 1000).message == "nested more than 16 levels deep"
    assert _refused("a" * (MAX_CHARACTERS + 1)).message == "longer than 1,000,000 characters"


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("a: |\n  first\n  second => third\n", "=>"),
        ("a: |-\n\n      first\n\n      second => third\n\n", "=>"),
        ("a: |\r\n  first\r\n  second => third\r\n", "=>"),
        ("a: x => y", "=>"),
        ("a: 'x => y'", "=>"),
        ('a: "x => y"', "=>"),
    ],
)
def test_a_part_of_a_text_has_its_own_place(source: str, part: str) -> None:
    """What is wrong inside a text is pointed at in the file, not in a copy of the text."""
    top = read(source)
    assert isinstance(top, Table)
    text = top.members["a"]
    assert isinstance(text, Text)
    start = text.text.index(part)

    span = place(source, text, (start, start + len(part)))

    assert source[slice(*span)] == part
    assert span[0] == source.index(part)


@pytest.mark.parametrize(
    "source", ["a: >\n  x\n  => y\n", 'a: "x \\u003d> y"', "a: 'it''s => y'", "a: x\n  => y"]
)
def test_folded_text_has_one_place(source: str) -> None:
    """Where YAML has changed the text on the way, all of it is pointed at."""
    top = read(source)
    assert isinstance(top, Table)
    text = top.members["a"]
    assert isinstance(text, Text)
    start = text.text.index("=>")

    assert place(source, text, (start, start + 2)) == text.span


def test_the_end_of_a_text_is_where_its_last_word_ends() -> None:
    """A text that ends too early is pointed at where it ends, not where the next key begins."""
    source = "a: |\n  x >=\n\nb: y\n"
    top = read(source)
    assert isinstance(top, Table)
    text = top.members["a"]
    assert isinstance(text, Text)

    assert place(source, text, (len(text.text), len(text.text))) == (source.index("=") + 1,) * 2
