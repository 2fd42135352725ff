"""People: bearer tokens of our secret and of a key set, moderators, guests."""

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.support.backends import Backend
from tests.support.http import ISSUER, Data, People, Person, claims, people_of, raced, signed
from tests.support.servers import JWT_SECRET, Parley

VIEWER = "{ viewer { isGuest isModerator tokenExpiresAt user { id handle name avatarUrl } } }"


def viewer(asks: Person) -> Data:
    """Who the server takes somebody for."""
    found: Data = asks.ask(VIEWER)["viewer"]
    return found


def bearing(people: People, token: str) -> Person:
    return Person(people.http, token)


def unique(name: str = "ada") -> str:
    return f"{name}-{secrets.token_hex(5)}"


def refused(people: People, token: str) -> str:
    """The message of a 401 for a token."""
    answer = bearing(people, token).post("{ __typename }")
    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    message: str = error["message"]
    return message


def test_the_viewer_is_null_without_a_token(people: People) -> None:
    assert people.reader.ask(VIEWER) == {"viewer": None}


def test_a_person_is_made_at_first_sight_of_a_token(people: People) -> None:
    handle = unique()
    said = claims(handle, name="Ada Lovelace", picture="https://people.example/ada.png")
    found = viewer(bearing(people, signed(said)))
    user = {"handle": handle, "name": "Ada Lovelace", "avatarUrl": "https://people.example/ada.png"}
    assert found["user"] == user | {"id": found["user"]["id"]}
    assert (found["isGuest"], found["isModerator"]) == (False, False)
    assert datetime.fromisoformat(found["tokenExpiresAt"]) == said["exp"].replace(microsecond=0)
    # Issuer and subject name the person, whatever else a later token says.
    again = viewer(bearing(people, signed(claims(unique("other"), sub=said["sub"]))))
    assert again["user"] == found["user"]
    other_issuer = viewer(bearing(people, signed(said | {"iss": "https://elsewhere.example"})))
    assert other_issuer["user"]["id"] != found["user"]["id"]


def test_a_token_needs_no_more_than_a_subject_and_an_end(people: People) -> None:
    said = {"sub": unique(), "exp": datetime.now(UTC) + timedelta(minutes=1)}
    user = viewer(bearing(people, signed(said)))["user"]
    assert user["handle"].startswith("user") and user["name"]
    named = viewer(bearing(people, signed(said | {"sub": unique(), "name": f"Ada {unique()}"})))["user"]
    assert named["handle"] == named["name"].lower().replace(" ", "-")


def test_a_handle_that_is_taken_gets_a_number(people: People) -> None:
    handle = unique()
    tokens = [signed(claims(handle, sub=f"{handle} {number}")) for number in range(3)]
    handles = [viewer(bearing(people, token))["user"]["handle"] for token in tokens]
    assert handles == [handle, f"{handle}-2", f"{handle}-3"]


def test_a_changed_name_or_picture_is_taken_over(people: People) -> None:
    handle = unique()

    def seen(**said: Any) -> tuple[str, str | None]:
        user = viewer(bearing(people, signed(claims(handle, **said))))["user"]
        return user["name"], user["avatarUrl"]

    assert seen(name="Ada Byron") == ("Ada Byron", None)
    assert seen(name="Ada Lovelace") == ("Ada Lovelace", None)
    assert seen(name="Ada Lovelace", picture="https://people.example/1.png")[1] == "https://people.example/1.png"
    assert seen() == ("Ada Lovelace", "https://people.example/1.png")
    assert seen(name="Ada Byron") == ("Ada Byron", "https://people.example/1.png")
    assert people.reader.ask("query ($handle: String!) { user(handle: $handle) { name } }", handle=handle)["user"] == {
        "name": "Ada Byron"
    }


def test_only_what_can_be_kept_is_taken_from_a_token(people: People) -> None:
    for odd in ("a\0b", "a\ud800b", "", "  ", 7, ["x"], {"x": 1}):
        said = claims(unique(), name=odd, picture=odd, preferred_username=odd)
        user = viewer(bearing(people, signed(said)))["user"]
        assert user["handle"].startswith("user") and user["avatarUrl"] is None, odd
    for picture in ("javascript:alert(1)", "data:text/html,x", "//people.example/x.png"):
        assert viewer(bearing(people, signed(claims(unique(), picture=picture))))["user"]["avatarUrl"] is None
    long = viewer(bearing(people, signed(claims("x" * 500, sub=unique(), name="y" * 5000))))["user"]
    assert len(long["handle"]) <= 40 and len(long["name"]) == 200


@pytest.mark.parametrize("claim", ["sub", "exp"])
def test_a_token_without_a_subject_or_an_end_is_refused(people: People, claim: str) -> None:
    refused(people, signed(claims(unique(), **{claim: None})))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1},
        {"exp": 10**20},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"nbf": 10**11},
        {"sub": 7},
        {"sub": ""},
        {"sub": "a\0b"},
        {"iss": "a\0b"},
        {"iss": ["x"]},
        {"iss": "parley", "sub": "999999999"},
        {"iss": "parley", "sub": "9" * 18},
    ],
    ids=str,
)
def test_a_token_whose_claims_make_no_sense_is_refused(people: People, change: Data) -> None:
    # Written by hand, because PyJWT refuses to sign some of these.
    said = claims(unique()) | {"exp": int(datetime.now(UTC).timestamp()) + 600} | change
    refused(people, jwt.PyJWS().encode(json.dumps(said).encode(), JWT_SECRET, algorithm="HS256"))


def test_a_token_that_has_expired_says_so(people: People) -> None:
    said = claims(unique(), exp=datetime.now(UTC) - timedelta(seconds=90))
    assert "expired" in refused(people, signed(said))


def test_a_token_that_was_not_signed_by_the_secret_is_refused(people: People) -> None:
    said = claims(unique())
    good = signed(said)
    head, body, signature = good.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    for token in (
        signed(said, "another secret of more than thirty-two bytes"),
        jwt.encode(said, "", algorithm="none"),
        f"{unsigned}.{body}.",
        f"{unsigned}.{body}.{signature}",
        f"{head}.{signed(claims('root')).split('.')[1]}.{signature}",
        good[:-4],
        jwt.encode(said, JWT_SECRET * 2, algorithm="HS512"),
        jwt.encode(said, JWT_SECRET * 2, algorithm="HS384"),
        "x.y.z",
        "nonsense",
    ):
        refused(people, token)
    assert viewer(bearing(people, good))["user"]


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "Token x", "{token}"])
def test_a_header_that_is_no_bearer_token_is_refused(people: People, header: str) -> None:
    sent = header.format(token=signed(claims(unique())))
    answer = people.http.post("/graphql", json={"query": "{ __typename }"}, headers={"Authorization": sent})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_the_role_claim_makes_a_moderator(people: People) -> None:
    handle = unique()
    for claim, lifted in (("moderator", True), ("admin", False), (["moderator"], False), (None, False)):
        found = viewer(bearing(people, signed(claims(handle, parley_role=claim))))
        assert found["isModerator"] is lifted


def test_the_command_line_gives_a_token_for_a_handle(people: People, parley: Parley) -> None:
    ada = people()
    known = viewer(ada)
    lifted = viewer(bearing(people, parley.token(ada.handle, moderator=True)))
    assert lifted["user"] == known["user"]
    assert (lifted["isGuest"], lifted["isModerator"], known["isModerator"]) == (False, True, False)


def test_a_guest_is_a_name_and_a_token(people: People) -> None:
    name = f"Zo\u00eb {unique()}"
    payload = people.reader.write("signInAsGuest", name=f"  {name} ", clientMutationId="given back")
    assert payload["clientMutationId"] == "given back"
    guest = bearing(people, payload["token"])
    assert viewer(guest)["user"]["name"] == name
    assert (payload["viewer"]["isGuest"], payload["viewer"]["isModerator"]) == (True, False)
    assert payload["viewer"]["user"]["handle"] == name.lower().replace(" ", "-")
    assert {key: value for key, value in viewer(guest).items() if key != "user"} == {
        key: value for key, value in payload["viewer"].items() if key != "user"
    }
    discussion = guest.start()
    assert guest.node(discussion, "... on Post { author { name } }")["author"] == {"name": name}
    # Everybody sees who is a guest, wherever a person is named.
    first = guest.reply(discussion, "Mine.")
    ada = people()
    reply = ada.reply(discussion, "Quite so.", to=first, quotes=[{"sourceId": first, "text": "Mine."}])
    asked = "... on Reply { author { isGuest } replyTo { author { isGuest } } quotes { attributedTo { isGuest } } }"
    assert ada.node(reply, asked) == {
        "__typename": "Reply",
        "author": {"isGuest": False},
        "replyTo": {"author": {"isGuest": True}},
        "quotes": [{"attributedTo": {"isGuest": True}}],
    }


def test_a_guest_never_takes_a_handle_or_a_name_that_exists(people: People) -> None:
    ada = people()
    viewer(ada)
    guest = f"Guest {unique()}"
    people.reader.write("signInAsGuest", name=guest)
    taken = {"__typename": "NameTaken", "code": "NAME_TAKEN", "path": ["input", "name"]}
    for name in (ada.handle, ada.name, ada.name.upper(), f" {ada.name.replace(' ', '   ')}", f"@{ada.handle}!", guest):
        assert people.reader.refused("signInAsGuest", name=name) == taken, name
    # A person who comes with a guest's handle gets a number, and the guest keeps the name.
    handle = guest.lower().replace(" ", "-")
    assert viewer(bearing(people, signed(claims(handle))))["user"]["handle"] == f"{handle}-2"


@pytest.mark.parametrize("name", ["", "  ", "!?", "\0", "a\0b", "x" * 61, "\u200b"])
def test_a_guest_needs_a_name_that_can_be_shown(people: People, name: str) -> None:
    invalid = {"__typename": "InvalidText", "code": "INVALID_TEXT", "path": ["input", "name"]}
    assert people.reader.refused("signInAsGuest", name=name) == invalid


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
STRANGER = ec.generate_private_key(ec.SECP256R1())
AUDIENCE = "https://parley.example"


@contextmanager
def key_set() -> Iterator[str]:
    """The address of a server of the public keys `rsa` and `ec`."""
    keys = [
        json.loads(RSAAlgorithm.to_jwk(RSA.public_key())) | {"kid": "rsa", "use": "sig"},
        json.loads(ECAlgorithm.to_jwk(EC.public_key())) | {"kid": "ec", "use": "sig"},
    ]

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"keys": keys}).encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()


@pytest.fixture(scope="module")
def federated(backend: Backend) -> Iterator[People]:
    """People at a server that trusts an issuer's key set."""
    with key_set() as url:
        server = Parley.start(
            database_url=backend.migrated_database(),
            bus_url=backend.bus_url,
            jwks_url=url,
            jwt_issuer=ISSUER,
            jwt_audience=AUDIENCE,
            jwt_secret=JWT_SECRET,
        )
        with people_of(server) as made:
            yield made
        server.stop()


def issued(key: Any = EC, algorithm: str = "ES256", kid: str | None = "ec", **said: Any) -> str:
    told = claims(unique(), **{"aud": AUDIENCE} | said)
    return jwt.encode(told, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def test_tokens_signed_by_a_key_of_the_set_are_taken(federated: People) -> None:
    for token in (issued(), issued(RSA, "RS256", "rsa"), issued(aud=["https://other.example", AUDIENCE])):
        assert viewer(bearing(federated, token))["user"]["handle"].startswith("ada-")
    assert viewer(bearing(federated, issued(parley_role="moderator")))["isModerator"] is True


def test_tokens_of_other_keys_issuers_and_audiences_are_refused(federated: People) -> None:
    public = jwt.PyJWK.from_dict(json.loads(ECAlgorithm.to_jwk(EC.public_key()))).key
    for token in (
        issued(STRANGER),
        issued(kid="other"),
        issued(kid=None),
        issued(kid="rsa"),
        issued(RSA, "RS256", "ec"),
        issued(iss="https://elsewhere.example"),
        issued(iss=None),
        issued(aud="https://other.example"),
        issued(aud=None),
        issued(aud={"x": 1}),
        issued(iss="parley", sub="1"),
        issued(exp=datetime.now(UTC) - timedelta(seconds=90)),
        # The public key, taken for a secret.
        jwt.encode(claims(unique(), aud=AUDIENCE), str(public), algorithm="HS256"),
        signed(claims(unique(), iss="https://elsewhere.example", aud=AUDIENCE)),
        signed(claims(unique())),
    ):
        refused(federated, token)
    assert viewer(bearing(federated, signed(claims(unique(), aud=AUDIENCE))))["user"]


def test_without_a_key_set_no_signed_keys_are_taken(people: People) -> None:
    refused(people, issued())
    refused(people, issued(RSA, "RS256", "rsa"))


@pytest.fixture(scope="module")
def plain(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[People, Parley]]:
    """A server without a word on guests, whose key set can't be reached: on SQLite, with the embedded database."""
    folder = tmp_path_factory.mktemp("plain")
    url = "sqlite:///parley.db" if backend.name == "sqlite" else backend.migrated_database()
    server = Parley.start(
        database_url=url,
        bus_url=backend.bus_url,
        folder=folder,
        jwks_url="http://127.0.0.1:9/keys",
        jwt_secret=JWT_SECRET,
    )
    with people_of(server) as made:
        yield made, server
    server.stop()


def test_a_key_set_that_cannot_be_reached_leaves_our_own_tokens_in_force(plain: tuple[People, Parley]) -> None:
    people, server = plain
    refused(people, issued())
    assert viewer(people())["user"]
    assert "Traceback" not in server.log()


def test_guests_are_on_by_themselves_with_the_embedded_database_only(
    plain: tuple[People, Parley], backend: Backend
) -> None:
    people, _ = plain
    answer = people.reader.payload("signInAsGuest", name="Zoe")
    assert [error["code"] for error in answer["errors"]] == ([] if backend.name == "sqlite" else ["NOT_ALLOWED"])


@pytest.mark.parametrize("name", ["A\u202eda", "A\x01da", "A\uffffda", "\u3164", "\u115f", "\u2800", "\u2066Ada\u2069"])
def test_a_name_that_cannot_be_shown_is_never_anybodys(people: People, name: str) -> None:
    invalid = {"__typename": "InvalidText", "code": "INVALID_TEXT", "path": ["input", "name"]}
    assert people.reader.refused("signInAsGuest", name=name) == invalid
    handle = unique()
    shown = viewer(bearing(people, signed(claims(handle, name=name))))["user"]
    assert (shown["handle"], shown["name"]) == (handle, handle)
    unnamed = viewer(bearing(people, signed(claims(unique(), preferred_username=name, name="Ada of the token"))))[
        "user"
    ]
    assert unnamed["handle"].startswith("ada-of-the-token")


def look_alikes(name: str) -> list[str]:
    """Names that look like one that begins with "Ada ": whole words in another script, small capitals and the like."""
    rest = name.removeprefix("Ada ")
    return [
        f"\ua4ee\ua4d3\ua4ee {rest}",
        f"\u1d00\u1d05\u1d00 {rest}",
        f"Ad\u0251 {rest}",
        f"\U0001d400da {rest}",
        f"A\u034fda\u3164 {rest}",
        f"\uff21da {rest.replace('0', 'O')}",
    ]


def test_guest_never_takes_a_name_that_looks_like_another(people: People) -> None:
    handle, name = unique("someone"), f"Ada {unique('Countess')}"
    viewer(bearing(people, signed(claims(handle, name=name))))
    for other in [*look_alikes(name), handle.replace("o", "\u03bf"), f"s0meone{handle.removeprefix('someone')}"]:
        code = people.reader.refused("signInAsGuest", name=other)["code"]
        # A word of Greek and Latin is refused whether or not somebody has the name.
        assert code == ("INVALID_TEXT" if "\u03bf" in other else "NAME_TAKEN"), other
    for other in ("\u0410da", "Dear Ad\u0430", "\u0392o", "a\u0967"):
        invalid = {"__typename": "InvalidText", "code": "INVALID_TEXT", "path": ["input", "name"]}
        assert people.reader.refused("signInAsGuest", name=other) == invalid


def test_of_guests_with_names_that_look_alike_one_is_first(people: People) -> None:
    name = f"Ada {unique('first')}"
    payloads = raced([partial(people.reader.payload, "signInAsGuest", name=other) for other in look_alikes(name)])
    assert sorted(len(payload["errors"]) for payload in payloads) == [0, *[1] * (len(payloads) - 1)]
    assert {error["code"] for payload in payloads for error in payload["errors"]} == {"NAME_TAKEN"}


def test_token_name_that_looks_like_another_is_not_used(people: People, parley: Parley) -> None:
    ada = {"name": f"Ada {unique('Lovelace')}"}
    handle = unique("lovelace")
    viewer(bearing(people, signed(claims(handle, **ada))))
    # Two people may be called the same.
    assert viewer(bearing(people, signed(claims(unique("other"), **ada))))["user"]["name"] == ada["name"]
    for other in [*look_alikes(ada["name"])[:3], "\u0410da", "Moderator", "a former member", "\u05e0\u202ea"]:
        wish = unique("wish")
        token = signed(claims(wish, name=other))
        shown = [viewer(bearing(people, token))["user"] for _ in range(2)][-1]
        assert (shown["handle"], shown["name"]) == (wish, wish)
        told = [line for line in parley.log().splitlines() if "token_name_not_used" in line and shown["id"] in line]
        assert len(told) == 1, "One line, however often the token comes."
        # The name of before stays.
        viewer(bearing(people, signed(claims(wish, name=f"Some {wish}"))))
        assert viewer(bearing(people, token))["user"]["name"] == f"Some {wish}"
    # Of handles that look alike, the second gets a number.
    alike = viewer(bearing(people, signed(claims(handle.replace("l", "I"), sub=unique()))))["user"]
    assert alike["handle"] == handle.replace("l", "i")
    alike = viewer(bearing(people, signed(claims(handle.replace("l", "1"), sub=unique()))))["user"]
    assert alike["handle"] == f"{handle.replace('l', '1')}-2"


def test_reserved_names_are_for_moderators(people: People) -> None:
    for name in ("Parley", "Admin", "[erased]", "This reply was deleted.", "Gast", "m0derator"):
        taken = {"__typename": "NameTaken", "code": "NAME_TAKEN", "path": ["input", "name"]}
        assert people.reader.refused("signInAsGuest", name=name) == taken
    member = viewer(bearing(people, signed(claims("admin", sub=unique(), name="Support"))))["user"]
    assert member["handle"].startswith("user") and member["name"] == member["handle"]
    chief = claims("support", sub=unique(), name="Support", parley_role="moderator")
    assert viewer(bearing(people, signed(chief)))["user"]["name"] == "Support"


def test_name_of_a_token_is_one_line_without_fillers(people: People) -> None:
    wish = unique("wish")
    name = f" Ada\n\t\u3164King \u2028of\u00a0{wish} "
    assert viewer(bearing(people, signed(claims(wish, name=name))))["user"]["name"] == f"Ada King of {wish}"
    long = f"{wish} " + "\U0001f469\u200d\U0001f467 " * 100
    cut = viewer(bearing(people, signed(claims(wish, name=long))))["user"]["name"]
    assert len(cut) <= 200 and cut.endswith("\U0001f467")
