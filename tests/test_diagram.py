"""Boxes and arrows as Mermaid and as DOT: the texts, and that no label can get out of its quotes."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from itertools import product

import pytest

from routing_inspect.render.diagram import Arrow, Box, Diagram, dot, mermaid
from routing_inspect.visible import visible

HOSTILE = (
    'a"b',
    "x]y[z (p) {q}",
    "line\nbreak\r\ttab",
    "\u202eright to left",
    "style a:#f; b;",
    "classDef x:#y;z",
    '%%{init: {"theme":"dark"}}%%',
    "#quot; #35;",
    "<b>bold</b><script>alert(1)</script>",
    "&lt;amp &#35;",
    "back\\slash\\N\\",
    "`md` **b** _i_",
    "1. one",
    "- two",
    "+ three",
    "    code",
    "end",
    'click n1 "x"',
    "subgraph; n1 --> n2",
    "|pipe|",
    "名前 é\u00a0\u200b",
    "\0nul\ud800",
    "a<br/>b",
    "$$x$$ fa:fa-car @{ shape: x }",
    "",
    "   ",
)


def one_box(text: str) -> Diagram:
    """Draw one box, and an arrow from it to itself, with this text wherever text can stand."""
    return Diagram(boxes=(Box(text, (text, text)),), arrows=(Arrow(text, text, text),), title=text)


def test_mermaid_of_a_small_diagram() -> None:
    """Boxes come first, then arrows, then the styles that are used."""
    drawn = Diagram(
        boxes=(Box("a", ("one", "two")), Box("b", ("three",), "strong"), Box("c", (), "faint")),
        arrows=(Arrow("a", "b"), Arrow("b", "c", "then", "faint"), Arrow("c", "a", "again", "alarm")),
        title="A story",
    )

    assert mermaid(drawn) == (
        "flowchart TB\n"
        "    accTitle: A story\n"
        '    n1["one<br/>two"]\n'
        '    n2["three"]:::strong\n'
        '    n3[" "]:::faint\n'
        "    n1 --> n2\n"
        '    n2 -.->|"then"| n3\n'
        '    n3 ==>|"again"| n1\n'
        "    classDef strong stroke-width:3px\n"
        "    classDef faint stroke-dasharray:4 3\n"
    )


def test_dot_of_a_small_diagram() -> None:
    """DOT says what a box looks like at the box itself, with no styles at the end."""
    drawn = Diagram(
        boxes=(Box("a", ("one", "two")), Box("b", ("three",), "alarm"), Box("c", (), "faint")),
        arrows=(Arrow("a", "b"), Arrow("b", "c", "then", "faint"), Arrow("c", "a", kind="faint")),
        title="A story",
    )

    assert dot(drawn) == (
        "digraph {\n"
        '    node [shape=box, fontname="sans-serif"]\n'
        '    edge [fontname="sans-serif"]\n'
        '    label="A story"\n'
        "    labelloc=t\n"
        '    n1 [label="one\\ntwo"]\n'
        '    n2 [label="three", penwidth=3, color="#b00020"]\n'
        '    n3 [label="", style=dashed]\n'
        "    n1 -> n2\n"
        '    n2 -> n3 [label="then", style=dashed]\n'
        "    n3 -> n1 [style=dashed]\n"
        "}\n"
    )


def test_a_diagram_of_nothing() -> None:
    """No box is a diagram, too."""
    assert mermaid(Diagram(boxes=())) == "flowchart TB\n"
    assert dot(Diagram(boxes=())).endswith('edge [fontname="sans-serif"]\n}\n')


@pytest.mark.parametrize("text", HOSTILE)
def test_mermaid_labels_mean_themselves(text: str) -> None:
    """A label holds no character that Mermaid or Markdown reads, and its entities spell the text."""
    written = mermaid(one_box(text))

    for label in re.findall(r'"(.*)"|accTitle: (.*)', written):
        plain = re.sub(r"#[0-9]+;|<br/>", "", "".join(label))
        assert re.fullmatch(r"(?:[A-Za-z0-9 ,/-]|[^\x00-\x7f])*", plain)
        assert not re.search(r"(^|[ -])[ -]", "".join(label).strip(" ") if text.strip() else "")
    box = re.search(r'n1\["(.*)"\]', written)
    assert box is not None
    apart = box[1].replace("#8203;", "")
    shown = [re.sub(r"#([0-9]+);", lambda found: chr(int(found[1])), line) for line in apart.split("<br/>")]
    assert shown == [visible(text), visible(text)]


@pytest.mark.parametrize("text", ["$$x$$", "fa:fa-car", "see fab:fa-x and $$$"])
def test_mermaid_makes_no_formulas_and_no_icons(text: str) -> None:
    """What Mermaid looks for in decoded labels is not to be found in ours."""
    written = mermaid(one_box(text))
    decoded = re.sub(r"#([0-9]+);", lambda found: chr(int(found[1])), written)

    assert re.search(r"\$\$|fa[bklrs]?:fa-", decoded) is None
    assert text in decoded.replace("\u200b", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_dot_labels_mean_themselves(text: str) -> None:
    """A quoted string ends where it should, and what it holds reads as the text."""
    written = dot(one_box(text))

    found = re.search(r'n1 \[label="((?:[^"\\]|\\.)*)"\]', written)
    assert found is not None
    lines = re.sub(r"\\(.)", lambda e: "\n" if e[1] == "n" else e[1], found[1]).split("\n")
    assert [html.unescape(line) for line in lines] == [visible(text), visible(text)]
    assert len(written.splitlines()) == (8 if text.strip() else 6)


def test_every_line_is_visible() -> None:
    """Whatever a label says, the text drives no terminal and hides nothing."""
    for draw, text in product((mermaid, dot), HOSTILE):
        assert all(visible(line) == line for line in draw(one_box(text)).split("\n"))


def test_boxes_need_keys_of_their_own() -> None:
    """Two boxes of one key could not be told apart by an arrow."""
    with pytest.raises(ValueError, match="one key"):
        Diagram(boxes=(Box("a", ()), Box("a", ())))


@pytest.mark.parametrize("ends", [("a", "b"), ("b", "a")])
def test_an_arrow_needs_both_its_boxes(ends: tuple[str, str]) -> None:
    """An arrow into nothing is a mistake of whoever drew it."""
    with pytest.raises(ValueError, match="names `b`, and no box"):
        Diagram(boxes=(Box("a", ()),), arrows=(Arrow(*ends),))


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_what_is_written() -> None:
    """The real parser takes every hostile label for what it is."""
    boxes = tuple(Box(f"{number}{text}", (f"x{text}",)) for number, text in enumerate(HOSTILE))
    arrows = tuple(Arrow(box.key, boxes[0].key, text) for box, text in zip(boxes, HOSTILE, strict=True))
    drawn = dot(Diagram(boxes=boxes, arrows=arrows, title=HOSTILE[0]))

    done = subprocess.run(
        ["dot", "-Tplain"], input=drawn, capture_output=True, text=True, check=True, encoding="utf-8"
    )

    assert done.stderr == ""
    assert done.stdout.count("\nnode ") == done.stdout.count("\nedge ") == len(HOSTILE)
