//! Nothing that computes falls out of the function that is compiled for AVX2 and AVX-512.
//!
//! A closure in place of a struct, or one `#[inline(always)]` forgotten below the dispatch, leaves every bit right and
//! makes a run twenty times slower. No clock sees that reliably, so this test reads its own machine code: whatever can
//! be reached from the dispatched functions must itself be compiled for their level, or not compute at all.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::collections::{BTreeMap, BTreeSet};

use driftband::engine::{Execution, Level, run};
use driftband::scenario::{Memory, parse};
use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic};
use object::{Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, RelocationTarget};
use pulp::NullaryFnOnce;

/// One function of this program.
#[derive(Debug, Default)]
struct Function {
    /// Functions it calls, jumps to, or takes the address of.
    reaches: BTreeSet<String>,
    /// Fused multiply-adds, with the widest register they use.
    fused: usize,
    widest: usize,
    /// Arithmetic of the compiler's baseline.
    baseline: usize,
}

/// Every function of this program by name and address, and what the pointers of its tables lead to.
struct Program<'a> {
    names: BTreeMap<u64, String>,
    bodies: BTreeMap<String, (u64, &'a [u8])>,
    pointers: BTreeMap<u64, String>,
}

impl<'a> Program<'a> {
    fn read(file: &object::File<'a>) -> Self {
        let (mut names, mut bodies) = (BTreeMap::new(), BTreeMap::new());
        for symbol in file.symbols().filter(|symbol| symbol.kind() == object::SymbolKind::Text) {
            let section = symbol.section_index().and_then(|index| file.section_by_index(index).ok());
            let code = section.and_then(|section| section.data_range(symbol.address(), symbol.size()).ok());
            if let Some(code) = code.flatten().filter(|code| !code.is_empty()) {
                // with its hash: several functions of one name are several functions
                let name = format!("{}", rustc_demangle::demangle(symbol.name().unwrap()));
                names.insert(symbol.address(), name.clone());
                bodies.insert(name, (symbol.address(), code));
            }
        }
        let mut pointers = BTreeMap::new();
        for (address, relocation) in file.dynamic_relocations().into_iter().flatten() {
            let name = match relocation.target() {
                RelocationTarget::Symbol(index) => {
                    let symbol =
                        file.dynamic_symbol_table().and_then(|table| table.symbol_by_index(index).ok());
                    symbol.and_then(|symbol| Some(symbol.name().ok()?.to_owned()))
                }
                _ => names.get(&(relocation.addend() as u64)).cloned(),
            };
            pointers.extend(name.map(|name| (address, name)));
        }
        Self { names, bodies, pointers }
    }

    fn function(&self, name: &str) -> Option<Function> {
        let &(address, code) = self.bodies.get(name)?;
        let mut function = Function::default();
        for instruction in &mut Decoder::with_ip(64, code, address, DecoderOptions::NONE) {
            function.reaches.extend(self.target(&instruction).filter(|target| *target != name).cloned());
            let mnemonic = format!("{:?}", instruction.mnemonic());
            if mnemonic.starts_with("Vfm") || mnemonic.starts_with("Vfnm") {
                function.fused += 1;
                function.widest = function.widest.max(instruction.op0_register().size());
            }
            function.baseline += usize::from(BASELINE.contains(&instruction.mnemonic()));
        }
        Some(function)
    }

    fn target(&self, instruction: &Instruction) -> Option<&String> {
        match instruction.flow_control() {
            FlowControl::Call | FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                self.names.get(&instruction.near_branch_target())
            }
            _ if instruction.is_ip_rel_memory_operand() => {
                let address = instruction.ip_rel_memory_address();
                self.pointers.get(&address).or_else(|| self.names.get(&address))
            }
            _ => None,
        }
    }

    /// What is wrong with a function compiled for a level: functions below it that compute at the baseline.
    fn faults(&self, root: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let (mut seen, mut left) = (BTreeSet::new(), vec![root.to_owned()]);
        while let Some(name) = left.pop() {
            if is_exempt(&name) || !seen.insert(name.clone()) {
                continue;
            }
            let Some(function) = self.function(&name) else { continue };
            if function.baseline > 0 && function.fused == 0 {
                faults.push(format!("{name} computes"));
            }
            for library in function.reaches.iter().filter(|target| LIBRARY.contains(&target.as_str())) {
                faults.push(format!("{name} calls {library}"));
            }
            left.extend(function.reaches.into_iter().filter(|target| !LIBRARY.contains(&target.as_str())));
        }
        faults
    }
}

/// Arithmetic without the prefix of AVX: what a lane loop becomes outside of the dispatched function.
const BASELINE: [Mnemonic; 14] = [
    Mnemonic::Addpd,
    Mnemonic::Addsd,
    Mnemonic::Subpd,
    Mnemonic::Subsd,
    Mnemonic::Mulpd,
    Mnemonic::Mulsd,
    Mnemonic::Divpd,
    Mnemonic::Divsd,
    Mnemonic::Sqrtpd,
    Mnemonic::Sqrtsd,
    Mnemonic::Maxpd,
    Mnemonic::Minpd,
    Mnemonic::Pmuludq,
    Mnemonic::Psrlq,
];
/// Functions of the platform that a lane loop may end in.
const LIBRARY: [&str; 9] = ["fma", "exp", "log", "pow", "sin", "cos", "cbrt", "erf", "erfc"];

/// What computes out of line on purpose: once a path, once a jump, once a day, but not once a path-step.
const RARE: [&str; 17] = [
    // dispatched to the same level once more: not compiled into the plain kernel
    "driftband::engine::weights::run",
    "driftband::engine::weights::walk::walk",
    "driftband::engine::sampling::begin",
    "driftband::engine::sampling::draw",
    "driftband::engine::sampling::mirror",
    "driftband::engine::market::land",
    "driftband::market::price::regime::Step::enter",
    "driftband::market::price::regime::Step::cross",
    "driftband::market::price::chain::Chain::leave",
    "driftband::market::price::chain::Chain::stay",
    "driftband::market::price::mixing::Mixing::draw_on",
    "driftband::market::oracle::random::RandomFeed::send",
    "driftband::market::latency::Law::",
    "driftband::market::oracle::outage::OutageClock::begin",
    "driftband::market::cost::log_ou::LogOuStep::new_day",
    "driftband::market::price::bootstrap::Dates::open",
    "driftband::engine::market::start",
];

/// Whether a function is none of this test's business: a rare one; the way out, which formats, unwinds and does not come
/// back; the standard library as it was shipped, which holds no code of ours.
fn is_exempt(name: &str) -> bool {
    let starts = ["core::panicking", "core::option", "core::result", "_Unwind", "core[", "alloc[", "std["];
    starts.iter().chain(&RARE).any(|start| name.starts_with(start))
}

/// Functions that `pulp` compiled for a level, and the width of its registers in bytes.
fn dispatched<'p>(program: &'p Program<'_>) -> Vec<(&'p String, usize)> {
    let levels = [("pulp::x86::v3::V3", 32), ("pulp::x86::v4::V4", 64)];
    let of = |name: &str| levels.iter().find(|(level, _)| name.contains(level) && name.contains("vectorize"));
    program.bodies.keys().filter_map(|name| Some((name, of(name)?.1))).collect()
}

/// What must be found: the same mistake, made on purpose.
#[inline(never)]
fn forgotten(lanes: &mut [f64; 128]) {
    for lane in lanes {
        *lane = lane.mul_add(1.5, 0.25);
    }
}

struct Canary<'a>(&'a mut [f64; 128]);

impl NullaryFnOnce for Canary<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        forgotten(self.0);
    }
}

/// Uses the engine and the canary, so that both are in this program.
fn use_both() {
    let text = r#"
version = 1
name = "any"
[run]
paths = 128
horizon = "2d"
step = "1d"
[[assets]]
symbol = "A"
spot = 100.0
process = { kind = "gbm", drift = 0.0, volatility = 0.2 }
[target]
kind = "options"
hedge_volatility = 0.2
premium_volatility = 0.2
legs = [{ type = "call", strike = 100.0, quantity = -1.0 }]
[[policies]]
name = "daily"
kind = "periodic"
every = "1d"
"#;
    let scenario = parse(text, &Memory::default()).unwrap().scenario;
    run(&scenario, &Execution { threads: Some(1), level: Level::Best, ..Execution::default() }).unwrap();
    let mut lanes = [1.0; 128];
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.vectorize(Canary(&mut lanes));
    }
    std::hint::black_box(&mut lanes);
}

#[test]
fn nothing_computes_outside_of_the_dispatched_functions() {
    use_both();
    let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let program = Program::read(&object::File::parse(&*bytes).unwrap());
    let (mut widths, mut canaries) = (BTreeSet::new(), 0);
    for (root, width) in dispatched(&program) {
        let faults = program.faults(root);
        let function = program.function(root).unwrap();
        if function.reaches.iter().any(|name| name.contains("dispatch::forgotten")) {
            assert!(faults.iter().any(|name| name.contains("forgotten")), "the check cannot fail");
            canaries += 1;
            continue;
        }
        assert!(
            faults.is_empty(),
            "{root} reaches functions that are not compiled for it; is an #[inline(always)] missing?\n{}",
            faults.join("\n")
        );
        // the block loop itself, not some small work beside it
        if function.fused > 200 && function.widest >= width {
            widths.insert(width);
        }
    }
    assert!(canaries > 0, "the canary is not in this program");
    assert_eq!(widths, BTreeSet::from([32, 64]), "the block loop was not found at both levels");
}
