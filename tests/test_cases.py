"""Case files: what they may say, what is refused where, and what a case that fails shows."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from routing_inspect import observed
from routing_inspect.cases import CaseFile, RouteExpectation, read_cases
from routing_inspect.errors import CriteriaSyntaxError
from routing_inspect.outcomes import check, draw

Write = Callable[[str], Path]

TOP = """
roster: |
  ana: Language(French) 4
  ben: Language(French) 3
  cai:
criteria: |
  Language(French) >= 4 [30 seconds]
  Language(French) >= 3
cases:
"""
FLOW = {
    "Actions": [
        {
            "Identifier": name,
            "Type": "UpdateContactRoutingCriteria",
            "Parameters": {
                "RoutingCriteria": {
                    "Steps": [
                        {
                            "Expression": {
                                "AttributeCondition": {
                                    "Name": "Language",
                                    "Value": "French",
                                    "ProficiencyLevel": level,
                                    "ComparisonOperator": "NumberGreaterOrEqualTo",
                                }
                            }
                        }
                    ]
                }
            },
        }
        for name, level in (("day", 4), ("night", 3))
    ]
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a case file into a folder that has a flow, a roster and something outside of it beside them."""
    tree = tmp_path / "tree"
    (tree / "tests").mkdir(parents=True)
    (tree / "flow.json").write_text(json.dumps(FLOW), encoding="utf-8")
    (tree / "tests" / "desk.roster").write_text("ana: Language(French) 4\n", encoding="utf-8")
    (tree / "tests" / "wrong.json").write_text('{"Steps": 3}', encoding="utf-8")
    (tree / "tests" / "wrong.routing").write_text("Language(French) => 4", encoding="utf-8")
    (tree / "tests" / "reference.json").write_text('{"RoutingCriteria": "$.External.x"}', encoding="utf-8")
    (tmp_path / "secret.json").write_text(json.dumps(FLOW), encoding="utf-8")
    (tree / "tests" / "link.json").symlink_to(tmp_path / "secret.json")
    (tree / "tests" / "loop.json").symlink_to(tree / "tests" / "loop.json")
    (tree / "tests" / "inner.json").symlink_to(tree / "flow.json")

    def write_file(text: str) -> Path:
        path = tree / "tests" / "test_desk.routing.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def _read(path: Path) -> CaseFile:
    return read_cases(path, tree=path.parents[1])


def _refused(path: Path) -> CriteriaSyntaxError:
    with pytest.raises(CriteriaSyntaxError) as refused:
        _read(path)
    assert refused.value.file == path.name
    return refused.value


def _marked(error: CriteriaSyntaxError) -> str:
    return error.source[slice(*error.span)]


def _problems(path: Path) -> list[str]:
    """Run every case and give the drawings of those that fail."""
    file = _read(path)
    drawn = [draw(check(case), file.source, "t.yaml") for case in file.cases]
    return [text for text in drawn if text]


def test_cases_that_hold(write: Write) -> None:
    """Lists for each step, and the way of each agent through all of them."""
    path = write(
        TOP
        + """
  NO:
    steps:
      1: {matches: [ana], rejects: [ben, cai]}
      2: {matches: [ana, ben]}
    agents:
      ana: {joins at step: 1}
      ben: {joins at step: 2}
      cai: falls back
"""
    )

    assert [case.name for case in _read(path).cases] == ["NO"]
    assert _problems(path) == []


def test_a_case_brings_its_own_roster_and_criteria(write: Write) -> None:
    """What a case says comes before what the file says for all of them."""
    path = write(
        TOP
        + """
  own:
    roster: {file: desk.roster}
    criteria: {file: ../flow.json, action: night}
    agents: {ana: {joins at step: 1}}
  unknown:
    criteria: agent in (ana) OR NOT OPAQUE `{}`
    steps: {1: {unknown: [ben], matches: [ana]}}
"""
    )
    own, unknown = _read(path).cases

    assert own.about == "flow.json, action night"
    assert unknown.about == "tests/test_desk.routing.yaml"
    assert _problems(path) == []


def test_a_file_may_be_named_by_a_link_inside_the_tree(write: Write) -> None:
    """Where a file really stands counts."""
    path = write(
        "cases: {a: {roster: {file: desk.roster}, criteria: {file: inner.json, action: day}, agents: "
        "{ana: {joins at step: 1}}}}"
    )

    assert _problems(path) == []


def test_a_failing_expectation_shows_its_place_and_why(write: Write) -> None:
    """File and line, the source line with a caret, the step, and the conditions that decided."""
    path = write(TOP + "  one:\n    steps:\n      1:\n        matches: [ben, ana]\n")

    assert _problems(path) == [
        """t.yaml:13:19: ben does not match step 1
  11 |     steps:
  12 |       1:
  13 |         matches: [ben, ana]
     |                   ^^^
  14 |
  step 1 (no): Language(French) >= 4
    Language(French) >= 4: has 3, 1 level short"""
    ]


def test_every_failure_of_a_case_is_shown(write: Write) -> None:
    """A case does not stop at its first failure."""
    path = write(
        TOP
        + "  one:\n    steps: {1: {rejects: [ana], unknown: [ben]}}\n    agents: {cai: {joins at step: 2}}\n"
    )
    (case,) = _read(path).cases

    assert [failure.message for failure in check(case)] == [
        "ana matches step 1",
        "ben does not match step 1",
        "cai falls back: no step lets cai in",
    ]


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("ana: {joins at step: 2}", "ana joins at step 1"),
        ("ana: falls back", "ana joins at step 1"),
        ("ben: {joins at step: 1}", "ben joins at step 2"),
        ("cai: {joins at step: 1}", "cai falls back: no step lets cai in"),
    ],
)
def test_a_wrong_way_through_the_steps_is_told(write: Write, expected: str, said: str) -> None:
    """An agent joins at the first step that lets it in, whatever later steps say."""
    (case,) = _read(write(f"{TOP}  one:\n    agents:\n      {expected}\n")).cases

    assert [failure.message for failure in check(case)] == [said]


@pytest.mark.parametrize("expected", ["{joins at step: 2}", "{joins at step: 1}", "falls back"])
def test_a_way_through_an_unknown_step_cannot_be_told(write: Write, expected: str) -> None:
    """Behind a step that might let the agent in nothing can be told; before it everything can."""
    text = (
        'roster: "ana: Language(French) 4"\n'
        "criteria: OPAQUE `{}` [9s] Language(French) >= 4\n"
        f"cases: {{one: {{agents: {{ana: {expected}}}}}}}"
    )
    (case,) = _read(write(text)).cases

    (failure,) = check(case)

    assert failure.message == "it cannot be told whether ana joins at step 1"
    assert failure.reasons == (
        "  step 1 (cannot be told): OPAQUE `{}`",
        "    OPAQUE `{}`: this version does not understand the condition",
    )


def test_statements_that_hold_are_observed(write: Write) -> None:
    """A way states a verdict for each step up to where it ends; a failure states nothing."""
    path = write(TOP + "  one:\n    steps: {2: {matches: [cai]}}\n    agents: {ben: {joins at step: 2}}\n")

    with observed.listening() as observations:
        check(_read(path).cases[0])

    assert observations.stated == {
        "Language(French) >= 4": {(-1,): {"ben"}},
        "Language(French) >= 3": {(1,): {"ben"}},
    }
    assert list(observations.criteria.values()) == [(observed.CASE_FILE, "tests/test_desk.routing.yaml")]


def test_a_route_to_the_fallback_has_no_step(write: Write) -> None:
    """`falls back` is the one way that ends at no step."""
    (case,) = _read(write(TOP + "  one:\n    agents: {cai: falls back}\n")).cases
    (expectation,) = case.expectations

    assert isinstance(expectation, RouteExpectation)
    assert expectation.step is None
    assert case.line == 10


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("[]", "expected a table with roster, criteria and cases", "[]"),
        ("rooster: x", "there is no key `rooster` here", "rooster"),
        ("zzz: x", "there is no key `zzz` here", "zzz"),
        ("roster: 'ana:'", "expected the key `cases`", "roster: 'ana:'"),
        ("cases:", "expected a table of cases by name", ""),
        ("cases: {}", "there is no case", "{}"),
        ("cases: {a: b}", "expected a table with steps, agents or path", "b"),
        ("cases: {'a::b': {}}", "this is no name for a case", "'a::b'"),
        ('cases: {" ": {}}', "this is no name for a case", '" "'),
        ('cases: {"a\\u202e": {}}', "this is no name for a case", '"a\\u202e"'),
        ("cases: {a: {criteria: A(B)}}", "the case has no roster", "a"),
        ("cases: {a: {roster: 'ana:'}}", "the case has no criteria", "a"),
        ("roster: [ana]", "expected a roster as text, or `{file: ...}`", "[ana]"),
        ("roster: {file: [ana]}", "expected the name of a file", "[ana]"),
        ("roster: {file: }", "expected the name of a file", ""),
        ("roster: {path: ana}", "there is no key `path` here", "path"),
        ("criteria: [A(B)]", "expected a criteria as text, or `{file: ...}`", "[A(B)]"),
        ("criteria: A(B) => 4", "expected `>=`, `in`, `AND`, `OR`, `[` or the end, found `=>`", "=>"),
        ("roster: 'ana: A(B) x'", "expected a level, found `x`", "x"),
    ],
)
def test_what_is_wrong_in_the_head_is_refused_with_its_place(
    write: Write, text: str, message: str, marked: str
) -> None:
    """Unknown keys, missing parts and text that cannot be read are mistakes of the file, not failures."""
    error = _refused(write(text))

    assert error.message == message
    assert _marked(error) == marked


@pytest.mark.parametrize(
    ("case", "message", "marked"),
    [
        ("{}", "the case expects nothing", "one"),
        ("{steps: {}}", "the case expects nothing", "one"),
        ("{step: {}}", "there is no key `step` here", "step"),
        ("{steps: [1]}", "expected a table of steps by number", "[1]"),
        ("{steps: {first: {}}}", "expected the number of a step, found `first`", "first"),
        ("{steps: {0: {}}}", "expected the number of a step, found `0`", "0"),
        ("{steps: {01: {}}}", "expected the number of a step, found `01`", "01"),
        ("{steps: {3: {}}}", "there is no step 3: the criteria has 2", "3"),
        ("{steps: {1: [ana]}}", "expected a table with matches, rejects or unknown", "[ana]"),
        ("{steps: {1: {match: [ana]}}}", "there is no key `match` here", "match"),
        ("{steps: {1: {matches: ana}}}", "expected a list of agents", "ana"),
        ("{steps: {1: {matches: []}}}", "an empty list expects nothing", "[]"),
        ("{steps: {1: {matches: [[ana]]}}}", "expected the name of an agent", "[ana]"),
        ("{steps: {1: {matches: [anna]}}}", "the roster has no agent `anna`; did you mean `ana`?", "anna"),
        ("{steps: {1: {matches: [ana, ana]}}}", "step 1 has ana already", "ana"),
        ("{steps: {1: {matches: [ana], rejects: [ana]}}}", "step 1 has ana already", "ana"),
        ("{agents: [ana]}", "expected a table of agents by name", "[ana]"),
        ("{agents: {anna: falls back}}", "the roster has no agent `anna`; did you mean `ana`?", "anna"),
        ("{agents: {ana: fall back}}", "expected a step or `falls back`", "fall back"),
        ("{agents: {ana: [1]}}", "expected `{joins at step: ...}` or `falls back`", "[1]"),
        ("{agents: {ana: {}}}", "expected the key `joins at step`", "{}"),
        ("{agents: {ana: {joins at: 1}}}", "there is no key `joins at` here", "joins at"),
        ("{agents: {ana: {joins at step: [1]}}}", "expected the number of a step", "[1]"),
        ("{agents: {ana: {joins at step: 1.0}}}", "expected the number of a step, found `1.0`", "1.0"),
        ("{agents: {ana: {joins at step: 9}}}", "there is no step 9: the criteria has 2", "9"),
    ],
)
def test_what_is_wrong_in_a_case_is_refused_with_its_place(
    write: Write, case: str, message: str, marked: str
) -> None:
    """A case that expects nothing, or something that cannot be, is a mistake of the file."""
    error = _refused(write(f"{TOP}  one: {case}\n"))

    assert error.message == message
    assert _marked(error) == marked


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("../../secret.json", "the file stands outside the tests' folders"),
        ("/etc/hostname", "the file stands outside the tests' folders"),
        ("link.json", "the file stands outside the tests' folders"),
        ("loop.json", "there is no such file"),
        ("none.json", "there is no such file"),
        (".", "there is no such file"),
        ('"a\\0b"', "there is no such file"),
        ("x" * 5000, "there is no such file"),
        ("wrong.json", "in the file, $.Steps: expected a list of steps, found `3`"),
        (
            "wrong.routing",
            "in the file, line 1, column 18: expected `>=`, `in`, `AND`, `OR`, `[` or the end, found `=>`",
        ),
        ("reference.json", "the criteria has no steps to test"),
        ("{file: flow.json}", "expected the name of a file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_where_it_is_named(
    write: Write, named: str, message: str
) -> None:
    """Files outside the tree, links out of it, and files that hold no criteria."""
    error = _refused(write(f"criteria: {{file: {named}}}"))

    assert error.message == message
    assert _marked(error) == named


def test_a_flow_needs_the_name_of_its_action(write: Write) -> None:
    """Of a flow with several actions one must be named, and it must be there."""
    assert (
        "expected one action that sets routing criteria"
        in _refused(write("criteria: {file: ../flow.json}")).message
    )
    assert "no action `noon`" in _refused(write("criteria: {file: ../flow.json, action: noon}")).message


def test_a_file_nobody_may_read_is_refused_where_it_is_named(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is there and cannot be opened says why."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("routing_inspect.files.read_roster", refuse)

    assert (
        _refused(write("roster: {file: desk.roster}")).message == "the file cannot be read: Permission denied"
    )


def test_a_path_where_text_belongs_is_recognised(write: Write) -> None:
    """A file's name alone is no roster; the hint says how to name a file."""
    assert _refused(write("roster: desk.roster")).hint == "write `{file: desk.roster}` to name a file"


def test_bytes_that_are_no_text_are_refused(write: Write) -> None:
    """A case file is UTF-8, with or without a byte order mark."""
    path = write("")
    path.write_bytes(b"roster: \xff")
    assert _refused(path).message == "not UTF-8"

    path.write_bytes(b"\xef\xbb\xbfrooster: x")
    assert _marked(_refused(path)) == "rooster"


def test_a_file_outside_the_tree_is_named_by_its_own_name(write: Write, tmp_path: Path) -> None:
    """A case file given by its path has no place in the tree, and still runs."""
    path = write(TOP + "  one:\n    agents: {cai: falls back}\n")

    (case,) = read_cases(path, tree=tmp_path / "elsewhere").cases

    assert case.about == "test_desk.routing.yaml"


CONDITION = {
    "Name": "Language",
    "Value": "French",
    "ProficiencyLevel": 4,
    "ComparisonOperator": "NumberGreaterOrEqualTo",
}
CONTACT = {
    "Contact": {
        "Id": "one",
        "QueueInfo": {"Id": "q", "EnqueueTimestamp": "2026-03-04T14:02:11Z"},
        "AgentInfo": {"Id": "ana", "ConnectedToAgentTimestamp": "2026-03-04T14:02:13Z"},
        "RoutingCriteria": {
            "Steps": [{"Expression": {"AttributeCondition": CONDITION}, "Status": "JOINED"}],
            "ActivationTimestamp": "2026-03-04T14:02:11Z",
        },
    }
}


def _contact_file(path: Path, document: object = CONTACT) -> None:
    (path.parent / "contact.json").write_text(json.dumps(document), encoding="utf-8")


def test_a_case_may_be_about_a_contact(write: Write) -> None:
    """It says which path the contact took, and what its criteria makes of the roster."""
    path = write(
        """
roster: {file: desk.roster}
contact: {file: contact.json, now: 2026-03-04T14:02:40Z}
cases:
  taken:
    path: {kind: matched-step, step: 1, agent: ana}
    steps: {1: {matches: [ana]}}
  by anybody:
    path: {kind: matched-step}
"""
    )
    _contact_file(path)

    assert _read(path).cases[0].about == "tests/contact.json"
    assert _problems(path) == []


def test_a_path_needs_no_roster(write: Write) -> None:
    """Which way a contact went stands in its document."""
    path = write("contact: {file: contact.json}\ncases: {queued: {path: {kind: no-criteria}}}")
    _contact_file(path, {"Contact": {"Id": "one", "Channel": "VOICE"}})

    assert _problems(path) == []


def test_another_path_fails_and_says_which(write: Write) -> None:
    """The failure names all that is otherwise, and what the path rests on."""
    path = write("contact: {file: contact.json}\ncases: {x: {path: {kind: fallback, step: 1, agent: ben}}}")
    _contact_file(path)

    (problem,) = _problems(path)
    assert problem.startswith("t.yaml:2:26: the path is matched-step, who took it is ana")
    assert "  statuses: step 1 JOINED" in problem


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("path: {kind: lost}", "there is no path `lost`", "lost"),
        ("path: {kind: fallback, step: 2}", "there is no step 2: the criteria has 1", "2"),
        ("path: fallback", "expected a table with kind, step or agent", "fallback"),
        (
            "criteria: Language(French)\n    path: {kind: fallback}",
            "only a contact takes a path, and none is given",
            "{kind: fallback}",
        ),
        (
            "criteria: x\n    contact: {file: contact.json}",
            "a criteria and a contact side by side",
            "contact",
        ),
        ("contact: {file: contact.json, now: noon}", 'expected a time, found `"noon"`', "noon"),
    ],
)
def test_what_cannot_be_about_a_contact(write: Write, text: str, message: str, marked: str) -> None:
    """Each is refused where it stands."""
    path = write(f"contact: {{file: contact.json}}\ncases:\n  x:\n    {text}\n")
    _contact_file(path)

    error = _refused(path)
    assert error.message == message
    assert _marked(error) == marked
