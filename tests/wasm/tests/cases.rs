//! Every case, run by the engine as Wasm under Node: one test for each file.
#![cfg(target_family = "wasm")]

use mcp_guard_tests_wasm::play;
use wasm_bindgen_test::wasm_bindgen_test;

include!(concat!(env!("OUT_DIR"), "/cases.rs"));
