"""A small OpenID Connect provider for the tests: discovery, authorization code with PKCE, signed id tokens.

Its sign-in page has one link for each person. Whoever follows it comes back to the app with a code, for which the app
fetches a token that is signed with a key made at the start.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "agpis", "a secret between app and provider"


@dataclass
class Provider:
    """The provider's state.

    Attributes:
        issuer: its address.
        people: name -> further claims of everybody who may sign in.
        codes: code -> what was asked for and by whom.
    """

    issuer: str
    people: dict[str, dict[str, Any]]
    codes: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"}))

    def discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def keys(self, _: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    def authorize(self, request: Request) -> Response:
        """The sign-in page, or, for a person who followed their link, the way back with a code."""
        asked = dict(request.query_params)
        person = asked.pop("person", None)
        if asked["client_id"] != CLIENT_ID or asked["response_type"] != "code":
            return Response("unknown client", 400)
        if person is None:
            links = (f'<a href="?{urlencode({**asked, "person": name})}">{name}</a>' for name in self.people)
            return HTMLResponse("<h1>Who are you?</h1>" + " ".join(links).replace("&", "&amp;"))
        code = secrets.token_urlsafe()
        self.codes[code] = person, asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        """A token for a code, once, to the client that asked for it."""
        form = await request.form()
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        person, asked = self.codes.pop(str(form["code"]))
        challenge = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if (
            request.headers.get("authorization") != f"Basic {basic}"
            or asked["redirect_uri"] != form["redirect_uri"]
            or asked["code_challenge"] != base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            **{"iss": self.issuer, "sub": person, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "name": person},
            **{"nonce": asked["nonce"], **self.people[person]},
        }
        id_token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return JSONResponse({"access_token": "none", "token_type": "Bearer", "expires_in": 300, "id_token": id_token})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/keys", self.keys),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
            ]
        )


@contextmanager
def providing(port: int, people: dict[str, dict[str, Any]]) -> Iterator[Provider]:
    """A running provider on the port."""
    provider = Provider(f"http://127.0.0.1:{port}", people)
    server = uvicorn.Server(uvicorn.Config(provider.app(), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not server.started and time.monotonic() < end:
        time.sleep(0.05)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(timeout=20)
