import pytest

from routing_inspect.visible import escape, escape_unencodable, is_visible, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Language(French) >= 4", "Language(French) >= 4"),
        ("Français 日本語", "Français 日本語"),
        ("AWS\u00a0DynamoDB", "AWS\\u00a0DynamoDB"),
        ("\u2028", "\\u2028"),
        ("\x1b[2J", "\\u001b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\x7f\x9b", "\\u007f\\u009b"),
    ],
)
def test_every_character_shows_as_itself_or_as_an_escape(text: str, shown: str) -> None:
    """Text of any script stays; controls, bidi overrides, odd blanks and surrogates are written out."""
    assert visible(text) == shown


def test_a_plain_blank_is_visible_and_an_odd_one_is_not() -> None:
    """Only the plain space may stand as itself: others look like it and are not it."""
    assert is_visible(" ")
    assert not is_visible("\u2003")


def test_an_escape_beyond_the_basic_plane_is_a_pair() -> None:
    """JSON has no other way to write such a character."""
    assert escape("\U0001f600") == "\\ud83d\\ude00"


def test_only_what_cannot_be_written_is_escaped() -> None:
    """As an error handler it escapes what an encoding lacks; bytes that cannot be read stay an error."""
    lacking = UnicodeEncodeError("latin-1", "Dŵr", 1, 2, "")
    unreadable = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "")

    assert escape_unencodable(lacking) == ("\\u0175", 2)
    with pytest.raises(UnicodeDecodeError):
        escape_unencodable(unreadable)
