"""Development tables for the peers: the same rows, splits and score for every arm."""

import pathlib
import tomllib

import numpy as np
import pandas as pd


class Table:
    """A table split into train, validation and test rows.

    `frame` holds the inputs, categories as strings and numbers as floats; `target` holds class codes or values.
    """

    def __init__(self, folder, name, rows, split_seed):
        path = pathlib.Path(folder) / name
        source = tomllib.loads((path / "source.toml").read_text())
        raw = pd.read_csv(path / "data.csv.gz", keep_default_na=False, na_values=[""], low_memory=False)
        raw = raw.dropna(subset=[source["target"]]).reset_index(drop=True)
        if rows and len(raw) > rows:
            raw = raw.sample(rows, random_state=0).reset_index(drop=True)
        self.task = source["task"]
        self.target = _target(raw.pop(source["target"]), self.task)
        self.frame, self.categorical = _inputs(raw, set(source["categorical_columns"]))
        self.train, self.validation, self.test = _split(self.target, self.task, split_seed)

    @property
    def classes(self):
        return int(self.target.max()) + 1 if self.task == "classification" else 0


def _target(column, task):
    if task == "classification":
        return column.astype(str).astype("category").cat.codes.to_numpy(np.int64)
    return column.to_numpy(np.float64)


def _inputs(raw, named):
    categorical = [c for c in raw.columns if c in named or raw[c].dtype == object]
    for c in categorical:
        raw[c] = raw[c].astype(str)
    return raw, categorical


def _split(target, task, seed):
    """80 % train, of which 20 % validate, and 20 % test; stratified for classes."""
    from sklearn.model_selection import train_test_split

    def cut(rows, seed):
        labels = target[rows]
        rare = task != "classification" or np.bincount(labels)[np.unique(labels)].min() < 2
        return train_test_split(rows, test_size=0.2, random_state=seed, stratify=None if rare else labels)

    rest, test = cut(np.arange(len(target)), seed)
    train, validation = cut(rest, seed)
    return train, validation, test


def score(task, target, outputs):
    """The job's default metric: accuracy of class probabilities, or RMSE of values."""
    if task == "classification":
        return {"accuracy": float((outputs.argmax(1) == target).mean())}
    return {"rmse": float(np.sqrt(np.mean((outputs - target) ** 2)))}
