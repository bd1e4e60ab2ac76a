//! temporary
#![allow(clippy::all, clippy::pedantic, missing_docs)]
use driftband::book::*;
use driftband::engine::*;
use driftband::market::cost::*;
use driftband::market::oracle::*;
use driftband::market::price::*;
use driftband::market::series::Feed;
use driftband::policy::*;
use driftband::scenario::*;
use driftband::units::*;
use serde_json::Value as J;

fn f(v: &J, k: &str) -> f64 {
    v.get(k).and_then(J::as_f64).unwrap_or(0.0)
}
fn vf(v: &J) -> Vec<f64> {
    match v {
        J::Array(a) => a.iter().map(|x| x.as_f64().unwrap()).collect(),
        x => vec![x.as_f64().unwrap()],
    }
}
fn build(spec: &J, paths: u64) -> Scenario {
    let n = spec["steps"].as_u64().unwrap();
    let year_ns = 365.0 * 86400e9;
    let grid = Grid {
        horizon_nanos: (spec["horizon"].as_f64().unwrap() * year_ns).round() as u64,
        n_steps: n,
        days_per_year: 365.0,
    };
    let p = &spec["process"];
    let basket = spec["kind"] == "basket";
    let kind = p["kind"].as_str().unwrap();
    let m = if basket { spec["weights"].as_array().unwrap().len() } else { 1 };
    let fr = &spec["frictions"];
    let costs = Costs {
        fee: f(fr, "fee_prop"),
        half_spread: f(fr, "half_spread"),
        fixed_fee: f(fr, "fee_fixed"),
        funding: f(fr, "funding"),
        impact: fr.get("impact").filter(|x| !x.is_null()).map(|i| {
            Impact::SquareRoot(SquareRoot {
                coefficient: f(i, "coef"),
                daily_volatility: f(i, "daily_vol"),
                adv: f(i, "adv"),
            })
        }),
    };
    let oracle = spec.get("oracle").filter(|o| !o.is_null()).map(|o| Oracle {
        deviation_threshold: o.get("deviation").and_then(J::as_f64).map(Fraction),
        heartbeat: o.get("heartbeat_steps").and_then(J::as_u64).map(Period::Steps),
        latency: Some(Period::Steps(o.get("latency_steps").and_then(J::as_u64).unwrap_or(0))),
        outages: o
            .get("outages")
            .and_then(J::as_array)
            .map(|a| {
                a.iter()
                    .map(|x| Outage {
                        from: Period::Steps(x[0].as_u64().unwrap()),
                        to: Period::Steps(x[1].as_u64().unwrap()),
                    })
                    .collect()
            })
            .unwrap_or_default(),
    });
    let g = |k: &str, i: usize| -> f64 {
        match &p[k] {
            J::Array(a) => a[i].as_f64().unwrap(),
            x => x.as_f64().unwrap_or(0.0),
        }
    };
    let assets = (0..m)
        .map(|i| {
            let mut feed = Feed::Model;
            let mut spot = 0.0;
            let process = match kind {
                "gbm" | "gbm_multi" => {
                    spot = g("s0", i);
                    Process::Gbm(gbm::Gbm { drift: g("mu", i), volatility: g("sigma", i) })
                }
                "merton" => {
                    spot = g("s0", i);
                    Process::Merton(merton::Merton {
                        drift: g("mu", i),
                        volatility: g("sigma", i),
                        jumps_per_year: g("lambda", i),
                        jump_mean: g("jump_mean", i),
                        jump_std: g("jump_std", i),
                    })
                }
                "kou" => {
                    spot = g("s0", i);
                    Process::Kou(kou::Kou {
                        drift: g("mu", i),
                        volatility: g("sigma", i),
                        jumps_per_year: g("lambda", i),
                        p_up: g("p_up", i),
                        eta_up: g("eta_up", i),
                        eta_down: g("eta_down", i),
                    })
                }
                "heston" => {
                    spot = g("s0", i);
                    Process::Heston(heston::Heston {
                        drift: g("mu", i),
                        initial_variance: g("v0", i),
                        long_run_variance: g("theta", i),
                        mean_reversion: g("kappa", i),
                        vol_of_vol: g("xi", i),
                        correlation: g("rho", i),
                    })
                }
                _ => {
                    let prices: Vec<f64> = p["prices"].as_array().unwrap().iter().map(|r| vf(r)[i]).collect();
                    spot = prices[0];
                    feed = Feed::Path(prices.into());
                    Process::Path(path::Path {
                        prices: None,
                        file: None,
                        column: None,
                        volatility: p.get("sigma").map(|s| vf(s)[i]),
                    })
                }
            };
            Asset {
                symbol: format!("A{i}"),
                spot,
                dividend_yield: f(spec, "dividend_yield"),
                process,
                feed,
                oracle: oracle.clone(),
                costs: costs.clone(),
                delay: fr.get("exec_delay").and_then(J::as_u64).unwrap_or(0),
                hedge_instrument: Default::default(),
            }
        })
        .collect::<Vec<_>>();
    let target = if basket {
        Target::Basket(Basket {
            value: f(spec, "value0"),
            weights: vf(&spec["weights"]),
            benchmark: match spec.get("benchmark").and_then(J::as_str) {
                Some("constant_mix_continuous") => Benchmark::ConstantMixContinuous,
                Some("buy_and_hold") => Benchmark::BuyAndHold,
                _ => Benchmark::ConstantMixStep,
            },
        })
    } else {
        let o = &spec["option"];
        let pv = f(o, "premium_vol");
        Target::Options(Strategy {
            model_rate: o.get("model_rate").and_then(J::as_f64).unwrap_or(f(spec, "rate")),
            hedge_volatility: vec![Some(f(o, "hedge_vol"))],
            legs: o["legs"]
                .as_array()
                .unwrap()
                .iter()
                .map(|l| Leg {
                    asset: 0,
                    kind: if l["type"] == "call" { LegKind::Call } else { LegKind::Put },
                    strike: f(l, "strike"),
                    quantity: f(l, "qty"),
                    expiry: n,
                    premium: l.get("premium").and_then(J::as_f64),
                    premium_volatility: Some(pv),
                    hedge_volatility: None,
                    mark_volatility: o.get("mark_vol").and_then(J::as_f64).unwrap_or(pv),
                })
                .collect(),
        })
    };
    let q = &spec["policy"];
    let st = |k: &str| Period::Steps(q[k].as_u64().unwrap());
    let me = q.get("monitor_every").and_then(J::as_u64).map(Period::Steps);
    let to = if basket {
        None
    } else {
        q.get("to")
            .and_then(J::as_str)
            .map(|t| if t == "edge" { Destination::Edge } else { Destination::Center })
    };
    let w = || PerAsset::One(Amount::Plain(f(q, "band")));
    let rule = match q["kind"].as_str().unwrap() {
        "none" => Rule::NoTrade(none::NoTrade {}),
        "static" | "buy_and_hold" => Rule::Hold(hold::Hold {}),
        "periodic" => Rule::Periodic(periodic::Periodic { every: st("every") }),
        "delta_band" | "weight_band" => Rule::Band(band::Band { width: w(), to, monitor_every: me }),
        "relative_band" => Rule::RelativeBand(relative_band::RelativeBand {
            width: Fraction(f(q, "band")),
            monitor_every: me,
        }),
        "time_or_band" => Rule::TimeOrBand(time_or_band::TimeOrBand {
            every: st("every"),
            width: w(),
            to,
            monitor_every: me,
        }),
        "whalley_wilmott" => Rule::WhalleyWilmott(whalley_wilmott::WhalleyWilmott {
            risk_aversion: f(q, "risk_aversion"),
            cost: PerAsset::One(Fraction(f(q, "cost"))),
            to,
            monitor_every: me,
        }),
        "leland" => {
            Rule::Leland(leland::Leland { every: st("every"), cost: PerAsset::One(Fraction(f(q, "cost"))) })
        }
        x => panic!("{x}"),
    };
    let corr = p.get("corr").map(|c| c.as_array().unwrap().iter().map(vf).collect()).unwrap_or_else(|| {
        (0..m).map(|i| (0..m).map(|k| if i == k { 1.0 } else { 0.0 }).collect()).collect()
    });
    Scenario {
        name: "x".into(),
        description: String::new(),
        run: Run { paths, seed: 42, grid, path_metrics: true, warmup: 0 },
        rate: f(spec, "rate"),
        correlation: corr,
        assets,
        charge_initial: fr["charge_initial"].as_bool().unwrap_or(true),
        charge_final: fr["charge_final"].as_bool().unwrap_or(true),
        target,
        policies: vec![Policy { name: "p".into(), rule, hedge_volatility: None }],
        limits: vec![],
        data: vec![],
    }
}
#[test]
fn traces() {
    let d: J =
        serde_json::from_str(&std::fs::read_to_string("/work/shared/reference/traces_public.json").unwrap())
            .unwrap();
    for e in d.as_array().unwrap() {
        let s = build(&e["spec"], 1);
        let r = record(&s, 0, 0).unwrap();
        let x = &e["expected"];
        let notional = r.constants.notional;
        let mut bad = 0;
        let mut chk = |what: String, a: f64, b: f64, scale: f64| {
            if !((a - b).abs() <= 1e-9 * b.abs() + 1e-9 * scale) {
                if bad < 6 {
                    println!("   {what}: got {a} want {b}");
                }
                bad += 1;
            }
        };
        for (st, y) in r.steps.iter().zip(x["steps"].as_array().unwrap()) {
            let j = st.j;
            for (k, got) in [
                ("S", Some(&st.price)),
                ("oracle", st.oracle.as_ref()),
                ("order", Some(&st.order)),
                ("filled", st.filled.as_ref()),
                ("position", Some(&st.position)),
            ] {
                if y[k].is_null() {
                    assert!(got.is_none());
                    continue;
                }
                for (i, (a, b)) in got.unwrap().iter().zip(vf(&y[k])).enumerate() {
                    let sc = if k == "S" || k == "oracle" { 0.0 } else { notional / st.price[i] };
                    chk(format!("{j} {k}"), *a, b, sc);
                }
            }
            chk(format!("{j} cash"), st.cash, f(y, "cash"), notional);
            chk(format!("{j} mark"), st.mark, f(y, "mark"), notional);
            if y.get("benchmark").is_some() {
                chk(format!("{j} bench"), st.benchmark.unwrap(), f(y, "benchmark"), notional);
            }
            for (k, a) in ["cost_fee_prop", "cost_fee_fixed", "cost_spread", "cost_impact", "cost_funding"]
                .iter()
                .zip(st.costs)
            {
                chk(format!("{j} {k}"), a, f(y, k), notional);
            }
        }
        chk("deviation".into(), r.deviation, f(x, "deviation"), notional);
        chk("ledger".into(), r.ledger, f(x, "deviation"), notional);
        chk("te".into(), r.te_path.unwrap(), f(x, "te_path"), 0.0);
        chk("trades".into(), r.trades, f(x, "trades"), 0.0);
        chk("reb".into(), r.rebalances, f(x, "rebalances"), 0.0);
        chk("turn".into(), r.turnover, f(x, "turnover"), 0.0);
        chk("upd".into(), r.oracle_updates, f(x, "oracle_updates"), 0.0);
        println!("{} bad {bad}", e["spec"]["name"]);
    }
}
#[test]
fn cases() {
    for file in ["cases_public.json", "exact.json"] {
        let d: J =
            serde_json::from_str(&std::fs::read_to_string(format!("/work/shared/reference/{file}")).unwrap())
                .unwrap();
        for e in d.as_array().unwrap() {
            let s = build(&e["spec"], 200_000);
            let t = std::time::Instant::now();
            let o = run(&s, &Execution::default()).unwrap();
            let p = &o.policies[0];
            let el = t.elapsed().as_secs_f64();
            let mut worst: (f64, String) = (0.0, String::new());
            let mut n = 0;
            let mut chk = |name: &str, v: f64, se: f64| {
                let key = name;
                let Some(m) = p.metric(key) else {
                    println!("   missing {key}");
                    return;
                };
                let Some(val) = m.value else {
                    println!("   undefined {key} {:?}", m.reason);
                    return;
                };
                n += 1;
                let d = (val - v).abs();
                if d <= 1e-9 * v.abs().max(1.0) {
                    return;
                }
                let z = d / (se * se + m.se.unwrap_or(0.0).powi(2)).sqrt();
                if z > worst.0 {
                    worst = (z, format!("{key} {val} vs {v}"));
                }
            };
            if file.starts_with("exact") {
                for (k, v) in e["exact"].as_object().unwrap() {
                    let k2 = k.replace("cvar95", "cvar_95").replace("cvar99", "cvar_99");
                    chk(&k2, v.as_f64().unwrap(), 0.0);
                }
            } else {
                let x = &e["expected"];
                for (k, v) in x["deviation"].as_object().unwrap() {
                    let k2 = k.replace("ar9", "ar_9");
                    chk(&k2, f(v, "value"), f(v, "se"));
                }
                for (k, v) in x["tracking_error"].as_object().unwrap() {
                    chk(k, f(v, "value"), f(v, "se"));
                }
                for (k, v) in x["cost"].as_object().unwrap() {
                    let k2 = format!("cost_{}", k.replace("fee_prop", "fee").replace("fee_fixed", "fixed"));
                    chk(&k2, f(v, "value"), f(v, "se"));
                }
                for k in ["trades", "rebalances", "turnover", "oracle_updates"] {
                    chk(k, f(&x[k], "value"), f(&x[k], "se"));
                }
            }
            let ns = el * 1e9 / (2e5 * e["spec"]["steps"].as_f64().unwrap());
            println!(
                "{} n {n} worst z {:.2} {} [{:.1} ns/step x2thr]",
                e["spec"]["name"], worst.0, worst.1, ns
            );
        }
    }
}
#[test]
fn jobd() {
    let n = 252u64;
    let year_ns = 365.0 * 86400e9;
    let per = |k: u64| Rule::Periodic(periodic::Periodic { every: Period::Steps(k) });
    let band = |w: f64| {
        Rule::Band(band::Band {
            width: PerAsset::One(Amount::Plain(w)),
            to: Some(Destination::Center),
            monitor_every: None,
        })
    };
    let ww = |a: f64| {
        Rule::WhalleyWilmott(whalley_wilmott::WhalleyWilmott {
            risk_aversion: a,
            cost: PerAsset::One(Fraction(1e-3)),
            to: Some(Destination::Center),
            monitor_every: None,
        })
    };
    let all = [band(0.05), per(1), per(5), per(21), band(0.02), band(0.1), ww(1.0), ww(0.1)];
    let mk = |k: usize, oracle: bool, pm: bool| Scenario {
        name: "d".into(),
        description: String::new(),
        run: Run {
            paths: 65536,
            seed: 42,
            grid: Grid { horizon_nanos: year_ns as u64, n_steps: n, days_per_year: 365.0 },
            path_metrics: pm,
            warmup: 0,
        },
        rate: 0.02,
        correlation: vec![vec![1.0]],
        assets: vec![Asset {
            symbol: "A".into(),
            spot: 100.0,
            dividend_yield: 0.0,
            process: Process::Gbm(gbm::Gbm { drift: 0.05, volatility: 0.2 }),
            feed: Feed::Model,
            oracle: oracle.then(|| Oracle {
                deviation_threshold: Some(Fraction(0.01)),
                heartbeat: Some(Period::Steps(24)),
                latency: None,
                outages: vec![],
            }),
            costs: Costs { fee: 1e-3, ..Default::default() },
            delay: 0,
            hedge_instrument: Default::default(),
        }],
        charge_initial: true,
        charge_final: true,
        target: Target::Options(Strategy {
            model_rate: 0.02,
            hedge_volatility: vec![Some(0.2)],
            legs: vec![Leg {
                asset: 0,
                kind: LegKind::Call,
                strike: 100.0,
                quantity: -1.0,
                expiry: n,
                premium: None,
                premium_volatility: Some(0.2),
                hedge_volatility: None,
                mark_volatility: 0.2,
            }],
        }),
        policies: all[..k]
            .iter()
            .enumerate()
            .map(|(i, r)| Policy { name: format!("p{i}"), rule: r.clone(), hedge_volatility: None })
            .collect(),
        limits: vec![],
        data: vec![],
    };
    for level in [Level::Best, Level::Avx2] {
        for (k, o, pm) in [
            (1, false, false),
            (1, true, false),
            (8, false, false),
            (8, true, false),
            (1, false, true),
            (8, false, true),
        ] {
            let s = mk(k, o, pm);
            let mut best = f64::INFINITY;
            let mut m = 0.0;
            for _ in 0..5 {
                let t = std::time::Instant::now();
                let r = run(&s, &Execution { threads: Some(1), level, ..Execution::default() }).unwrap();
                best = best.min(t.elapsed().as_secs_f64());
                m = r.policies[0].metric("mean").unwrap().value.unwrap();
            }
            println!(
                "{level:?} P={k} oracle {o} pm {pm}: {:.2} ns/path-step mean {m:.5}",
                best * 1e9 / (65536.0 * 252.0)
            );
        }
    }
}
