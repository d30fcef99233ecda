"""The connector contract: what passes between the outside world and the customer database.

A connector imports this of `crm` and nothing else; no SQLAlchemy reaches it from here.
"""

from crm.channels.contract.connector import (
    Connector,
    Family,
    KeepsSecrets,
    Site,
    Vault,
    Watches,
)
from crm.channels.contract.errors import (
    ChannelError,
    Misconfigured,
    Rejected,
    Temporary,
)
from crm.channels.contract.incoming import (
    VERDICTS,
    Batch,
    Change,
    Cursor,
    Failure,
    File,
    FileUse,
    Incoming,
    Invitation,
    ReadField,
    Role,
    Sort,
    Visibility,
)
from crm.channels.contract.outgoing import (
    CannotTell,
    Limits,
    NotThere,
    Outgoing,
    Past,
    Receipt,
)
from crm.channels.contract.people import (
    FACTS,
    Address,
    IdentityKind,
    Person,
    Recipient,
)

__all__ = [
    "FACTS",
    "VERDICTS",
    "Address",
    "Batch",
    "CannotTell",
    "Change",
    "ChannelError",
    "Connector",
    "Cursor",
    "Failure",
    "Family",
    "File",
    "FileUse",
    "IdentityKind",
    "Incoming",
    "Invitation",
    "KeepsSecrets",
    "Limits",
    "Misconfigured",
    "NotThere",
    "Outgoing",
    "Past",
    "Person",
    "ReadField",
    "Receipt",
    "Recipient",
    "Rejected",
    "Role",
    "Site",
    "Sort",
    "Temporary",
    "Vault",
    "Visibility",
    "Watches",
]
