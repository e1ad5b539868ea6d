"""What users would pick instead: XGBoost and scikit-learn's MLP, fitted on request over standard input and output, one JSON
object a line.

first  {"folder": "...", "columns": [{"file": "00000.npy", "levels": 0}], "task": "classification", "target": [...],
        "fit": [...], "validation": [...], "test": [...]}
in     {"model": "xgboost" | "sklearn", "settings": {...}, "seed": 1, "refit": false}
out    {"validation": 0.1 | null, "test": 0.12, "cpu_s": 0.8}

Errors are 1 - accuracy, or RMSE over the spread of the target among the same rows. Without settings the model's own
defaults are fitted to all training rows. With settings, validation rows stop the training; "refit" then trains the same
model again on all training rows, for as long, and gives that one's test error.
"""

import json
import pathlib
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


class Table:
    def __init__(self, asked):
        folder = pathlib.Path(asked["folder"])
        self.classes = asked["task"] == "classification"
        self.target = np.asarray(asked["target"], np.int64 if self.classes else np.float64)
        self.frame = pd.DataFrame({str(i): column(folder, c) for i, c in enumerate(asked["columns"])})
        self.fit, self.validation, self.test = (np.asarray(asked[k], int) for k in ("fit", "validation", "test"))
        self.train = np.sort(np.concatenate([self.fit, self.validation]))

    def error(self, rows, predicted):
        truth = self.target[rows]
        if self.classes:
            return float(np.mean(predicted != truth))
        return float(np.sqrt(np.mean((predicted - truth) ** 2) / np.mean((truth - truth.mean()) ** 2)))


def column(folder, c):
    values = np.load(folder / c["file"])
    if c["levels"]:
        return pd.Categorical.from_codes(values - 1, categories=[str(k) for k in range(c["levels"])])
    return values.astype(np.float64)


class XGBoost:
    """Trees by histogram; categories as such. Searched ones stop once validation has not improved for 50 rounds."""

    def __init__(self, table):
        self.t = table

    def make(self, settings, seed, **more):
        import xgboost

        kind = xgboost.XGBClassifier if self.t.classes else xgboost.XGBRegressor
        return kind(tree_method="hist", enable_categorical=True, n_jobs=1, random_state=seed, verbosity=0, **settings, **more)

    def fit(self, rows, settings, seed, validation=None):
        t = self.t
        if validation is None:
            return self.make(settings, seed).fit(t.frame.iloc[rows], t.target[rows])
        metric = ("merror" if t.target.max() > 1 else "error") if t.classes else "rmse"
        model = self.make(settings, seed, n_estimators=1000, early_stopping_rounds=50, eval_metric=metric)
        watched = [(t.frame.iloc[validation], t.target[validation])]
        return model.fit(t.frame.iloc[rows], t.target[rows], eval_set=watched, verbose=False)

    def refit(self, model, settings, seed):
        return self.fit(self.t.train, {**settings, "n_estimators": model.best_iteration + 1}, seed)

    def predict(self, model, rows):
        return model.predict(self.t.frame.iloc[rows])


class ScikitMLP:
    """One-hot categories and standardised numbers into MLPClassifier or MLPRegressor."""

    def __init__(self, table):
        from sklearn.compose import ColumnTransformer
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        self.t = table
        kinds = table.frame.dtypes
        named = [c for c in table.frame if isinstance(kinds[c], pd.CategoricalDtype)]
        text = table.frame.copy()
        for c in named:
            text[c] = text[c].astype(str)
        encoder = ColumnTransformer([
            ("names", OneHotEncoder(handle_unknown="ignore", sparse=False), named),
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), [c for c in text if c not in named]),
        ])
        self.inputs = encoder.fit(text.iloc[table.train]).transform(text)
        y = table.target[table.train]
        self.center, self.spread = (0, 1) if table.classes else (y.mean(), y.std())

    def fit(self, rows, settings, seed, validation=None):
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        settings = dict(settings)
        depth, width = settings.pop("depth", None), settings.pop("width", None)
        if depth:
            settings["hidden_layer_sizes"] = (width,) * depth
        kind = MLPClassifier if self.t.classes else MLPRegressor
        y = self.t.target[rows] if self.t.classes else (self.t.target[rows] - self.center) / self.spread
        return kind(random_state=seed, **settings).fit(self.inputs[rows], y)

    def refit(self, _, settings, seed):
        return self.fit(self.t.train, settings, seed)

    def predict(self, model, rows):
        predicted = model.predict(self.inputs[rows])
        return predicted if self.t.classes else predicted * self.spread + self.center


KINDS = {"xgboost": XGBoost, "sklearn": ScikitMLP}


def answer(table, kind, asked):
    settings, seed = asked.get("settings") or {}, asked["seed"]
    validation = None
    if settings:
        model = kind.fit(table.fit, settings, seed, table.validation)
        validation = table.error(table.validation, kind.predict(model, table.validation))
        if asked.get("refit"):
            model = kind.refit(model, settings, seed)
    else:
        model = kind.fit(table.train, {}, seed)
    return {"validation": validation, "test": table.error(table.test, kind.predict(model, table.test))}


def main():
    table = Table(json.loads(sys.stdin.readline()))
    kinds = {}
    for line in sys.stdin:
        asked = json.loads(line)
        kind = kinds.setdefault(asked["model"], None) or KINDS[asked["model"]](table)
        kinds[asked["model"]] = kind
        start = time.process_time()
        said = answer(table, kind, asked)
        print(json.dumps({**said, "cpu_s": time.process_time() - start}), flush=True)


if __name__ == "__main__":
    main()
