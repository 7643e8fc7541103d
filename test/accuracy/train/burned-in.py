"""Trains the model of burned-in corruption on what `burned-in.ts` made, and says how well it does on clips unseen.

    python test/accuracy/train/burned-in.py DIR --together bookshelf,bbb,film

Needs numpy and scikit-learn. Writes `monitor/detectors/block-corruption/burned-in-model.json`: weights of a
logistic regression over the features, scaled and bounded, with the figures of the cross-validation.
"""
import argparse
import datetime
import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression

MODEL = pathlib.Path(__file__).parents[3] / "monitor/detectors/block-corruption/burned-in-model.json"
FOLDS = 8
# Standard deviations from the mean at which a feature ends: what lies far out must not decide alone.
BOUND = 4
# Inverse of the regularisation.
STRENGTH = 0.01
# What the threshold lies above the highest score of undamaged pictures, in logarithms of the odds.
SAFETY = 1
# Share of the macroblocks that are damaged to a viewer, and below which a picture is not.
VISIBLE, UNDAMAGED = 0.02, 0.002
# As in burned-in.ts of the detector: samples over which maxima are taken, and those that they are compared with.
RECENT, BEFORE = 3, 25
# Damage is claimed when so many of the last samples are above the threshold; pieces closer than `JOINS` s are one.
ENOUGH, WINDOW, JOINS, TOLERANCE = 2, 3, 1.0, 1.0


def in_context(samples):
    """Features, and by how much their recent maxima exceed the medians before."""
    own = np.array([sample["features"] for sample in samples])
    if len(own) == 0:
        return own
    recent = np.max([own[np.maximum(np.arange(len(own)) - lag, 0)] for lag in range(RECENT)], axis=0)
    before = [np.median(own[max(0, i - BEFORE) : max(1, i - RECENT)], axis=0) for i in range(len(own))]
    return np.concatenate([own, recent - before], axis=1)


def read(path, together):
    cases = []
    for line in open(path / "features.jsonl"):
        case = json.loads(line)
        case["source"] = next((word for word in together if word in case["clip"]), case["clip"])
        for kind in ("damaged", "clean"):
            case[kind, "times"] = np.array([sample["time"] for sample in case[kind]])
            case[kind, "features"] = in_context(case[kind])
        # 1: damage is seen, 0: there is none, -1: neither.
        share = np.array([np.nan if share is None else share for share in case["shares"]], dtype=float)
        label = np.where(share > VISIBLE, 1, np.where(share <= UNDAMAGED, 0, -1))
        times = case["damaged", "times"]
        for event in case["events"]:
            near = (times >= event["span"][0] - 0.3) & (times <= event["span"][1] + 1)
            label[near & (label == 0)] = -1
        case["label"] = label
        cases.append(case)
    return cases


def fit(cases):
    inputs = [case["damaged", "features"][case["label"] >= 0] for case in cases if len(case["label"]) > 0]
    inputs += [case["clean", "features"] for case in cases]
    labels = [case["label"][case["label"] >= 0] for case in cases] + [np.zeros(len(case["clean"])) for case in cases]
    labels = np.concatenate(labels)
    weights = np.where(labels > 0, len(labels) / (4 * max(1, np.sum(labels))), 1)
    inputs = np.concatenate(inputs)
    model = Model(inputs.mean(axis=0), inputs.std(axis=0) + 1e-9)
    regression = LogisticRegression(C=STRENGTH, solver="newton-cholesky")
    regression.fit(model.scaled(inputs), labels, sample_weight=weights)
    model.weights, model.bias = regression.coef_[0], float(regression.intercept_[0])
    return model


class Model:
    def __init__(self, mean, deviation):
        self.mean, self.deviation = mean, deviation

    def scaled(self, inputs):
        return np.clip((inputs - self.mean) / self.deviation, -BOUND, BOUND)

    def scores(self, inputs):
        return self.scaled(inputs) @ self.weights + self.bias

    def exported(self):
        short = lambda values: [float(f"{value:.5g}") for value in values]
        return dict(bound=BOUND, bias=short([self.bias])[0], mean=short(self.mean), deviation=short(self.deviation),
                    weights=short(self.weights))


def judged(scores):
    """Of each sample, the score that enough of the last ones reach."""
    padded = np.pad(scores, (WINDOW - 1, 0), constant_values=-99)
    return np.sort(np.lib.stride_tricks.sliding_window_view(padded, WINDOW), axis=1)[:, -ENOUGH]


def incidents(times, scores, threshold):
    spans = []
    if len(times) == 0:
        return spans
    for time in times[judged(scores) >= threshold]:
        if spans and time - spans[-1][1] <= JOINS:
            spans[-1][1] = time
        else:
            spans.append([time, time])
    return spans


def meets(span, events):
    return any(span[1] >= begin - TOLERANCE and span[0] <= end + TOLERANCE for begin, end in events)


def counted(cases, threshold):
    """Visible events, those found, and incidents right and wrong, by clip."""
    by_clip = {}
    for case in cases:
        own = by_clip.setdefault(case["clip"], dict(events=0, found=0, right=0, false=0))
        told = incidents(case["damaged", "times"], case["damaged", "scores"], threshold)
        of_clean = incidents(case["clean", "times"], case["clean", "scores"], threshold)
        visible = [event["span"] for event in case["events"] if event["visible"]]
        everything = [event["span"] for event in case["events"]]
        own["events"] += len(visible)
        own["found"] += sum(meets(span, told) for span in visible)
        own["right"] += sum(meets(span, visible) for span in told)
        own["false"] += sum(not meets(span, everything) for span in told) + len(of_clean)
    return by_clip


def total(by_clip, name):
    return sum(own[name] for own in by_clip.values())


def figures(by_clip):
    events, found, right, false = (total(by_clip, name) for name in ("events", "found", "right", "false"))
    return dict(events=events, recall=round(found / max(1, events), 3), right=right, false=false,
                precision=round(right / max(1, right + false), 3))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--together", default="", help="clips with one of these words in their names are one source")
    options = parser.parse_args()
    cases = read(options.directory, [word for word in options.together.split(",") if word])
    sources = np.random.default_rng(3).permutation(sorted({case["source"] for case in cases}))
    fold = {source: index % FOLDS for index, source in enumerate(sources)}
    for own in range(FOLDS):
        model = fit([case for case in cases if fold[case["source"]] != own])
        for case in cases:
            if fold[case["source"]] != own:
                continue
            for kind in ("damaged", "clean"):
                inputs = case[kind, "features"]
                case[kind, "scores"] = model.scores(inputs) if len(inputs) > 0 else np.zeros(0)
    steps = np.arange(0, 12, 0.2)
    curve = [figures(counted(cases, threshold)) for threshold in steps]
    for threshold, at in list(zip(steps, curve))[::3]:
        print(f"{threshold:4.1f}", at)
    # A false alarm is worse than a miss.
    last_false = max((index for index, at in enumerate(curve) if at["false"] > 0), default=-1)
    threshold = round(float(steps[last_false + 1]) + SAFETY, 1)
    by_clip = counted(cases, threshold)
    for clip, own in by_clip.items():
        print(clip, own)
    variants = {}
    for case in cases:
        variants.setdefault(case["variant"], []).append(case)
    print({variant: figures(counted(own, threshold)) for variant, own in variants.items()})
    seconds = sum(np.max(case[kind, "times"], initial=0) for case in cases for kind in ("damaged", "clean"))
    about = dict(
        date=datetime.date.today().isoformat(),
        command="test/accuracy/train/burned-in.ts, test/accuracy/train/burned-in.py",
        sources=len(sources),
        cases=len(cases),
        hours=round(float(seconds) / 3600, 2),
        crossValidated=figures(by_clip),
        bestAtPrecision09=max((at for at in curve if at["precision"] >= 0.9), key=lambda at: at["recall"]),
    )
    print(about)
    MODEL.write_text(json.dumps(dict(about=about, threshold=threshold, **fit(cases).exported())) + "\n")


if __name__ == "__main__":
    main()
