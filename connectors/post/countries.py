"""The countries that letters of this house come from and go to, in their spellings."""

from __future__ import annotations

__all__ = ["country_code", "country_line", "country_name"]

COUNTRIES = {
    "DE": ("Deutschland", "Germany"),
    "AT": ("Österreich", "Austria"),
    "CH": ("Schweiz", "Switzerland"),
    "GB": ("Vereinigtes Königreich", "United Kingdom"),
    "US": ("USA", "United States"),
    "FR": ("Frankreich", "France"),
    "NL": ("Niederlande", "Netherlands"),
    "BE": ("Belgien", "Belgium"),
    "LU": ("Luxemburg", "Luxembourg"),
    "DK": ("Dänemark", "Denmark"),
    "PL": ("Polen", "Poland"),
    "CZ": ("Tschechien", "Czechia"),
    "IT": ("Italien", "Italy"),
    "ES": ("Spanien", "Spain"),
    "IE": ("Irland", "Ireland"),
    "LI": ("Liechtenstein", "Liechtenstein"),
}
OTHER_SPELLINGS = {
    "uk": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "great britain": "GB",
    "großbritannien": "GB",
    "usa": "US",
    "united states of america": "US",
    "osterreich": "AT",
    "oesterreich": "AT",
    "the netherlands": "NL",
}
CODES = OTHER_SPELLINGS | {
    spelling.casefold(): code for code, names in COUNTRIES.items() for spelling in (code, *names)
}


def country_code(name: str) -> str:
    """The ISO 3166 code of a country's name or code; "" where it is not known."""
    return CODES.get(" ".join(name.split()).casefold().strip("."), "")


def country_line(country: str, home: str, language: str) -> str:
    """The last line of an address abroad, in capitals (DIN 5008); "" within the home country."""
    code = country_code(country)
    if not country.strip() or code == (country_code(home) or home):
        return ""
    return country_name(country, language).upper()


def country_name(country: str, language: str) -> str:
    """A country's name in German ("de") or English; as it was given where it is not known."""
    names = COUNTRIES.get(country_code(country))
    return names[0 if language == "de" else 1] if names else country.strip()
