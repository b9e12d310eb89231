"""Errors of exponential smoothing (ETS) and ARIMA on a folder of series, with the protocol of this package.

    python statistical_models.py [--jobs N] FOLDER PROTOCOL OUTPUT [NAME...]

FOLDER has the files of real_series.py. PROTOCOL is a JSON file, {name: {"horizon": 18, "stride": 3}}, or a CSV file with
the columns name, horizon and stride; series that it leaves out are not measured. OUTPUT is the CSV file to write: name,
model, specification, horizon, stride, starts, rmse, seconds.

A series is split by time into 70 % training, 15 % validation and 15 % test part, as in src/series/split.ts. Forecasts
start at the first step of the test part and then every `stride` steps, as long as `horizon` steps fit. The error is the
root mean squared error over all starts and steps ahead.

The form of a model is chosen by AIC on the training part, its last 400 steps where it is longer: for ETS an additive or
multiplicative error, no, an additive or a damped trend, and no, an additive or a multiplicative season; for ARIMA orders
of at most 3, seasonal ones of at most 1, with a season of at most 24 steps. The parameters are then fitted once on the
training and validation part, and the states are filtered through the test part without fitting again, so that each
forecast knows all values before its start and none after it.
"""

import argparse
import csv
import itertools
import json
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy
import pandas
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.stattools import kpss

VALIDATION_SHARE = 0.15
TEST_SHARE = 0.15

# Season in steps by frequency, the shortest that src/series/frequency.ts has for it.
SEASONS = {
    "yearly": 1,
    "quarterly": 4,
    "monthly": 12,
    "weekly": 52,
    "daily": 7,
    "business-days": 5,
    "rows": 1,
    "hourly": 24,
    "half-hourly": 48,
}

# Frequencies whose files may leave out steps, as pandas names them.
STEPS = {"daily": "D", "hourly": "h", "half-hourly": "30min"}

LONGEST_ARIMA_SEASON = 24
# The form is chosen on the last steps of a long training part, which takes minutes instead of hours.
LONGEST_CHOICE = 400
ITERATIONS = 50


def round_half_up(value):
    """Math.round of JavaScript, which rounds halves up."""
    return int(numpy.floor(value + 0.5))


def parts(length):
    """First steps of the validation and the test part."""
    return round_half_up(length * (1 - TEST_SHARE - VALIDATION_SHARE)), round_half_up(length * (1 - TEST_SHARE))


def read_series(path, frequency):
    """Values of a file: missing ones and missing steps are interpolated, values of one time are averaged."""
    table = pandas.read_csv(path)
    values = table["value"].astype(float)
    if frequency in STEPS:
        values = values.groupby(pandas.to_datetime(table["time"]).to_numpy()).mean().asfreq(STEPS[frequency])
    return values.interpolate(limit_direction="both").to_numpy()


def read_protocol(path):
    if path.suffix == ".json":
        return json.loads(path.read_text())
    with path.open(newline="") as file:
        return {row["name"]: {"horizon": int(row["horizon"]), "stride": int(row["stride"])} for row in csv.DictReader(file)}


def fit_quietly(fit):
    """A fitted model, or None where the fit fails or has no finite likelihood."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = fit()
        except (ValueError, IndexError, numpy.linalg.LinAlgError):
            return None
    return result if numpy.isfinite(result.aic) else None


def exponential_smoothing(values, form, season):
    error, trend, damped, seasonal = form
    return ETSModel(
        values,
        error=error,
        trend=trend,
        damped_trend=damped,
        seasonal=seasonal,
        seasonal_periods=season if seasonal else None,
    )


def smoothing_forms(values, season):
    errors = ["add", "mul"] if values.min() > 0 else ["add"]
    trends = [(None, False), ("add", False), ("add", True)]
    seasons = [None] if season == 1 else [None, "add", *(["mul"] if values.min() > 0 else [])]
    for error, (trend, damped), seasonal in itertools.product(errors, trends, seasons):
        # An additive error with a multiplicative season is numerically unstable, and left out as R's forecast does.
        if (error, seasonal) != ("add", "mul"):
            yield error, trend, damped, seasonal


def smoothing_name(form):
    error, trend, damped, seasonal = form
    letter = {None: "N", "add": "A", "mul": "M"}
    return f"ETS({letter[error]},{letter[trend]}{'d' if damped else ''},{letter[seasonal]})"


def smoothing_fit(values, form, season):
    return fit_quietly(lambda: exponential_smoothing(values, form, season).fit(disp=False, maxiter=ITERATIONS))


def smoothing_forecasts(values, start, starts, horizon, season):
    """Forecasts [starts, horizon], and the name of the form."""
    training, _ = parts(len(values))
    chosen = values[max(0, training - LONGEST_CHOICE) : training]
    if season * 2 > len(chosen):
        season = 1
    fits = {form: smoothing_fit(chosen, form, season) for form in smoothing_forms(values, season)}
    form = min((form for form, fit in fits.items() if fit is not None), key=lambda form: fits[form].aic)
    fitted = smoothing_fit(values[:start], form, season)
    forecasts = []
    for first in starts:
        # States are filtered from the first value on, with the parameters of the fit.
        model = exponential_smoothing(values[:first], form, season)
        # Initial states are parameters, too.
        forecasts.append(model.smooth(fitted.params).forecast(horizon))
    return numpy.array(forecasts), smoothing_name(form)


def differences(values, season):
    """Orders of ordinary and seasonal differences: by the strength of the season, then by KPSS tests on 5 %."""
    seasonal = 0
    if season > 1 and len(values) > 3 * season and seasonal_strength(values, season) > 0.64:
        seasonal = 1
        values = values[season:] - values[:-season]
    ordinary = 0
    while ordinary < 2 and kpss_probability(values) < 0.05:
        values = numpy.diff(values)
        ordinary += 1
    return ordinary, seasonal


def seasonal_strength(values, season):
    """Share of the variance without trend that a fixed season explains (Wang, Smith & Hyndman, 2006)."""
    trend = numpy.convolve(values, numpy.ones(season) / season, mode="valid")
    detrended = values[season // 2 : season // 2 + len(trend)] - trend
    profile = numpy.array([detrended[place::season].mean() for place in range(season)])
    rest = detrended - numpy.resize(profile, len(detrended))
    return 1 - rest.var() / detrended.var() if detrended.var() > 0 else 0


def kpss_probability(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kpss(values, regression="c", nlags="auto")[1]


def arima(values, order, seasonal):
    constant = order[1] + seasonal[1] == 0
    return SARIMAX(
        values,
        order=order,
        seasonal_order=seasonal,
        trend="c" if constant else "n",
        enforce_stationarity=True,
        enforce_invertibility=True,
    )


def arima_fit(values, order, seasonal):
    return fit_quietly(lambda: arima(values, order, seasonal).fit(disp=False, maxiter=ITERATIONS))


def neighbors(form, season):
    """Forms whose orders differ by one, as in the search of Hyndman & Khandakar (2008)."""
    p, q, P, Q = form
    moves = [(1, 0, 0, 0), (-1, 0, 0, 0), (0, 1, 0, 0), (0, -1, 0, 0), (1, 1, 0, 0), (-1, -1, 0, 0)]
    if season > 1:
        moves += [(0, 0, 1, 0), (0, 0, -1, 0), (0, 0, 0, 1), (0, 0, 0, -1)]
    for move in moves:
        a, b, c, d = p + move[0], q + move[1], P + move[2], Q + move[3]
        if 0 <= a <= 3 and 0 <= b <= 3 and 0 <= c <= 1 and 0 <= d <= 1:
            yield a, b, c, d


def choose_arima(values, season):
    """Orders with the lowest AIC that a stepwise search finds."""
    ordinary, seasonal = differences(values, season)
    known = {}

    def criterion(form):
        if form not in known:
            p, q, P, Q = form
            fit = arima_fit(values, (p, ordinary, q), (P, seasonal, Q, season if season > 1 else 0))
            known[form] = numpy.inf if fit is None else fit.aic
        return known[form]

    starts = [(2, 2), (0, 0), (1, 0), (0, 1)]
    ends = [(1, 1), (0, 0), (1, 0), (0, 1)] if season > 1 else [(0, 0)] * 4
    best = min((start + end for start, end in zip(starts, ends)), key=criterion)
    while True:
        better = min(neighbors(best, season), key=criterion)
        if criterion(better) >= criterion(best):
            p, q, P, Q = best
            return (p, ordinary, q), (P, seasonal, Q, season if season > 1 else 0)
        best = better


def arima_forecasts(values, start, starts, horizon, season):
    """Forecasts [starts, horizon], and the name of the form."""
    if season > LONGEST_ARIMA_SEASON:
        season = 1
    training, _ = parts(len(values))
    # A scale near one helps the optimizer.
    offset, scale = values[:training].mean(), values[:training].std()
    scaled = (values - offset) / scale
    order, seasonal = choose_arima(scaled[max(0, training - LONGEST_CHOICE) : training], season)
    state = arima_fit(scaled[:start], order, seasonal)
    forecasts = []
    known = start
    for first in starts:
        if first > known:
            state = state.append(scaled[known:first], refit=False)
            known = first
        forecasts.append(state.forecast(horizon))
    name = f"ARIMA{order}" + (f"{seasonal[:3]}{seasonal[3]}" if season > 1 else "")
    return numpy.array(forecasts) * scale + offset, name.replace(" ", "")


MODELS = {"ETS": smoothing_forecasts, "ARIMA": arima_forecasts}


def measure(task):
    folder, name, model, frequency, horizon, stride = task
    begin = time.perf_counter()
    values = read_series(Path(folder) / f"{name}.csv", frequency)
    _, test = parts(len(values))
    starts = range(test, len(values) - horizon + 1, stride)
    actual = numpy.array([values[first : first + horizon] for first in starts])
    forecasts, form = MODELS[model](values, test, starts, horizon, SEASONS[frequency])
    error = float(numpy.sqrt(numpy.mean((forecasts - actual) ** 2)))
    return [name, model, form, horizon, stride, len(starts), repr(error), f"{time.perf_counter() - begin:.1f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("protocol", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    with (options.folder / "series.csv").open(newline="") as file:
        frequencies = {row["name"]: row["frequency"] for row in csv.DictReader(file)}
    protocol = read_protocol(options.protocol)
    names = options.names or [name for name in frequencies if name in protocol]
    tasks = [
        (str(options.folder), name, model, frequencies[name], protocol[name]["horizon"], protocol[name]["stride"])
        for name in names
        for model in MODELS
    ]
    with options.output.open("w", newline="") as file, ProcessPoolExecutor(options.jobs) as pool:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["name", "model", "specification", "horizon", "stride", "starts", "rmse", "seconds"])
        for row in pool.map(measure, tasks):
            table.writerow(row)
            file.flush()


if __name__ == "__main__":
    main()
