"""Finds the coefficients of src/math. Needs mpmath (and gmpy2, to be quick); a few seconds.

Each fit minimises the largest relative error of numerator - f * denominator by reweighted least squares (Lawson),
in 90-digit arithmetic. Printed: name, degrees, largest relative error of the fit, coefficients from the constant up.
"""
import mpmath as m

m.mp.dps = 90


def points(low, high, count, crowding=1):
    """Chebyshev points, crowded towards `low`."""
    return [low + (high - low) * ((1 - m.cos(m.pi * (i + m.mpf(1) / 2) / count)) / 2) ** crowding for i in range(count)]


def fit(name, function, xs, degree, below=0, fixed=()):
    """Rational of these degrees with denominator 1 + …; `fixed` are leading coefficients of the numerator."""
    fixed = [m.mpf(c) for c in fixed]
    values = [function(x) for x in xs]
    weights, bottoms, best = [m.mpf(1) / len(xs)] * len(xs), [m.mpf(1)] * len(xs), None
    for _ in range(25):
        rows, right = [], []
        for x, f, weight, bottom in zip(xs, values, weights, bottoms):
            w = m.sqrt(weight) / (f * bottom)
            rows.append([w * x**j for j in range(len(fixed), degree + 1)] + [-w * f * x**j for j in range(1, below + 1)])
            right.append(w * (f - sum(c * x**j for j, c in enumerate(fixed))))
        n = len(rows[0])
        normal, vector = m.matrix(n, n), m.matrix(n, 1)
        for i in range(n):
            for j in range(i, n):
                normal[i, j] = normal[j, i] = m.fdot((row[i], row[j]) for row in rows)
            vector[i] = m.fdot((row[i], r) for row, r in zip(rows, right))
        solution = list(m.lu_solve(normal, vector))
        split = degree + 1 - len(fixed)
        top, low = fixed + solution[:split], [m.mpf(1)] + solution[split:]
        bottoms = [m.polyval(low[::-1], x) for x in xs]
        errors = [abs(m.polyval(top[::-1], x) / q / f - 1) for x, f, q in zip(xs, values, bottoms)]
        if best is None or max(errors) < best[0]:
            best = (max(errors), top, low)
        weights = [w * max(e, max(errors) * m.mpf("1e-6")) for w, e in zip(weights, errors)]
        weights = [w / sum(weights) for w in weights]
    error, top, low = best
    print(f"{name} {degree}/{below}: {m.nstr(error, 2)}")
    print(" ", [float(c) for c in top], [float(c) for c in low[1:]])


def inverse(w):
    root = m.sqrt(1 - m.exp(-w))  # 2u - 1
    return m.sqrt(2) * m.erfinv(root) / root


half = m.log(2) / 2 * m.mpf("1.001")
fit("exp", m.exp, points(-half, half, 80), 11, fixed=(1, 1))
largest = (3 - 2 * m.sqrt(2)) ** 2 * m.mpf("1.001")
fit("ln", lambda z: 2 * m.atanh(m.sqrt(z)) / m.sqrt(z), points(m.mpf("1e-20"), largest, 60), 7, fixed=(2,))
for terms in (11, 14, 16):
    fit("ln(1+f)/f", lambda f: m.log(1 + f) / f if f else m.mpf(1), points(m.sqrt(0.5) - 1, m.sqrt(2) - 1, 101), terms)
mills = lambda a: m.erfc(a / m.sqrt(2)) * m.exp(a * a / 2) / 2
fit("norm_cdf", mills, points(m.mpf(0), m.mpf(40), 168, 2.5), 9, 10, fixed=(0.5,))
for top, low in ((9, 8), (12, 12)):
    fit("norm_inv", inverse, points(m.mpf(0), m.mpf("35.5"), 6 * (top + low + 2), 1.6), top, low)
quarter = points(m.mpf("1e-12"), m.mpf("0.25"), 60)
fit("sin(pi t/2)/t", lambda q: m.sin(m.pi / 2 * m.sqrt(q)) / m.sqrt(q), quarter, 4)
fit("cos(pi t/2)", lambda q: m.cos(m.pi / 2 * m.sqrt(q)), quarter, 4)
