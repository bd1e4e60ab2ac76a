//! What each part of a sum adds to the sum's mean, variance and expected shortfall: shares that add up to the figure.
//!
//! Of `D = Σ p_k` by path: `mean(p_k)`, `cov(p_k, D)` and `−mean(p_k)` over the tail of D. Each is the figure's derivative
//! by the size of the part. Source: D. Tasche (1999), "Risk contributions and performance measurement" (Euler's principle);
//! errors by the delta method, A. van der Vaart (1998), "Asymptotic Statistics", §3.1 and §20.1.
use super::quantile::why_undefined;
use super::{Estimate, MeanTally, Units};

/// `cov(part, whole)` with N − 1, `se` = std of `(p − p̄)(D − D̄)` / √N; the covariances of all parts add up to `Var(D)`.
///
/// Of the whole with itself it is the variance with the error that its kurtosis gives.
pub fn covariance_estimate(part: &[f64], whole: &[f64]) -> Estimate {
    covariance_estimate_over(Units::Paths, part, whole)
}

/// The same with its error over these units: that of the mean of `(p − p̄)(D − D̄)`.
pub fn covariance_estimate_over(units: Units, part: &[f64], whole: &[f64]) -> Estimate {
    let n = whole.len();
    if part.len() != n {
        return Estimate::undefined(format!("{} and {n} values are not pairs", part.len()));
    }
    let (Some(of_part), Some(of_whole)) =
        (MeanTally::from_slice(part).mean(), MeanTally::from_slice(whole).mean())
    else {
        return Estimate::undefined("a mean is not finite");
    };
    if n < 2 {
        return Estimate::undefined("a variance needs two values");
    }
    let products: Vec<f64> = part.iter().zip(whole).map(|(p, d)| (p - of_part) * (d - of_whole)).collect();
    let tally = MeanTally::from_slice(&products);
    let value = tally.mean().map(|mean| mean * (n as f64 / (n as f64 - 1.0)));
    match (value, tally.std()) {
        (None, _) => Estimate::undefined("the covariance is not finite"),
        (Some(value), _) if n < 4 => {
            Estimate::without_interval(value, "the error of a variance needs four values")
        }
        (Some(value), None) => Estimate::without_interval(value, "the standard error is not finite"),
        (Some(value), Some(std)) if units == Units::Paths => {
            Estimate::with_normal_interval(value, std / (n as f64).sqrt())
        }
        (Some(value), Some(_)) => match units.law_of_mean(&products) {
            Some(law) => law.estimate(value),
            None => Estimate::without_interval(value, "there are too few units of paths for an error"),
        },
    }
}

/// The worst `(1−a)N` paths of a sample, as weights by path: 1 inside, 0 outside, and what is left of `(1−a)N` shared out
/// evenly over the paths whose value is that of the boundary.
///
/// Shared out so that no share depends on the order of paths that are equal.
#[derive(Debug, Clone, PartialEq)]
pub struct TailWeights {
    /// By path.
    weights: Vec<f64>,
    /// Their sum `(1−a)N`.
    mass: f64,
    /// Paths next to the boundary, as many inside as outside where there are so many.
    boundary: Vec<usize>,
}

impl TailWeights {
    /// The tail of `whole` at level `a`.
    ///
    /// # Errors
    ///
    /// Says why there is none: no values, values that are not finite, an empty tail.
    pub fn worst(whole: &[f64], a: f64) -> Result<Self, String> {
        let n = whole.len();
        let mass = (1.0 - a) * n as f64;
        let finite = whole.iter().all(|x| x.is_finite());
        if n == 0 || !finite || mass <= 0.0 {
            return Err(if n > 0 && finite {
                "the tail is empty".into()
            } else {
                why_undefined(whole, 1.0 - a)
            });
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| whole[*a].total_cmp(&whole[*b]));
        let whole_paths = (mass as usize).min(n);
        let at = whole[order[whole_paths.min(n - 1)]];
        let below = order.partition_point(|path| whole[*path] < at);
        let upto = order.partition_point(|path| whole[*path] <= at);
        let mut weights = vec![0.0; n];
        order[..below].iter().for_each(|path| weights[*path] = 1.0);
        let each = (mass - below as f64) / (upto - below) as f64;
        order[below..upto].iter().for_each(|path| weights[*path] = each.min(1.0));
        let near = mass.sqrt().ceil() as usize;
        let boundary = order[whole_paths.saturating_sub(near)..(whole_paths + near).min(n)].to_vec();
        Ok(Self { weights, mass, boundary })
    }

    /// `−Σ w_i p_i / Σ w_i`: what a part adds to the expected shortfall of the whole.
    ///
    /// `se = s(w·(p − m))/((1−a)·√N)`, m the mean of the part where the whole is at its quantile, from the `⌈√((1−a)N)⌉`
    /// paths on either side of the boundary: the boundary moves with the sample, and with it what lies at it. For the
    /// whole itself it is the error of `CVaR`.
    pub fn share(&self, part: &[f64]) -> Estimate {
        self.share_over(Units::Paths, part)
    }

    /// The same with its error over these units.
    pub fn share_over(&self, units: Units, part: &[f64]) -> Estimate {
        let n = self.weights.len();
        if part.len() != n {
            return Estimate::undefined(format!("{} and {n} values are not pairs", part.len()));
        }
        let sum: f64 = self.weights.iter().zip(part).map(|(weight, p)| weight * p).sum();
        let value = 0.0 - sum / self.mass;
        if self.mass < 2.0 {
            return Estimate::without_interval(value, format!("{n} values leave less than two in the tail"));
        }
        let at = self.boundary.iter().map(|path| part[*path]).sum::<f64>() / self.boundary.len() as f64;
        let influence: Vec<f64> =
            self.weights.iter().zip(part).map(|(weight, p)| weight * (p - at)).collect();
        if units != Units::Paths {
            return match units.law_of_mean(&influence) {
                // a loss: the larger the part, the smaller the share
                Some(law) => law.scaled(-(n as f64) / self.mass).estimate(value),
                None => Estimate::without_interval(value, "there are too few units of paths for an error"),
            };
        }
        match MeanTally::from_slice(&influence).std() {
            Some(std) => Estimate::with_normal_interval(value, std * (n as f64).sqrt() / self.mass),
            None => Estimate::without_interval(value, "the standard error is not finite"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{cvar_estimate, sorted};

    /// Pairs of independent normal numbers.
    fn normals(seed: u64, n: usize) -> Vec<[f64; 2]> {
        let mut state = seed << 32;
        let mut normal = || loop {
            // splitmix64
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let uniform = ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0;
            if uniform > 0.0 {
                break crate::math::norm_inv(uniform);
            }
        };
        (0..n).map(|_| [normal(), normal()]).collect()
    }

    #[test]
    fn the_tail_of_a_hand_calculation() {
        // ten paths at 75 %: two and a half; the two at −3 share the one and a half that is left evenly
        let whole = [0.0, -3.0, 5.0, -3.0, -8.0, 1.0, 2.0, 3.0, 4.0, 6.0];
        let tail = TailWeights::worst(&whole, 0.75).expect("a tail");
        assert_eq!(tail.weights, [0.0, 0.75, 0.0, 0.75, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let part = [9.0, 1.0, 9.0, -3.0, -6.0, 9.0, 9.0, 9.0, 9.0, 9.0];
        let found = tail.share(&part).value.expect("a value");
        assert!((found - (6.0 + 1.5) / 2.5).abs() < 1e-15, "{found}");
        let of_whole = tail.share(&whole).value.expect("a value");
        assert!((of_whole - (8.0 + 4.5) / 2.5).abs() < 1e-15, "{of_whole}");
        assert!(TailWeights::worst(&[], 0.95).is_err() && TailWeights::worst(&[1.0, f64::NAN], 0.5).is_err());
    }

    #[test]
    fn of_the_whole_itself_the_figures_are_variance_and_cvar() {
        let whole: Vec<f64> = normals(1, 5000).iter().map(|pair| pair[0] + 0.3 * pair[1].powi(2)).collect();
        let std = MeanTally::from_slice(&whole).std().expect("a spread");
        let variance = covariance_estimate(&whole, &whole);
        assert!((variance.value.expect("a value") - std * std).abs() < 1e-12);
        let own = cvar_estimate(&sorted(&whole), 0.95);
        let found = TailWeights::worst(&whole, 0.95).expect("a tail").share(&whole);
        assert!((found.value.expect("a value") - own.value.expect("a value")).abs() < 1e-12);
        let (se, wanted) = (found.se.expect("an error"), own.se.expect("an error"));
        assert!((se / wanted - 1.0).abs() < 0.02, "{se} {wanted}");
    }

    /// p and q of correlation 0, D = 2p + q: of normal parts the share of CVaR is CVaR·cov(p, D)/Var(D).
    #[test]
    fn shares_of_normal_parts_are_the_closed_forms_within_their_errors() {
        let std = 5.0_f64.sqrt();
        // φ(z)/0.05 at the 5 % quantile
        let cvar = 2.062_712_807_507_4 * std;
        let wanted = [4.0, 1.0, cvar * 0.8, cvar * 0.2];
        let mut scores = [(0.0, 0.0); 4];
        let repetitions = 300;
        for seed in 0..repetitions {
            let pairs = normals(1000 + seed, 4000);
            let parts = [0, 1].map(|k| -> Vec<f64> {
                pairs.iter().map(|pair| if k == 0 { 2.0 * pair[0] } else { pair[1] }).collect()
            });
            let whole: Vec<f64> = parts[0].iter().zip(&parts[1]).map(|(p, q)| p + q).collect();
            let tail = TailWeights::worst(&whole, 0.95).expect("a tail");
            let found = [
                covariance_estimate(&parts[0], &whole),
                covariance_estimate(&parts[1], &whole),
                tail.share(&parts[0]),
                tail.share(&parts[1]),
            ];
            for ((found, wanted), (sum, square)) in found.iter().zip(wanted).zip(&mut scores) {
                let z = (found.value.expect("a value") - wanted) / found.se.expect("an error");
                *sum += z;
                *square += z * z;
            }
        }
        let n = repetitions as f64;
        for (sum, square) in scores {
            // of n scores the mean has the error 1/√n, the root mean square 1/√(2n)
            let (bias, spread) = (sum / n, (square / n).sqrt());
            assert!(
                bias.abs() < 4.0 / n.sqrt() && (spread - 1.0).abs() < 4.0 / (2.0 * n).sqrt(),
                "{bias} {spread}"
            );
        }
    }

    #[test]
    fn shares_add_up_and_nothing_adds_nothing() {
        let pairs = normals(7, 1000);
        let (p, q): (Vec<f64>, Vec<f64>) =
            pairs.iter().map(|pair| (pair[0], crate::math::exp(pair[1]))).unzip();
        let whole: Vec<f64> = p.iter().zip(&q).map(|(p, q)| p - q).collect();
        let q: Vec<f64> = q.iter().map(|q| -q).collect();
        let tail = TailWeights::worst(&whole, 0.99).expect("a tail");
        let sum = |of: &dyn Fn(&[f64]) -> Estimate| of(&p).value.zip(of(&q).value).map(|(a, b)| a + b);
        for of in
            [&(|x: &[f64]| tail.share(x)) as &dyn Fn(&[f64]) -> Estimate, &|x| covariance_estimate(x, &whole)]
        {
            let (sum, all) = (sum(of).expect("a sum"), of(&whole).value.expect("a figure"));
            assert!((sum / all - 1.0).abs() < 1e-12, "{sum} {all}");
        }
        let nothing = vec![0.0; 1000];
        assert_eq!(tail.share(&nothing), Estimate::known(0.0));
        assert_eq!(covariance_estimate(&nothing, &whole), Estimate::known(0.0));
    }
}
