"""What the oauth section of a mailbox may say, and what is said when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from postkorb import config

CHANNEL = (
    '[company]\nname = "Lindenrad"\n[channels.support]\nkind = "imap"\nhost = "h"\nuser = "u"\n'
    'addresses = ["support@lindenrad.example"]\n'
)
OAUTH = "[channels.support.oauth]\n"
AT = "channels.support"


def complaints(folder: Path, text: str) -> list[str]:
    path = folder / "config.toml"
    path.write_text(CHANNEL + text)
    with pytest.raises(config.ConfigError) as caught:
        config.load(path)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", f"{AT}: password is missing; tell it, or a section oauth in its place"),
        (
            f'password = "s3cret"\n{OAUTH}provider = "google"\nclient_id = "c"\n',
            f"{AT}: password and a section oauth exclude each other; leave one of them out",
        ),
        (
            f'{OAUTH}provider = "yahoo"\nclient_id = "c"\n',
            f'{AT}.oauth.provider: expected "google", "microsoft" or "custom", found "yahoo"',
        ),
        (
            f'{OAUTH}provider = "google"\n',
            f"{AT}.oauth.client_id: missing; expected a text",
        ),
        (
            f'{OAUTH}provider = "google"\nclient_id = "c"\ntoken_url = "https://x.example"\n',
            f"{AT}.oauth: authorise_url, token_url and device_url are for the provider"
            ' "custom" alone',
        ),
        (
            f'{OAUTH}provider = "custom"\nclient_id = "c"\ntoken_url = "https://x.example"\n',
            f'{AT}.oauth: the provider "custom" needs token_url, and authorise_url or device_url',
        ),
        (
            f'{OAUTH}provider = "custom"\nclient_id = "c"\ntoken_url = "http://x.example"\n'
            'device_url = "https://x.example"\n',
            f"{AT}.oauth.token_url: expected an address that begins with https://,"
            ' found "http://x.example"',
        ),
        (
            f'{OAUTH}provider = "microsoft"\nclient_id = "c"\nclient_secret = ["s3cret"]\n',
            f'{AT}.oauth.client_secret: expected a text, {{env = "NAME"}} or {{file = "path"}}',
        ),
        (
            f'{OAUTH}provider = "microsoft"\nclient_id = "c"\ntenant = "../x"\n',
            f'{AT}.oauth.tenant: expected a domain such as "example.com", or the ID of a tenant,'
            ' found "../x"',
        ),
        (
            f'{OAUTH}provider = "microsoft"\nclient_id = "c"\ntenent = "x"\n',
            f'{AT}.oauth.tenent: unknown key; did you mean "tenant"?',
        ),
    ],
)
def test_a_complaint_names_the_key_and_what_to_tell(
    tmp_path: Path, text: str, complaint: str
) -> None:
    assert complaints(tmp_path, text) == [complaint]


@pytest.mark.parametrize(
    "text",
    [
        'password = "s3cret"\n',
        f'{OAUTH}provider = "google"\nclient_id = "c"\nclient_secret = "s3cret"\n',
        f'{OAUTH}provider = "microsoft"\nclient_id = "c"\ntenant = "lindenrad.example"\n',
        f'{OAUTH}provider = "custom"\nclient_id = "c"\ntoken_url = "http://localhost:1/t"\n'
        'authorise_url = "https://x.example/a"\nscopes = ["mail"]\n',
    ],
)
def test_one_way_to_sign_in_is_enough(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CHANNEL + text)
    assert "support" in config.load(path).channels
    assert "s3cret" not in repr(config.load(path))


SMTP = 'password = "s3cret"\n[channels.support.smtp]\nhost = "h"\n'


@pytest.mark.parametrize("half", ['user = "u"\n', 'password = "s3cret"\n'])
def test_half_a_sign_in_to_the_outgoing_server_is_none(tmp_path: Path, half: str) -> None:
    assert complaints(tmp_path, SMTP + half) == [
        f"{AT}.smtp: user and password belong together; tell both, or neither"
    ]


@pytest.mark.parametrize(
    ("addresses", "complaint"),
    [
        ("[]", f"{AT}.addresses: empty; expected a list of texts"),
        ('["support"]', f'{AT}.addresses.0: expected an e-mail address, found "support"'),
    ],
)
def test_of_a_list_one_thing_is_complained_about(
    tmp_path: Path, addresses: str, complaint: str
) -> None:
    path = tmp_path / "config.toml"
    text = CHANNEL.replace('["support@lindenrad.example"]', addresses)
    path.write_text(f'{text}password = "s3cret"\n')
    with pytest.raises(config.ConfigError) as caught:
        config.load(path)
    assert [line.strip() for line in str(caught.value).splitlines()[1:]] == [complaint]
