"""Far references: the name another help desk gives a matter, by which its next mail is known.

Such desks (ServiceNow, Jira, OTRS) strip the headers that machines thread by and rewrite the
subject. Their name for the matter counts only beside their own domain: "INC0012345" is a number
like any other, and every desk has one.
"""

from __future__ import annotations

from crm.conversations.reference import short

OPEN_TO_ALL = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "outlook.de", "hotmail.com", "hotmail.de"),
        *("hotmail.fr", "hotmail.co.uk", "live.com", "live.de", "msn.com", "yahoo.com", "yahoo.de"),
        *("yahoo.fr", "yahoo.co.uk", "yahoo.co.jp", "ymail.com", "aol.com", "icloud.com", "me.com"),
        *("mac.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "mail.de"),
        *("t-online.de", "freenet.de", "arcor.de", "posteo.de", "mailbox.org", "proton.me"),
        *("protonmail.com", "tutanota.com", "tuta.io", "mail.com", "mail.ru", "yandex.ru", "bk.ru"),
        *("inbox.ru", "list.ru", "rambler.ru", "ukr.net", "orange.fr", "wanadoo.fr", "free.fr"),
        *("laposte.net", "sfr.fr", "libero.it", "virgilio.it", "tiscali.it", "wp.pl", "o2.pl"),
        *("onet.pl", "interia.pl", "seznam.cz", "centrum.cz", "bluewin.ch", "aon.at", "chello.at"),
        *("telenet.be", "skynet.be", "ziggo.nl", "kpnmail.nl", "xs4all.nl", "qq.com", "163.com"),
        *("126.com", "comcast.net", "verizon.net", "att.net", "btinternet.com", "uol.com.br"),
    }
)
"""Where anybody has an address: two people there have nothing in common."""

SHARED_DESKS = frozenset({"service-now.com", "github.com", "gitlab.com", "salesforce.com"})
"""Where the desks of many companies write from one domain: only the whole address tells them."""


def far_key(address: str, name: str) -> str:
    """The key of a far desk's name for a matter; "" where it proves nothing."""
    domain = address.rpartition("@")[2].casefold()
    if not name or not domain or domain in OPEN_TO_ALL:
        return ""
    desk = address.casefold() if domain in SHARED_DESKS else domain
    return short(f"far:{desk}:{name.casefold()}")
