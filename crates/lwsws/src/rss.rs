//! How much memory this process has.

/// Resident bytes of this process; `None` where the kernel does not tell in Linux's way.
///
/// `status` rather than `statm`: it counts in kilobytes, not in pages of a size that would have to be asked for.
pub(crate) fn bytes() -> Option<u64> {
    parse(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn parse(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells() {
        assert_eq!(parse("Name:\tx\nVmRSS:\t    2048 kB\nVmData:\t 1 kB\n"), Some(2048 * 1024));
        assert_eq!(parse("Name:\tx\n"), None);
        assert_eq!(parse("VmRSS:\t18446744073709551615 kB\n"), None);
        if cfg!(target_os = "linux") {
            assert!(bytes().is_some_and(|n| n > 100_000), "{:?}", bytes());
        }
    }
}
