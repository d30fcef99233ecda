"""Mail servers that take tokens of the tests' token server: Dovecot by IMAP, a sink by SMTP."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers.dovecot import Dovecot
from tests.servers.smtp_sink import SmtpSink
from tests.servers.token_server import TokenServer

PASSDB = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf.ext
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
"""Without a penalty for failed sign-ins, which are what the tests are about."""

INTROSPECTION = """
introspection_mode = post
introspection_url = {url}/introspect
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
"""


class OauthDovecot(Dovecot):
    """A Dovecot whose mailboxes take a token in place of the password."""

    def __init__(self, tokens: TokenServer, mechanisms: str = "xoauth2 oauthbearer") -> None:
        super().__init__()
        self._tokens, self._mechanisms = tokens, mechanisms

    def start(self) -> None:
        config = self.folder / "dovecot.conf"
        said = config.read_text().replace(
            "auth_mechanisms=plain login\n", f"auth_mechanisms={self._mechanisms} plain login\n"
        )
        if "oauth2.conf.ext" not in said:
            config.write_text(PASSDB.format(folder=self.folder) + said)
            (self.folder / "oauth2.conf.ext").write_text(INTROSPECTION.format(url=self._tokens.url))
        super().start()


@dataclass
class OauthSink(SmtpSink):
    """An SMTP server that takes XOAUTH2 and tells of a refusal as Gmail does: by a challenge."""

    tokens: TokenServer | None = None
    password: str = "no password opens it"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        said = b64decode(args[1]).decode()
        user, _, token = said.removeprefix("user=").removesuffix("\x01\x01").partition("\x01")
        assert self.tokens is not None
        if self.tokens.user_of(token.removeprefix("auth=Bearer ")) == user:
            return AuthResult(success=True, auth_data=user)
        await server.push(b"334 " + b64encode(b'{"status":"401","schemes":"Bearer"}'))
        answer: Any = await server._reader.readline()
        assert answer == b"\r\n"
        return AuthResult(success=False, handled=False, message="535 5.7.8 Not accepted")
