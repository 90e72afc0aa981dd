"""One broken test of each kind, to see what a failure says."""

import routing_inspect as ri
from routing_inspect.testing import assert_matches, assert_rejects, assert_routes

DESK = """
ana: Certificate(Gas) 4, connect:Language(connect:Welsh) 2
ben: Certificate(Gas) 2
"""
ANA, BEN = ri.parse_roster(DESK).agents


def test_assert_matches():
    assert_matches("Certificate(Gas) >= 3 AND connect:Language(connect:Welsh) >= 3", ANA)


def test_assert_rejects():
    assert_rejects("Certificate(Gas) >= 3 OR connect:Language(connect:Welsh) >= 3", ANA)


def test_assert_rejects_what_cannot_be_told():
    assert_rejects("Certificate(Gas) >= 3", ri.Agent(id="cai"))


def test_assert_routes():
    assert_routes(
        "Certificate(Gas) >= 3 [30 seconds] Certificate(Gas) >= 1", DESK, {1: {"ana", "ben"}, 2: {"ben"}}
    )


def test_expressions_are_equal():
    assert ri.parse("Certificate(Gas) >= 3 AND NOT Contract(Probation)") == ri.parse(
        "Certificate(Gas) >= 2 AND NOT Contract(Probation)"
    )


def test_criteria_are_equal():
    old = "Certificate(Gas) >= 3 [30 seconds]"
    new = "Certificate(Gas) >= 3 [45 seconds] Certificate(Gas) >= 1"

    assert ri.parse_criteria(old) == ri.parse_criteria(new)
