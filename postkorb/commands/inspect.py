"""`postkorb inspect`: how mails, scans or posts would be read, as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from postkorb.commands import COMMANDS

SUFFIXES = {
    "mail": (".eml",),
    "letter": (".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg"),
    "post": (".xml", ".rss", ".atom", ".json"),
}


@click.command("inspect", short_help=COMMANDS["inspect"])
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--kind", type=click.Choice(list(SUFFIXES)), help="Told by the file's ending else.")
@click.option("--jsonl", is_flag=True, help="One object a line.")
def command(path: Path, kind: str | None, jsonl: bool) -> None:
    """Show how mails, scans or posts would be read; a folder is read in one process.

    \b
    Example: postkorb inspect complaint.eml
             postkorb inspect scans/ --kind letter --jsonl
    """
    for found in _found(path, kind):
        click.echo(json.dumps(found, ensure_ascii=False, indent=None if jsonl else 2))


def _found(path: Path, kind: str | None) -> Iterator[dict[str, Any]]:
    root = path if path.is_dir() else path.parent
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    readers = {name: _reader(name, root) for name in ([kind] if kind else SUFFIXES)}
    guessed = kind is None and path.is_dir()
    for file in files:
        for name, read in readers.items():
            alone = kind is not None and not path.is_dir()
            if alone or file.suffix.casefold() in SUFFIXES[name]:
                yield from (one for one in read(file) if not (guessed and _is_strange(file, one)))
                break


def _is_strange(file: Path, found: dict[str, Any]) -> bool:
    """JSON that happens to lie in a folder and has nothing to do with a forum."""
    return file.suffix.casefold() == ".json" and "error" in found


def _reader(kind: str, root: Path) -> Callable[[Path], Iterator[dict[str, Any]]]:
    return {"mail": _mail, "letter": _letter, "post": _post}[kind](root)


def _mail(root: Path) -> Callable[[Path], Iterator[dict[str, Any]]]:
    from connectors.email.inspect import inspect_mail
    from crm.intake.sanitise import sanitise

    def read(file: Path) -> Iterator[dict[str, Any]]:
        found = inspect_mail(file.read_bytes(), file.relative_to(root).as_posix())
        yield {**found, "html_safe": sanitise(found.get("html_safe") or "") or None}

    return read


def _letter(root: Path) -> Callable[[Path], Iterator[dict[str, Any]]]:
    from connectors.post.inspect import inspect_letter

    def read(file: Path) -> Iterator[dict[str, Any]]:
        yield {**inspect_letter(file), "path": file.relative_to(root).as_posix()}

    return read


def _post(root: Path) -> Callable[[Path], Iterator[dict[str, Any]]]:
    from connectors.community.inspect import inspect_posts

    def read(file: Path) -> Iterator[dict[str, Any]]:
        for found in inspect_posts(file):
            yield {**found, "path": file.relative_to(root).as_posix()}

    return read
