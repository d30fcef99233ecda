"""The types in which a kind of channel declares what it must be told: paths, secrets, ports."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, SecretStr, ValidationInfo

__all__ = ["STRICT", "LocalPath", "Port", "Secret"]


def _beside_the_configuration(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    folder = (info.context or {}).get("folder", Path())
    return str(Path(folder) / Path(value).expanduser())


def _read_secret(value: Any, info: ValidationInfo) -> Any:
    """A secret as itself, or from the environment or a file, so that it need not stand in config.toml."""
    match value:
        case {"env": str(name), **rest} if not rest:
            if name not in os.environ:
                raise ValueError(f"the environment variable {name} is not set")
            return SecretStr(os.environ[name])
        case {"file": str(name), **rest} if not rest:
            path = Path(_beside_the_configuration(name, info))
            try:
                return SecretStr(path.read_text("utf-8").strip())
            except OSError as error:
                raise ValueError(f"cannot read {path}: {error.strerror}") from error
        case str():
            return SecretStr(value)
        case SecretStr():
            return value
    raise ValueError('expected a text, {env = "NAME"} or {file = "path"}')


LocalPath = Annotated[Path, BeforeValidator(_beside_the_configuration)]
"""A path; a relative one counts from the folder of config.toml (cron has another one)."""

Secret = Annotated[SecretStr, PlainValidator(_read_secret)]
"""A password or token: a text, {env = "NAME"} or {file = "path"}."""

Port = Annotated[int, Field(ge=1, le=65535)]

STRICT = ConfigDict(strict=True, extra="forbid")
"""For every settings dataclass: no silent conversion, no unknown key."""
