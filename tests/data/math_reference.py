"""Makes math_reference.txt, the values that tests/math.rs compares with. Needs mpmath.

usage: python3 math_reference.py [values per section, 600 if not given] > math_reference.txt

A section is `function spacing low high` and then the bits of the correctly rounded values, in hex. Arguments are
not written down: number i of a section lies at the fraction frac(i * golden ratio) between low and high, linearly
or in the order of the bits, with the same IEEE operations here and in the test.
"""
import struct
import sys

import mpmath as m

m.mp.prec = 140  # 42 digits
GOLDEN = 0x9E3779B97F4A7C15


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def number(b):
    return struct.unpack("<d", struct.pack("<Q", b))[0]


def argument(i, spacing, low, high):
    place = i * GOLDEN % 2**64
    if spacing == "linear":
        return low + (high - low) * ((place >> 11) * 2.0**-53)
    return number(bits(low) + ((bits(high) - bits(low)) * place >> 64))


def norm_inv(u):
    # erfinv wants 1 - 2u with all its digits; one Newton step less would do as well
    with m.workprec(260):
        x = 1 - 2 * m.mpf(u)
        return -m.sqrt(2) * m.erfinv(x)


FUNCTIONS = {
    "exp": m.exp,
    "ln": m.log,
    "norm_pdf": lambda x: m.exp(-m.mpf(x) ** 2 / 2) / m.sqrt(2 * m.pi),
    "norm_cdf": lambda x: m.erfc(-m.mpf(x) / m.sqrt(2)) / 2,
    "norm_inv": norm_inv,
}
SECTIONS = [
    ("exp", "linear", -708.0, 709.75),
    ("exp", "linear", -1.0, 1.0),
    ("ln", "bits", 5e-324, 1.7e308),
    ("ln", "linear", 0.5, 2.0),
    ("norm_pdf", "linear", -37.5, 37.5),
    ("norm_cdf", "linear", -37.5, 0.0),
    ("norm_cdf", "linear", -3.0, 9.0),
    ("norm_inv", "bits", 2.0**-53, 0.5),
    ("norm_inv", "linear", 0.0009765625, 0.9990234375),
]

count = int(sys.argv[1]) if len(sys.argv) > 1 else 600
for name, spacing, low, high in SECTIONS:
    print(name, spacing, f"{bits(low):016x}", f"{bits(high):016x}")
    values = [f"{bits(float(FUNCTIONS[name](argument(i, spacing, low, high)))):016x}" for i in range(1, count + 1)]
    for start in range(0, count, 6):
        print(" ".join(values[start : start + 6]))
