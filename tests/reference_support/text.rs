//! A reference spec as scenario text.
use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Paths of a run that a reference judges: fewer make the test blind.
const PATHS: u64 = 200_000;

/// A table of a spec, read key by key: a key that nobody read is a fault of the translation.
struct Table<'a> {
    name: &'a str,
    keys: &'a Map<String, Value>,
    read: BTreeSet<&'a str>,
}

impl<'a> Table<'a> {
    fn new(name: &'a str, value: &'a Value) -> Self {
        let Value::Object(keys) = value else { panic!("`{name}` is no table: {value}") };
        Self { name, keys, read: BTreeSet::new() }
    }

    /// The value of a key; null counts as absent.
    fn maybe(&mut self, key: &'a str) -> Option<&'a Value> {
        self.read.insert(key);
        self.keys.get(key).filter(|value| !value.is_null())
    }

    fn value(&mut self, key: &'a str) -> &'a Value {
        let name = self.name;
        self.maybe(key).unwrap_or_else(|| panic!("`{name}` has no `{key}`"))
    }

    fn word(&mut self, key: &'a str) -> &'a str {
        self.value(key).as_str().unwrap_or_else(|| panic!("`{key}` is no word"))
    }

    fn number(&mut self, key: &'a str) -> String {
        decimal(self.value(key))
    }

    /// A count; the spec may write it as a float.
    fn count(&mut self, key: &'a str) -> Option<u64> {
        self.maybe(key).map(|value| whole(key, value))
    }

    fn list(&mut self, key: &'a str) -> &'a [Value] {
        self.value(key).as_array().unwrap_or_else(|| panic!("`{key}` is no list"))
    }

    /// All keys were read.
    fn end(self) {
        let left: Vec<_> = self.keys.keys().filter(|key| !self.read.contains(key.as_str())).collect();
        assert!(left.is_empty(), "`{}` has keys that the translation does not know: {left:?}", self.name);
    }
}

/// A count.
fn whole(key: &str, value: &Value) -> u64 {
    let number = value.as_f64().unwrap_or_else(|| panic!("`{key}` is no number"));
    assert!(number >= 0.0 && number.fract() == 0.0, "`{key}` = {number} is no count");
    number as u64
}

/// A number as TOML.
fn decimal(value: &Value) -> String {
    format!("{:?}", value.as_f64().unwrap_or_else(|| panic!("{value} is no number")))
}

fn row(values: &[Value]) -> String {
    format!("[{}]", values.iter().map(decimal).collect::<Vec<_>>().join(", "))
}

fn steps(count: u64) -> String {
    format!("\"{count} steps\"")
}

/// The scenario text of a spec, with another seed where one is given.
pub(crate) fn scenario_text(spec: &Value, seed: Option<u64>) -> String {
    let mut spec = Table::new("spec", spec);
    let basket = match spec.word("kind") {
        "option_hedge" => false,
        "basket" => true,
        other => panic!("unknown kind of spec `{other}`"),
    };
    // names of entries may hold what names of scenarios may not
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = spec.word("name").chars().map(letter).take(64).collect();
    let process = spec.value("process");
    let given = process.get("kind").and_then(Value::as_str) == Some("path");
    let years = spec.value("horizon").as_f64().unwrap_or_else(|| panic!("`horizon` is no number"));
    let n_steps = spec.count("steps").unwrap_or_else(|| panic!("no `steps`"));
    let mut text =
        format!("version = 1\nname = \"{name}\"\n\n[run]\nhorizon = \"{years}y\"\nsteps = {n_steps}\n");
    text.push_str("days_per_year = 365\n");
    let own_seed = spec.count("seed").unwrap_or(42);
    let _ = spec.count("paths");
    if !given {
        let _ = writeln!(text, "paths = {PATHS}\nseed = {}", seed.unwrap_or(own_seed));
    }
    let (assets, correlation) = assets(process, spec.maybe("dividend_yield"));
    let rate = spec.maybe("rate").map_or("0.0".to_owned(), decimal);
    let _ = write!(text, "\n[market]\nrate = {rate}\n{correlation}{assets}");
    oracle(&mut text, spec.maybe("oracle"));
    frictions(&mut text, spec.maybe("frictions").unwrap_or(&Value::Object(Map::new())));
    if basket {
        target_basket(&mut text, &mut spec);
    } else {
        target_options(&mut text, spec.value("option"));
    }
    policy(&mut text, spec.value("policy"), basket);
    spec.end();
    text
}

/// `[[assets]]`, and the correlation that stands before them.
fn assets(process: &Value, dividend_yield: Option<&Value>) -> (String, String) {
    let mut process = Table::new("process", process);
    let mut laws = Vec::new();
    let kind = process.word("kind");
    match kind {
        "gbm" | "merton" | "kou" | "heston" => laws.push(one_law(kind, &mut process)),
        "gbm_multi" => {
            let (spots, drifts, volatilities) =
                (process.list("s0"), process.list("mu"), process.list("sigma"));
            for ((spot, drift), volatility) in spots.iter().zip(drifts).zip(volatilities) {
                let (drift, volatility) = (decimal(drift), decimal(volatility));
                let law = format!("kind = \"gbm\", drift = {drift}, volatility = {volatility}");
                laws.push((Some(decimal(spot)), law));
            }
        }
        "path" => laws = given_paths(&mut process),
        other => panic!("unknown process `{other}`"),
    }
    let correlation = process.maybe("corr").map_or(String::new(), |rows| {
        let rows = rows.as_array().unwrap_or_else(|| panic!("`corr` is no matrix"));
        let rows: Vec<String> = rows
            .iter()
            .map(|values| row(values.as_array().unwrap_or_else(|| panic!("`corr` is no matrix"))))
            .collect();
        format!("correlation = [{}]\n", rows.join(", "))
    });
    process.end();
    let mut text = String::new();
    for (index, (spot, law)) in laws.into_iter().enumerate() {
        let _ = write!(text, "\n[[assets]]\nsymbol = \"{}\"\n", symbol(index));
        if let Some(spot) = spot {
            let _ = writeln!(text, "spot = {spot}");
        }
        match dividend_yield {
            Some(Value::Array(yields)) => {
                let _ = writeln!(text, "dividend_yield = {}", decimal(&yields[index]));
            }
            Some(same) => {
                let _ = writeln!(text, "dividend_yield = {}", decimal(same));
            }
            None => {}
        }
        let _ = writeln!(text, "process = {{ {law} }}");
    }
    (text, correlation)
}

fn symbol(index: usize) -> String {
    format!("A{index}")
}

/// Spot and law of a process of one asset; words of the spec on the right.
fn one_law(kind: &str, process: &mut Table) -> (Option<String>, String) {
    let words: &[(&str, &'static str)] = match kind {
        "gbm" => &[("drift", "mu"), ("volatility", "sigma")],
        "merton" => &[
            ("drift", "mu"),
            ("volatility", "sigma"),
            ("jumps_per_year", "lambda"),
            ("jump_mean", "jump_mean"),
            ("jump_std", "jump_std"),
        ],
        "kou" => &[
            ("drift", "mu"),
            ("volatility", "sigma"),
            ("jumps_per_year", "lambda"),
            ("p_up", "p_up"),
            ("eta_up", "eta_up"),
            ("eta_down", "eta_down"),
        ],
        _ => &[
            ("drift", "mu"),
            ("initial_variance", "v0"),
            ("long_run_variance", "theta"),
            ("mean_reversion", "kappa"),
            ("vol_of_vol", "xi"),
            ("correlation", "rho"),
        ],
    };
    if kind == "heston" {
        assert_ne!(process.maybe("martingale_correction"), Some(&Value::Bool(false)), "K0* is the only K0");
    }
    let law = words.iter().fold(format!("kind = \"{kind}\""), |mut law, (ours, theirs)| {
        let _ = write!(law, ", {ours} = {}", process.number(theirs));
        law
    });
    (Some(process.number("s0")), law)
}

/// Given prices: one number a step (options), or one row a step (baskets).
fn given_paths(process: &mut Table) -> Vec<(Option<String>, String)> {
    let prices = process.list("prices");
    let columns: Vec<Vec<Value>> = match prices.first() {
        Some(Value::Array(first)) => {
            let column = |i: usize| prices.iter().map(|row| row[i].clone()).collect();
            (0..first.len()).map(column).collect()
        }
        _ => vec![prices.to_vec()],
    };
    let volatilities = process.maybe("sigma").and_then(Value::as_array);
    let law = |(index, column): (usize, Vec<Value>)| {
        let volatility =
            volatilities.map_or(String::new(), |all| format!(", volatility = {}", decimal(&all[index])));
        (None, format!("kind = \"path\", prices = {}{volatility}", row(&column)))
    };
    columns.into_iter().enumerate().map(law).collect()
}

fn oracle(text: &mut String, oracle: Option<&Value>) {
    let Some(oracle) = oracle else { return };
    let mut oracle = Table::new("oracle", oracle);
    text.push_str("\n[oracle]\n");
    if let Some(deviation) = oracle.maybe("deviation") {
        let _ = writeln!(text, "deviation_threshold = {}", decimal(deviation));
    }
    if let Some(heartbeat) = oracle.count("heartbeat_steps") {
        let _ = writeln!(text, "heartbeat = {}", steps(heartbeat));
    }
    if let Some(latency) = oracle.count("latency_steps") {
        let _ = writeln!(text, "latency = {}", steps(latency));
    }
    if let Some(outages) = oracle.maybe("outages").and_then(Value::as_array) {
        let window = |range: &Value| {
            format!(
                "{{ from = {}, to = {} }}",
                steps(whole("outage", &range[0])),
                steps(whole("outage", &range[1]))
            )
        };
        let windows: Vec<String> = outages.iter().map(window).collect();
        let _ = writeln!(text, "outages = [{}]", windows.join(", "));
    }
    oracle.end();
}

fn frictions(text: &mut String, frictions: &Value) {
    let mut frictions = Table::new("frictions", frictions);
    if let Some(delay) = frictions.count("exec_delay") {
        let _ = write!(text, "\n[execution]\ndelay = {}\n", steps(delay));
    }
    text.push_str("\n[costs]\n");
    let words = [
        ("fee", "fee_prop"),
        ("half_spread", "half_spread"),
        ("fixed_fee", "fee_fixed"),
        ("funding", "funding"),
    ];
    for (ours, theirs) in words {
        if let Some(value) = frictions.maybe(theirs) {
            let _ = writeln!(text, "{ours} = {}", decimal(value));
        }
    }
    for key in ["charge_initial", "charge_final"] {
        if let Some(charged) = frictions.maybe(key) {
            let _ = writeln!(text, "{key} = {charged}");
        }
    }
    if let Some(impact) = frictions.maybe("impact") {
        let mut impact = Table::new("impact", impact);
        let (coefficient, daily, adv) =
            (impact.number("coef"), impact.number("daily_vol"), impact.number("adv"));
        let _ = writeln!(
            text,
            "impact = {{ kind = \"square_root\", coefficient = {coefficient}, daily_volatility = {daily}, adv = {adv} }}"
        );
        impact.end();
    }
    frictions.end();
}

fn target_options(text: &mut String, option: &Value) {
    let mut option = Table::new("option", option);
    text.push_str("\n[target]\nkind = \"options\"\n");
    let words = [
        ("premium_volatility", "premium_vol"),
        ("hedge_volatility", "hedge_vol"),
        ("mark_volatility", "mark_vol"),
        ("model_rate", "model_rate"),
    ];
    for (ours, theirs) in words {
        if let Some(value) = option.maybe(theirs) {
            let _ = writeln!(text, "{ours} = {}", decimal(value));
        }
    }
    text.push_str("legs = [\n");
    for leg in option.list("legs") {
        let mut leg = Table::new("leg", leg);
        let (kind, strike, quantity) = (leg.word("type"), leg.number("strike"), leg.number("qty"));
        let premium =
            leg.maybe("premium").map_or(String::new(), |value| format!(", premium = {}", decimal(value)));
        let _ =
            writeln!(text, "  {{ type = \"{kind}\", strike = {strike}, quantity = {quantity}{premium} }},");
        leg.end();
    }
    text.push_str("]\n");
    option.end();
}

fn target_basket(text: &mut String, spec: &mut Table) {
    let value = spec.number("value0");
    let weights = spec.list("weights");
    let weights: Vec<String> = weights
        .iter()
        .enumerate()
        .map(|(index, weight)| format!("{} = {}", symbol(index), decimal(weight)))
        .collect();
    let _ = write!(
        text,
        "\n[target]\nkind = \"basket\"\nvalue = {value}\nweights = {{ {} }}\n",
        weights.join(", ")
    );
    if let Some(benchmark) = spec.maybe("benchmark") {
        let _ = writeln!(text, "benchmark = {benchmark}");
    }
}

fn policy(text: &mut String, policy: &Value, basket: bool) {
    let mut policy = Table::new("policy", policy);
    let kind = match policy.word("kind") {
        "static" | "buy_and_hold" => "hold",
        "delta_band" | "weight_band" => "band",
        other => other,
    };
    let _ = write!(text, "\n[[policies]]\nname = \"p\"\nkind = \"{kind}\"\n");
    for key in ["every", "monitor_every"] {
        if let Some(count) = policy.count(key) {
            let _ = writeln!(text, "{key} = {}", steps(count));
        }
    }
    for (ours, theirs) in [("width", "band"), ("risk_aversion", "risk_aversion"), ("cost", "cost")] {
        if let Some(value) = policy.maybe(theirs) {
            let _ = writeln!(text, "{ours} = {}", decimal(value));
        }
    }
    // baskets always go to target
    if let Some(to) = policy.maybe("to").filter(|_| !basket) {
        let _ = writeln!(text, "to = {to}");
    }
    policy.end();
}
