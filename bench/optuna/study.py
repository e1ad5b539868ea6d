"""Optuna's samplers and pruners, asked by the bench over standard input and output, one JSON object a line.

in   {"sampler": "random" | "tpe", "pruner": "none" | "asha", "seed": 7, "trials": 100, "space": [...], "min_resource": 4,
      "done": [{"number": 0, "settings": {...}, "value": 0.1 | null, "steps": {"4": 0.2}}]}
out  {"trial": 1, "settings": {"lr": 0.04}}
in   {"step": 4, "value": 0.2}       out  {"prune": false}
in   {"value": 0.1}                  the trial is complete; null: it failed
in   {"pruned": true}                the trial stopped where it was told to
The samplers are seeded anew for each trial, from the study's seed and the trial's number, so that a study which was
stopped goes on to the same trials.

A dimension of the space: {"name": "lr", "low": 0.02, "high": 0.3, "log": true}, {"name": "depth", "low": 1, "high": 6,
"step": 1}, {"name": "dropout", "choices": [0, 0.15]}; with "when": {"name": "embedding", "is": "pbld"} it is asked for
only where an earlier dimension has that value.
"""

import json
import sys

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

optuna.logging.set_verbosity(optuna.logging.ERROR)


def distribution(dimension):
    if "choices" in dimension:
        return CategoricalDistribution(dimension["choices"])
    if "step" in dimension:
        return IntDistribution(dimension.get("low", 0), dimension["high"], step=dimension["step"])
    return FloatDistribution(dimension.get("low", 0), dimension["high"], log=dimension.get("log", False))


def asked(dimension, settings):
    condition = dimension.get("when")
    return condition is None or settings.get(condition["name"]) == condition["is"]


def suggest(trial, space):
    settings = {}
    for dimension in space:
        if asked(dimension, settings):
            settings[dimension["name"]] = trial._suggest(dimension["name"], distribution(dimension))
    return settings


def sampler(name, seed, number):
    seed = (seed * 1_000_003 + number * 7_919) % 2**32
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    return optuna.samplers.RandomSampler(seed=seed)


def pruner(asked_for):
    if asked_for["pruner"] == "asha":
        return optuna.pruners.SuccessiveHalvingPruner(min_resource=asked_for["min_resource"], reduction_factor=4)
    return optuna.pruners.NopPruner()


def remember(study, space, done):
    """Adds a trial of an earlier, interrupted study."""
    value, steps = done["value"], {int(k): v for k, v in done.get("steps", {}).items()}
    state = optuna.trial.TrialState.COMPLETE
    if value is None:
        state = optuna.trial.TrialState.PRUNED if steps else optuna.trial.TrialState.FAIL
    settings = done["settings"]
    study.add_trial(optuna.trial.create_trial(
        state=state, value=value, params=settings, intermediate_values=steps,
        distributions={d["name"]: distribution(d) for d in space if d["name"] in settings}))


def say(message):
    print(json.dumps(message), flush=True)


def hear():
    return json.loads(sys.stdin.readline())


def converse(study, trial):
    """Passes on a trial's intermediate values until it ends."""
    while True:
        message = hear()
        if "step" in message:
            trial.report(message["value"], message["step"])
            say({"prune": trial.should_prune()})
        elif message.get("pruned"):
            return study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        elif message["value"] is None:
            return study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            return study.tell(trial, message["value"])


def main():
    wanted = hear()
    study = optuna.create_study(direction="minimize", pruner=pruner(wanted))
    for done in wanted.get("done", []):
        remember(study, wanted["space"], done)
    for number in range(len(study.trials), wanted["trials"]):
        study.sampler = sampler(wanted["sampler"], wanted["seed"], number)
        trial = study.ask()
        say({"trial": number, "settings": suggest(trial, wanted["space"])})
        converse(study, trial)


if __name__ == "__main__":
    main()
