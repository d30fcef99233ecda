"""What an operator tells of a mailbox that is read by IMAP."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from connectors.email.history import Quote
from connectors.email.oauth.settings import Oauth
from connectors.email.sending import OurAddresses
from connectors.email.smtp import Smtp
from connectors.settings import STRICT, LocalPath, Port, Secret

INBOX = "INBOX"
LONGEST_NAME = 255

_FLAG = re.compile(r"\\?[A-Za-z0-9$_.+-]+")


def _folder_name(value: str) -> str:
    """INBOX is the same in any case (RFC 3501, 5.1), every other name is as it is written."""
    if not (value.isprintable() and len(value) <= LONGEST_NAME):
        raise ValueError("expected the name of a folder")
    return INBOX if value.upper() == INBOX else value


def _each_once(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) < len(value):
        raise ValueError("expected each folder once")
    return value


def _flag(value: str) -> str:
    """A keyword, or one of the flags that everybody knows (RFC 3501, 2.3.2)."""
    if (value and not _FLAG.fullmatch(value)) or value.lower() in (r"\deleted", r"\recent"):
        raise ValueError(r'expected a flag such as "$Postkorb" or "\\Flagged"')
    return value


FolderName = Annotated[str, AfterValidator(_folder_name)]
Folders = Annotated[
    tuple[Annotated[FolderName, Field(min_length=1)], ...],
    Field(min_length=1),
    AfterValidator(_each_once),
]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ImapSettings:
    """A mailbox; `interval` is in seconds, the first of `addresses` is the From of answers.
    It is signed in to by `password` or by a section `oauth`, which smtp without a user shares.

    `idle` lets the server tell of new mail in the first of `folders` at once; `mark_seen`, `flag`
    and `move_to` say what becomes of a mail that is stored; `sent_folder` keeps copies of answers.
    """

    host: str
    user: str
    password: Secret | None = None
    addresses: OurAddresses
    port: Port = 993
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: LocalPath | None = None
    folders: Folders = (INBOX,)
    interval: Annotated[int, Field(ge=5)] = 60
    idle: bool = True
    mark_seen: bool = False
    flag: Annotated[str, AfterValidator(_flag)] = ""
    move_to: FolderName = ""
    sender_name: str = ""
    quote: Quote = "last"
    oauth: Oauth | None = None
    smtp: Smtp | None = None
    sent_folder: FolderName = ""

    @model_validator(mode="after")
    def _one_way_in(self) -> ImapSettings:
        if self.password is None and self.oauth is None:
            raise ValueError("password is missing; tell it, or a section oauth in its place")
        if self.password is not None and self.oauth is not None:
            raise ValueError(
                "password and a section oauth exclude each other; leave one of them out"
            )
        return self

    @model_validator(mode="after")
    def _moves_away(self) -> ImapSettings:
        if self.move_to in self.folders:
            raise ValueError("move_to: expected a folder that is not among folders")
        return self
