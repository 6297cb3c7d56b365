//! The benchmark's load generator, its upstream and its certificates, in one small program.
//!
//! ```text
//! bench-load certificates --directory DIR
//! bench-load json FILE.yaml
//! bench-load upstream --answers DIR
//! bench-load run --port P --request FILE --path PATH --answer FILE [--status 200]
//!                [--certificates DIR] [--connections 8] [--rate 0]
//!                [--warm-up 0.3] [--seconds 2] [--pid ENVOY]
//! ```

use std::error::Error;
use std::process::ExitCode;

mod arguments;
mod certificates;
mod connection;
mod cpu;
mod http;
mod latency;
mod run;
mod upstream;
mod worker;

use arguments::Arguments;

/// What any part of this program may end with; it is shown to a person and to nobody else.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let Err(failure) = command() else {
        return ExitCode::SUCCESS;
    };
    eprintln!("bench-load: {failure}");
    ExitCode::FAILURE
}

fn command() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    match words.next().as_deref() {
        Some("certificates") => certificates::write(&Arguments::parse(words)?),
        Some("json") => print_json(words.next().as_deref()),
        Some("upstream") => upstream::serve(&Arguments::parse(words)?),
        Some("run") => run::run(&Arguments::parse(words)?),
        _ => Err("a command is needed: certificates, json, upstream or run".into()),
    }
}

/// Python's standard library reads JSON but no YAML.
fn print_json(path: Option<&str>) -> Result<(), Failure> {
    let text = std::fs::read_to_string(path.ok_or("which file?")?)?;
    let value: serde_json::Value = serde_saphyr::from_str(&text)?;
    println!("{value}");
    Ok(())
}
