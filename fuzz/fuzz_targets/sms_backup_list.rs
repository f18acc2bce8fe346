#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| uitlezen_fuzz_targets::run("sms_backup_list", data));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    uitlezen_fuzz_targets::seeded("sms_backup_list", data, max_size, seed).unwrap_or_else(|| libfuzzer_sys::fuzzer_mutate(data, size, max_size))
});
