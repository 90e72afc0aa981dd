"""Run every benchmark: ratios against a named peer or a floor, measured in one run."""

from __future__ import annotations

import cold_start
import exact_questions
import matching
import one_contact
import parse_cost

if __name__ == "__main__":
    for benchmark in (cold_start, exact_questions, matching, one_contact, parse_cost):
        benchmark.run()
