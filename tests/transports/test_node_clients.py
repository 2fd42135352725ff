"""The npm packages that clients are built with, run against the real server."""

from functools import partial

import pytest

from tests.node import npm
from tests.processes import wait_until
from tests.transports.service import Service
from transports.connection import Limits

pytestmark = pytest.mark.node

AUDITS = 61
FOLLOW = "subscription ($after: Int!) { fromHere(after: $after) }"


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """The npm clients, or a skip that says what is missing."""
    npm.install()


def test_all_audits_of_graphql_http_pass(service: Service) -> None:
    audits = npm.run("audit.mjs", service.url)
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == AUDITS


def test_queries_and_mutations_run_over_the_socket(service: Service) -> None:
    asked = npm.run("ask.mjs", service.ws_url, "query ($name: String!) { hello(name: $name) }", '{"name": "Ada"}')
    assert asked == {"results": [{"data": {"hello": "Hello Ada"}}], "error": None}
    asked = npm.run("ask.mjs", service.ws_url, "mutation { __typename }")
    assert asked == {"results": [{"data": {"__typename": "Mutation"}}], "error": None}


def test_a_subscription_runs_to_its_end(service: Service) -> None:
    asked = npm.run("ask.mjs", service.ws_url, "subscription { count(to: 3) }")
    assert asked == {"results": [{"data": {"count": number}} for number in ("1", "2", "3")], "error": None}


@pytest.mark.parametrize("document", ["{", "{ nothing }", "query ($name: String!) { hello(name: $name) }"])
def test_errors_before_execution_reach_the_client_as_errors(service: Service, document: str) -> None:
    asked = npm.run("ask.mjs", service.ws_url, document)
    assert asked["results"] == []
    assert asked["error"][0]["message"]


def test_the_token_of_connection_params_reaches_the_resolvers(service: Service) -> None:
    asked = npm.run("ask.mjs", service.ws_url, "{ authorization }", "{}", "Bearer ada")
    assert asked["results"] == [{"data": {"authorization": "Bearer ada"}}]


def test_a_follower_who_is_cut_three_times_goes_on_where_it_was() -> None:
    with Service().running() as service:
        follower = npm.start("follow.mjs", service.ws_url, FOLLOW, "400", "ada")
        for cut in (1, 2, 3):
            wait_until(partial(service.has_opened, cut), seconds=10, what=f"subscription {cut}")
            service.close_sockets()
        followed = npm.finish(follower)
        assert followed["numbers"] == list(range(1, 401))
        assert followed["codes"][:3] == [1012, 1012, 1012]


def test_a_client_whose_token_was_refused_or_has_expired_asks_for_another(service: Service) -> None:
    followed = npm.run("follow.mjs", service.ws_url, FOLLOW, "100", "bad", "lasting 0.3", "ada")
    assert followed["tokens"] == ["bad", "lasting 0.3", "ada"]
    assert followed["codes"][:2] == [4403, 4403]
    assert followed["numbers"] == list(range(1, 101))


def test_the_client_answers_our_pings() -> None:
    with Service(limits=Limits(ping_seconds=0.05)).running() as service:
        asked = npm.run("ask.mjs", service.ws_url, "{ slow(seconds: 0.5) }")
    assert asked == {"results": [{"data": {"slow": True}}], "error": None}
