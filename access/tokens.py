"""Bearer tokens: our own JWTs, and those of an issuer that the operator trusts.

A token names a user by `iss` and `sub`. Ours have the issuer "parley" and a user's id as the subject; they are
signed with HS256 by the secret of the settings, or by the one the database keeps. With a key set (`jwks_url`), tokens
that its keys sign are accepted too, but never under our issuer.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import jwt

from access.key_sets import KeySet, UnknownKey
from db.kinds import AuthorRole
from text import normal

OURS = "parley"
GUEST_LIFETIME = timedelta(days=30)
LEEWAY_SECONDS = 60
MAX_KEPT = 10_000
"""How many tokens that were read are kept, so that the next request with one costs no cryptography."""
MAX_KEPT_CHARACTERS = 2_048
"""Longer tokens are not kept."""
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_ROLES = {"moderator": AuthorRole.MODERATOR, "application": AuthorRole.APPLICATION}
"""By the claim `parley_role`; any other value is a member's."""
_ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class BadToken(Exception):
    """The token can't be trusted; the message says why."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The verified claims of a token."""

    issuer: str
    subject: str
    expires_at: datetime
    role: AuthorRole | None
    """By `parley_role`, never GUEST; None without it."""
    handle: str | None
    """As the token has it: access.token_names says what can be used of it."""
    name: str | None
    picture: str | None
    issued_at: float = 0.0
    """By the issuer's clock, in seconds; when it expires if it does not say so. It grants nothing: it orders what
    tokens say, so that an older one that is still in use does not take a new name or role back."""
    is_dated: bool = True
    """Whether the token says when it was issued."""

    @property
    def is_ours(self) -> bool:
        """Whether this server wrote it."""
        return self.issuer == OURS

    @property
    def user_id(self) -> int | None:
        """The user id in a token of ours; None for any other issuer."""
        return int(self.subject) if self.is_ours and _NUMBER.fullmatch(self.subject) else None


class Tokens:
    """Reads bearer tokens, and writes our own. Close it at the end.

    `leeway_seconds` is how far an issuer's clock may be off: so long after `exp` and before `nbf` a token is valid.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        jwks_url: str | None = None,
        issuer: str | None = None,
        audience: str | None = None,
        leeway_seconds: float = LEEWAY_SECONDS,
    ) -> None:
        self._secret = secret
        self._issuer = issuer
        self._audience = audience
        self.leeway = timedelta(seconds=leeway_seconds)
        self._key_set = KeySet(jwks_url) if jwks_url else None
        self._kept: dict[str, tuple[float, Claims]] = {}
        """The claims of tokens that our secret signed, and until when they are valid. Key sets withdraw keys: what
        these signed is verified each time."""

    def write(self, user_id: int, lifetime: timedelta) -> str:
        """Returns a token of ours for a user."""
        now = datetime.now(UTC)
        claims = {"iss": OURS, "sub": str(user_id), "iat": now, "exp": now + lifetime}
        return jwt.encode(claims, self._secret, algorithm="HS256")

    async def read(self, authorization: str) -> Claims:
        """Returns the claims of an Authorization header, `Bearer …`. Raises BadToken."""
        scheme, _, token = authorization.strip().partition(" ")
        token = token.strip()
        if scheme.casefold() != "bearer" or not token:
            raise BadToken('The authorization is not of the form "Bearer TOKEN".')
        ends_at, kept = self._kept.get(token, (0.0, None))
        if kept is not None and ends_at > time():
            return kept
        try:
            return await self._read(token)
        except jwt.ExpiredSignatureError as error:
            raise BadToken("The token has expired.") from error
        # What PyJWT itself fails on: an `exp` that no calendar has, an RSA token that names an EC key.
        except (jwt.PyJWTError, UnknownKey, ValueError, TypeError, OverflowError, OSError) as error:
            raise BadToken(f"The token can't be trusted: {error}") from error

    async def _read(self, token: str) -> Claims:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm == "HS256":
            decoded = self._decode(token, self._secret, ["HS256"])
            if self._issuer is not None and decoded.get("iss") not in (self._issuer, OURS):
                raise jwt.InvalidIssuerError(f'its issuer is neither "{self._issuer}" nor ours.')
            claims = self._claims(decoded)
            self._keep(token, claims, int(decoded["exp"]) + self.leeway.total_seconds())
            return claims
        if self._key_set is None or algorithm not in _ASYMMETRIC:
            raise jwt.InvalidAlgorithmError(f"tokens signed with {algorithm} are not accepted here.")
        key = await self._key_set.key(header.get("kid"))
        decoded = self._decode(token, key.key, _ASYMMETRIC)
        if decoded.get("iss") == OURS or (self._issuer is not None and decoded.get("iss") != self._issuer):
            raise jwt.InvalidIssuerError("its issuer is not the one trusted here.")
        return self._claims(decoded)

    def _keep(self, token: str, claims: Claims, ends_at: float) -> None:
        if len(token) <= MAX_KEPT_CHARACTERS:
            if len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[token] = ends_at, claims

    async def close(self) -> None:
        """Ends a fetch of keys that is under way."""
        if self._key_set is not None:
            await self._key_set.close()

    def _decode(self, token: str, key: Any, algorithms: list[str]) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            leeway=self.leeway,
            # When a token was issued grants nothing and takes nothing away.
            options={"require": ["sub", "exp"], "verify_aud": False, "verify_iat": False},
        )
        # Our own tokens are for us only, so they carry no audience.
        if self._audience is not None and claims.get("iss") != OURS:
            audience = claims.get("aud")
            if self._audience not in ([audience] if isinstance(audience, str) else audience or []):
                raise jwt.InvalidAudienceError(f'its audience is not "{self._audience}".')
        return claims

    def _claims(self, claims: Mapping[str, Any]) -> Claims:
        def text(name: str) -> str | None:
            value = claims.get(name)
            return value if isinstance(value, str) and value.strip() and not normal.invalid(value) else None

        subject, picture = text("sub"), text("picture")
        if subject is None or ("iss" in claims and text("iss") is None):
            raise ValueError("its subject or issuer is empty, or not a string.")
        role, issued_at = claims.get("parley_role"), claims.get("iat")
        is_dated = isinstance(issued_at, int | float) and math.isfinite(issued_at)
        return Claims(
            issuer=text("iss") or "",
            subject=subject,
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            role=None if role is None else _ROLES.get(text("parley_role") or "", AuthorRole.MEMBER),
            handle=text("preferred_username"),
            name=text("name"),
            # A page that shows the picture must not run it: no javascript: or data: URLs.
            picture=picture if picture and picture.lower().startswith(("https://", "http://")) else None,
            issued_at=float(claims["iat" if is_dated else "exp"]),
            is_dated=is_dated,
        )
