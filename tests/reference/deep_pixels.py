"""Deep pixels the slow way: "Interpreting OpenEXR Deep Pixels" step by step, a sample being a dict of floats.

Colours are ``R``, opacity is ``A``, depths are ``Z`` and ``ZBack``.
"""

from __future__ import annotations

import math

__all__ = ["Sample", "flatten", "merge_pair", "split", "tidy"]

Sample = dict[str, float]


def is_volume(sample: Sample) -> bool:
    """Whether the sample fills a range of depths."""
    return sample["ZBack"] > sample["Z"]


def split(sample: Sample, z: float) -> tuple[Sample, Sample]:
    """The parts of a volume sample in front of and behind a depth ("Splitting a Volume Sample")."""
    length = sample["ZBack"] - sample["Z"]
    parts = []
    for x, front, back in (
        ((z - sample["Z"]) / length, sample["Z"], z),
        ((sample["ZBack"] - z) / length, z, sample["ZBack"]),
    ):
        alpha = 1 - (1 - sample["A"]) ** x
        scale = alpha / sample["A"] if sample["A"] > 0 else x
        parts.append({"Z": front, "ZBack": back, "A": alpha, "R": sample["R"] * scale})
    return parts[0], parts[1]


def merge_pair(one: Sample, two: Sample) -> Sample:
    """Two samples in the same place as one ("Merging Overlapping Samples")."""
    a, b = one["A"], two["A"]
    alpha = 1 - (1 - a) * (1 - b)
    if a == 1 and b == 1:
        colour = (one["R"] + two["R"]) / 2
    elif a == 1 or b == 1:
        colour = one["R"] if a == 1 else two["R"]
    else:
        u, v = -math.log(1 - a), -math.log(1 - b)
        weight = alpha / (u + v) if u + v else 1
        colour = weight * (one["R"] * (u / a if a else 1) + two["R"] * (v / b if b else 1))
    return {"Z": one["Z"], "ZBack": one["ZBack"], "A": alpha, "R": colour}


def tidy(samples: list[Sample]) -> list[Sample]:
    """Split, merged and sorted ("Making an Image Tidy")."""
    found = [{**sample, "ZBack": max(sample["Z"], sample["ZBack"])} for sample in samples]
    edges = sorted({sample["Z"] for sample in found} | {sample["ZBack"] for sample in found if is_volume(sample)})
    for z in edges:
        for sample in [sample for sample in found if is_volume(sample) and sample["Z"] < z < sample["ZBack"]]:
            found.remove(sample)
            found += split(sample, z)
    merged: dict[tuple[float, float], Sample] = {}
    for sample in found:
        place = (sample["Z"], sample["ZBack"])
        merged[place] = merge_pair(merged[place], sample) if place in merged else sample
    return [merged[place] for place in sorted(merged)]


def flatten(samples: list[Sample]) -> tuple[float, float]:
    """Colour and opacity of a tidy pixel, front to back."""
    colour = alpha = 0.0
    for sample in samples:
        colour += (1 - alpha) * sample["R"]
        alpha += (1 - alpha) * sample["A"]
    return colour, alpha
