#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| mcp_guard_tests::fuzzing::approval(data));
