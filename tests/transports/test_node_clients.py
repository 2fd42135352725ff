"""The npm packages that clients are built with, run against the real server."""

from functools import partial
from urllib.parse import urlencode

import pytest

from tests.node import npm
from tests.support.waiting import eventually as wait_until
from tests.transports.service import Service
from transports.connection import ConnectionLimits
from transports.streams import StreamLimits

pytestmark = pytest.mark.node

AUDITS = 61
NUMBERS = "subscription ($after: String) { numbers(after: $after) }"
SLOWLY = "subscription ($after: String) { numbers(after: $after, pause: 0.2) }"
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
    with Service(limits=ConnectionLimits(ping_seconds=0.05)).running() as service:
        asked = npm.run("ask.mjs", service.ws_url, "{ slow(seconds: 0.5) }")
    assert asked == {"results": [{"data": {"slow": True}}], "error": None}


# EventSource


def test_an_event_source_gets_heartbeats_as_events_and_resumes_after_their_id() -> None:
    # Its first item comes after a minute; that after the position at once.
    address = urlencode({"query": "subscription { numbers(pause: 60, quiet: 1) }"})
    with Service(stream_limits=StreamLimits(heartbeat_seconds=0.02)).running() as service:
        running = npm.start("eventsource.mjs", f"{service.url}?{address}", "2")
        assert running.stdout is not None
        assert running.stdout.readline() == "position\n"
        assert running.stdout.readline() == "heartbeat n1\n"
        service.close_streams()
        told = npm.finish(running)
    assert told == {"numbers": [2], "opened": 2}


# graphql-sse


@pytest.mark.parametrize("document", ["query ($name: String!) { hello(name: $name) }", "mutation { __typename }"])
def test_queries_and_mutations_run_over_an_event_stream(service: Service, document: str) -> None:
    asked = npm.run("sse.mjs", service.url, document, '{"name": "Ada"}', "0")
    assert asked["results"] in ([{"data": {"hello": "Hello Ada"}}], [{"data": {"__typename": "Mutation"}}])
    assert asked["error"] is None


def test_a_subscription_over_an_event_stream_runs_to_its_end(service: Service) -> None:
    asked = npm.run("sse.mjs", service.url, "subscription { count(to: 3) }", "{}", "0")
    assert asked["results"] == [{"data": {"count": number}} for number in ("1", "2", "3")]
    assert asked["error"] is None


@pytest.mark.parametrize("document", ["{", "{ nothing }", "query ($name: String!) { hello(name: $name) }"])
def test_graphql_sse_client_gets_request_errors_as_a_result(service: Service, document: str) -> None:
    asked = npm.run("sse.mjs", service.url, document, "{}", "0")
    (result,) = asked["results"]
    assert result["errors"][0]["message"]
    assert asked["error"] is None


def test_the_signs_of_life_of_an_event_stream_disturb_nobody() -> None:
    with Service(stream_limits=StreamLimits(heartbeat_seconds=0.02)).running() as service:
        followed = npm.run("sse.mjs", service.url, SLOWLY, "{}", "3")
    assert [result["data"]["numbers"] for result in followed["results"]] == [1, 2, 3]
    assert len(followed["tokens"]) == 1


def test_a_follower_of_an_event_stream_that_is_ended_goes_on_where_it_was() -> None:
    with Service().running() as service:
        follower = npm.start("sse.mjs", service.url, NUMBERS, "{}", "2000")
        for cut in (1, 2, 3):
            wait_until(partial(service.has_opened, cut), seconds=10, what=f"subscription {cut}")
            service.close_streams()
        followed = npm.finish(follower)
    assert [result["data"]["numbers"] for result in followed["results"]] == list(range(1, 2001))
    assert len(followed["tokens"]) == 4


def test_graphql_sse_client_requests_a_new_token_when_refused_or_expired(service: Service) -> None:
    followed = npm.run("sse.mjs", service.url, NUMBERS, "{}", "1000", "bad", "lasting 0.3", "ada")
    assert followed["tokens"] == ["bad", "lasting 0.3", "ada"]
    errors = [result["errors"] for result in followed["results"] if "errors" in result]
    assert [error["extensions"]["code"] for (error,) in errors] == ["UNAUTHENTICATED"]
    heard = [result["data"]["numbers"] for result in followed["results"] if "data" in result]
    assert heard == list(range(1, 1001))
