"""Real agents: who is a person with a browser, and who looks ahead."""

from pathlib import Path

import pytest

from botfolk.links.robots import is_robot

AGENTS = Path(__file__).parent / "agents"
ROBOTS = (AGENTS / "robots.txt").read_text().splitlines()
PEOPLE = (AGENTS / "people.txt").read_text().splitlines()
"""One a line, as they come."""


@pytest.mark.parametrize("agent", ROBOTS)
def test_a_robot_is_known_by_its_agent(agent: str) -> None:
    assert is_robot("GET", {"user-agent": agent, "accept-language": "en"}, 3600)


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_person_is_not_taken_for_a_robot(agent: str) -> None:
    assert not is_robot("GET", {"user-agent": agent, "accept-language": "en"}, 3600)
    assert not is_robot("GET", {"user-agent": agent, "accept-language": "en"}, 0.2)
    assert not is_robot("GET", {"user-agent": agent}, None)


@pytest.mark.parametrize(
    "header",
    [
        {"purpose": "prefetch"}, {"sec-purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"},
        {"x-purpose": "preview"}, {"x-moz": "prefetch"}, {"purpose": "PREVIEW"},
    ],
)  # fmt: skip
def test_a_browser_that_fetches_ahead_is_not_a_person(header: dict[str, str]) -> None:
    assert is_robot("GET", {"user-agent": PEOPLE[0], "accept-language": "en"} | header, 3600)


def test_a_head_request_is_a_robots() -> None:
    assert is_robot("HEAD", {"user-agent": PEOPLE[0], "accept-language": "en"}, 3600)


def test_what_comes_at_once_without_a_language_is_a_robot() -> None:
    assert is_robot("GET", {"user-agent": PEOPLE[4]}, 0.3)
    assert not is_robot("GET", {"user-agent": PEOPLE[4]}, 1.0)


def test_without_an_agent_nobody_is_there() -> None:
    assert is_robot("GET", {"accept-language": "en"}, 3600)
