//! The scenario on which commands are tried: ten days of a sold call, hedged often and rarely by an oracle.

/// Its text, with a name, the number of paths and of calls, and what stands behind the policies.
macro_rules! hedged_call {
    ($name:literal, $paths:literal, $quantity:literal, $more:literal) => {
        concat!(
            "\nversion = 1\nname = \"",
            $name,
            "\"\n[run]\npaths = ",
            $paths,
            r#"
horizon = "10d"
step = "6h"
[[assets]]
symbol = "ETH"
spot = 3000.0
process = { kind = "gbm", drift = 0.0, volatility = 0.8 }
[oracle]
deviation_threshold = "1%"
heartbeat = "12h"
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{ type = "call", strike = 3000.0, quantity = "#,
            $quantity,
            r#" }]
[[policies]]
name = "often"
kind = "periodic"
every = "6h"
[[policies]]
name = "rarely"
kind = "periodic"
every = "2d"
"#,
            $more
        )
    };
}
