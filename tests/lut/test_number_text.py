"""Text to float32 and back: correctly rounded, bounds-checked, and the fewest decimals."""

from __future__ import annotations

import random
import re
from fractions import Fraction

import numpy as np
import pytest

from vfx._ext import luttext

FULL, END, WORD, NUMBER, SHORT, LONG = range(6)


def parse(words: list[str]) -> tuple[int, np.ndarray]:
    out = np.full((len(words), 1), 77, np.float32)
    status, rows, _ = luttext.parse_rows("\n".join(words).encode(), 0, out)
    return status, out[:rows, 0]


def bits(values: np.ndarray) -> list[int]:
    return np.ascontiguousarray(values, np.float32).view(np.uint32).tolist()


def random_floats(count: int) -> np.ndarray:
    """Finite float32 values of all magnitudes, subnormal ones among them."""
    rng = np.random.default_rng(3)
    anything = rng.integers(0, 2**32, count, dtype=np.uint64).astype(np.uint32)
    tiny = rng.integers(0, 2**23, count // 4, dtype=np.uint64).astype(np.uint32)
    values = np.concatenate([anything, tiny, tiny | np.uint32(1 << 31)]).view(np.float32)
    return values[np.isfinite(values)]


@pytest.mark.parametrize("style", ["%.9g", "%.17g", "%.40e", "%r", "%.60f"])
def test_a_float32_written_with_enough_digits_reads_back_bit_for_bit(style: str) -> None:
    values = random_floats(20000)
    if style == "%.60f":
        values = values[(abs(values) > 1e-30) & (abs(values) < 1e30)]
    status, read = parse([style % value for value in values.tolist()])
    assert status in (FULL, END)
    assert bits(read) == bits(values)


@pytest.mark.parametrize("decimals", [1, 4, 6, 10, 18, 25])
def test_decimals_are_rounded_as_numpy_rounds_them(decimals: int) -> None:
    values = np.random.default_rng(decimals).normal(0, 2, 20000)
    words = [f"{value:.{decimals}f}" for value in values]
    status, read = parse(words)
    assert status == FULL
    assert bits(read) == bits(np.array([np.float32(word) for word in words]))


def nearest(text: str) -> np.float32:
    """The nearest float32, ties to even, by exact fractions."""
    exact = Fraction(text)
    guess = np.float32(float(text))
    around = [np.nextafter(guess, np.float32(-np.inf)), guess, np.nextafter(guess, np.float32(np.inf))]
    finite = [value for value in around if np.isfinite(value)]
    return min(finite, key=lambda value: (abs(Fraction(float(value)) - exact), int(value.view(np.uint32)) & 1))


def test_numbers_at_the_middle_between_two_float32_values_round_right() -> None:
    # The middle itself, and a hair on either side of it: rounding to double first would lose the hair.
    random.seed(4)
    words = []
    for value in random_floats(400):
        above = np.nextafter(value, np.float32(np.inf))
        if not np.isfinite(above) or abs(value) < 1e-42:
            continue
        middle = (Fraction(float(value)) + Fraction(float(above))) / 2
        words += [decimal_text(middle * (1 + hair)) for hair in (0, Fraction(1, 10**25), -Fraction(1, 10**25))]
    status, read = parse(words)
    assert status == FULL
    assert bits(read) == bits(np.array([nearest(word) for word in words]))


def decimal_text(value: Fraction) -> str:
    """``value`` with 180 significant digits, which holds any middle between two float32 values."""
    exponent = 0
    scaled = abs(value)
    while scaled >= 10:
        scaled /= 10
        exponent += 1
    while scaled < 1:
        scaled *= 10
        exponent -= 1
    digits = str(round(scaled * 10**180))
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:]}e{exponent}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0), ("-0", -0.0), ("+1", 1.0), ("1.", 1.0), (".5", 0.5), ("-.5e1", -5.0), ("1E2", 100.0),
        ("1e-3", 1e-3), ("0e999999", 0.0), ("0.0000", 0.0), ("1e-400", 0.0), ("-1e-99999999", -0.0),
        ("000000000000000000000000000012", 12.0), ("3.4028235e38", 3.4028235e38), ("1e-45", 1e-45),
        ("123456789012345678901234567890", 1.2345679e29), ("0." + "0" * 60 + "1e60", 0.1),
        ("3.40282356779733661637539395458e38", 3.4028235e38),
    ],
)  # fmt: skip
def test_every_way_to_write_a_number_is_read(text: str, value: float) -> None:
    status, read = parse([text])
    assert status == FULL
    assert bits(read) == bits(np.array([value], np.float32))


@pytest.mark.parametrize(
    "text",
    [".", "-", "+", "1e", "1e+", "1.2.3", "0,5", "1f", "0x10", "--1", "1_000", "1e400", "4e38", "-1e39", "1" * 2000,
     "340282356779733661637539395458142568448", "1e5000000000000000000000", "0.1\x00"],
)  # fmt: skip
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    assert parse([text])[0] == NUMBER


@pytest.mark.parametrize("text", ["nan", "inf", "abc", "}", "\x00", "\xff"])
def test_a_line_that_does_not_start_like_a_number_ends_the_table(text: str) -> None:
    out = np.zeros((2, 1), np.float32)
    raw = b"1\n" + text.encode("latin-1")
    assert luttext.parse_rows(raw, 0, out) == (WORD, 1, 2)


@pytest.mark.parametrize(
    ("text", "status", "rows"),
    [
        (b"1 2 3\n4 5 6", FULL, 2), (b"1 2 3\r\n\r\n# note\n\t4\t5  6 # end\r\n", FULL, 2),
        (b"1 2 3\r4 5 6\r", FULL, 2),
        (b"1 2 3\n4 5", SHORT, 1), (b"1 2\n", SHORT, 0), (b"1 2 3 4\n", LONG, 0), (b"1 2 3\n", END, 1), (b"", END, 0),
        (b"1 2 nan\n", NUMBER, 0), (b"1 2 #3\n", SHORT, 0), (b"1 2 3#\n4 5 6", FULL, 2), (b"1 2 3\n4 5 6\n7", FULL, 2),
        (b"# only", END, 0), (b"   \n\n", END, 0),
    ],
)  # fmt: skip
def test_rows_stand_one_to_a_line(text: bytes, status: int, rows: int) -> None:
    out = np.zeros((2, 3), np.float32)
    assert luttext.parse_rows(text, 0, out)[:2] == (status, rows)
    assert out.ravel()[: 3 * rows].tolist() == [1, 2, 3, 4, 5, 6][: 3 * rows]


def test_every_cut_of_a_table_stays_within_its_bytes() -> None:
    text = b" 1.25 -3e-2 +.5\n 7 8 9 # x\n 1e22 2 3\n"
    for start in range(len(text) + 1):
        for end in range(start, len(text) + 1):
            out = np.zeros((3, 3), np.float32)
            status, rows, at = luttext.parse_rows(bytes(text[:end]), start, out)
            assert 0 <= rows <= 3
            assert start <= at <= end
            assert status in range(6)
    with pytest.raises(ValueError, match="start"):
        luttext.parse_rows(b"1", 2, np.zeros((1, 1), np.float32))
    with pytest.raises(ValueError, match="start"):
        luttext.parse_rows(b"1", -1, np.zeros((1, 1), np.float32))


def test_written_numbers_read_back_bit_for_bit_in_the_fewest_decimals() -> None:
    values = np.concatenate([random_floats(20000), np.random.default_rng(1).normal(0, 1, 20000).astype(np.float32)])
    values = np.concatenate([values, np.array([0.0, -0.0, 0.1, 0.5, 1.0, 1e9, 123456.789, 1e-4, 99999.99], np.float32)])
    out = np.zeros(20 * values.size, np.uint8)
    used = luttext.format_rows(np.ascontiguousarray(values[:, None]), out)
    words = out[:used].tobytes().decode().splitlines()
    assert bits(np.array([np.float32(word) for word in words])) == bits(values)
    assert bits(parse(words)[1]) == bits(values)
    for word, value in zip(words, values.tolist(), strict=True):
        if 1e-4 <= abs(value) < 1e6:
            # NumPy's shortest text that is unique among float32 values.
            assert len(word) <= len(np.format_float_positional(np.float32(value), trim="-"))


def test_a_small_buffer_is_refused() -> None:
    with pytest.raises(ValueError, match="20 bytes"):
        luttext.format_rows(np.zeros((2, 3), np.float32), np.zeros(119, np.uint8))


def test_random_tokens_are_accepted_exactly_when_they_are_finite_numbers() -> None:
    grammar = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
    chance = random.Random(6)
    for _ in range(20000):
        token = "".join(chance.choices("0123456789.eE+-_xn,", weights=[9] * 11 + [3, 1, 2, 4, 0.3, 0.3, 0.3, 0.3], k=9))
        if token[0] not in "0123456789+-.":
            continue
        number = bool(grammar.fullmatch(token)) and np.isfinite(nearest_or_infinite(token))
        status, read = parse([token])
        assert status == (FULL if number else NUMBER), token
        if number:
            assert bits(read) == bits(np.array([nearest_or_infinite(token)])), token


def nearest_or_infinite(token: str) -> np.float32:
    """The float32 of a short number: no nine characters lie near the middle of two float32 values' doubles."""
    with np.errstate(over="ignore"):
        return np.float32(float(token))


def flat(text: bytes, count: int, dtype: type = np.float32) -> tuple[int, int, int, list[float]]:
    """What ``parse_numbers`` says, and the numbers it filled in."""
    out = np.full(count, 77, dtype)
    status, filled, at = luttext.parse_numbers(text, out)
    return status, filled, at, out[:filled].tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_flat_numbers_stand_in_any_number_of_lines(dtype: type) -> None:
    assert flat(b"\n 1 2.5,-3e1\t4\r\n5\n", 5, dtype) == (FULL, 5, 18, [1, 2.5, -30, 4, 5])


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        (b"1 2", 3, (END, 2, 3)),
        (b"", 1, (END, 0, 0)),
        (b"1 2 3", 2, (LONG, 2, 4)),
        (b"1 x", 2, (NUMBER, 1, 2)),
        (b"1 2f", 2, (NUMBER, 1, 2)),
        (b"1 nan", 2, (NUMBER, 1, 2)),
        (b"1 1e999", 2, (NUMBER, 1, 2)),
        (b"1 # 2", 2, (NUMBER, 1, 2)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_flat_numbers_say_what_ended_them_and_where(
    text: bytes, room: int, expected: tuple[int, int, int], dtype: type
) -> None:
    assert flat(text, room, dtype)[:3] == expected


def test_flat_numbers_are_correctly_rounded_singles_and_nearly_exact_doubles() -> None:
    values = random_floats(5000)
    text = " ".join(f"{value:.17g}" for value in values.astype(np.float64)).encode()
    singles, doubles = np.empty(len(values), np.float32), np.empty(len(values), np.float64)
    assert luttext.parse_numbers(text, singles)[0] == luttext.parse_numbers(text, doubles)[0] == FULL
    assert bits(singles) == bits(values)
    assert (np.abs(doubles - values) <= 8 * np.spacing(np.abs(values.astype(np.float64)))).all()


def test_flat_numbers_need_room() -> None:
    with pytest.raises(ValueError, match="room for one number"):
        luttext.parse_numbers(b"1", np.empty(0, np.float32))
