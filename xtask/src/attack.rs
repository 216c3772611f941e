//! Not built yet.
pub(crate) fn run(_args: &[String]) -> Result<(), String> {
    Err("not built yet".into())
}
