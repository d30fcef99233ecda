"""A private Dovecot on free ports: every user name with the password "secret" is a mailbox."""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from types import TracebackType

from tests.servers.ports import free_ports, wait_for_port

CONFIG = """
base_dir={folder}/run
state_dir={folder}/state
log_path={folder}/dovecot.log
protocols=imap
listen=127.0.0.1
ssl=yes
ssl_cert=<{folder}/cert.pem
ssl_key=<{folder}/key.pem
disable_plaintext_auth=no
auth_mechanisms=plain login
auth_failure_delay=0
default_internal_user={user}
default_login_user={user}
default_internal_group={group}
first_valid_uid=1
mail_uid={user}
mail_gid={group}
mail_home={folder}/mail/%u
mail_location=maildir:{folder}/mail/%u/Maildir
mailbox_list_index=yes
namespace inbox {{
  inbox=yes
  separator=/
  mailbox Sent {{
    auto=create
    special_use=\\Sent
  }}
}}
passdb {{
  driver=static
  args=password=secret
}}
userdb {{
  driver=static
  args=uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot=
  inet_listener imap {{
    address=127.0.0.1
    port={port}
  }}
  inet_listener imaps {{
    address=127.0.0.1
    port={tls_port}
    ssl=yes
  }}
}}
service anvil {{
  chroot=
}}
service stats {{
  chroot=
}}
service imap {{
  process_limit=50
}}
"""
CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem"
)
PASSWORD = "secret"
START_SECONDS = 15


def is_installed() -> bool:
    """Whether Debian's dovecot-imapd and openssl are here."""
    return dovecot_program() is not None and shutil.which("openssl") is not None


def dovecot_program() -> str | None:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class Dovecot:
    """Use it as a context manager; `port` speaks STARTTLS and plain text, `tls_port` TLS."""

    host = "localhost"
    password = PASSWORD

    def __init__(self) -> None:
        # Dovecot's unprivileged user must be able to pass, which pytest's folders forbid.
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)
        self.port, self.tls_port = free_ports(2)
        self.ca_file = self.folder / "cert.pem"
        self._numbers = count(1)
        self._owner = (
            ("nobody", "nogroup")
            if os.geteuid() == 0
            else (
                getpass.getuser(),
                grp.getgrgid(os.getegid()).gr_name,
            )
        )

    def __enter__(self) -> Dovecot:
        subprocess.run(CERTIFICATE.split(), cwd=self.folder, check=True, capture_output=True)
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir()
        self._give(self.folder / "mail")
        user, group = self._owner
        config = self.folder / "dovecot.conf"
        config.write_text(
            CONFIG.format(
                folder=self.folder, user=user, group=group, port=self.port, tls_port=self.tls_port
            )
        )
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it and wait until it answers; also after `stop` or `kill`, with the same mail."""
        program = dovecot_program()
        assert program is not None, "Dovecot is not installed (Debian: dovecot-imapd)"
        command = [program, "-F", "-c", self.folder / "dovecot.conf"]
        self._process = subprocess.Popen(command, start_new_session=True)
        for port in (self.port, self.tls_port):
            wait_for_port(port, START_SECONDS)

    def stop(self) -> None:
        """End it as an operator would."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(START_SECONDS)

    def kill(self) -> None:
        """End it and its children, which hold the connections, without a farewell."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(START_SECONDS)

    def append(self, user: str, raw: bytes, age_seconds: float = 0, folder: str = "") -> Path:
        """Put a mail into a mailbox as if it had been delivered that long ago."""
        maildir = self.folder / "mail" / user / "Maildir"
        if folder:
            maildir /= f".{folder}"
        for name in ("new", "cur", "tmp"):
            (maildir / name).mkdir(parents=True, exist_ok=True)
        moment = time.time() - age_seconds
        name = f"{moment:.6f}.M{next(self._numbers)}P{os.getpid()}.test"
        path = maildir / "tmp" / name
        path.write_bytes(raw)
        os.utime(path, (moment, moment))
        self.give(user)
        return path.rename(maildir / "new" / name)

    def forget_uids(self, user: str) -> None:
        """Make the mailbox anew as far as IMAP can see: its next UIDVALIDITY is another one."""
        maildir = self.folder / "mail" / user / "Maildir"
        for index in maildir.glob("dovecot*"):
            index.unlink()
        (maildir / "dovecot-uidlist").write_text("3 V4242 N1 G0123456789abcdef0123456789abcdef\n")
        self._give(maildir)

    def give(self, user: str) -> None:
        """What was laid into a mailbox by hand, to Dovecot."""
        self._give(self.folder / "mail" / user)

    def _give(self, path: Path) -> None:
        """To the user that Dovecot reads mail as."""
        if os.geteuid() != 0:
            return
        user, group = pwd.getpwnam(self._owner[0]).pw_uid, grp.getgrnam(self._owner[1]).gr_gid
        for one in (path, *path.rglob("*")):
            os.chown(one, user, group)
