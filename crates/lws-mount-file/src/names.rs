//! Which names are nobody's business (PATH-04).

/// Whether a path below the mount has a component that is hidden: a dot-file such as `.git`, or an editor's backup
/// such as `config.php~`.
///
/// `.well-known` at the front is public by its definition (RFC 8615).
pub(crate) fn hidden(path: &str) -> bool {
    path.split('/').enumerate().any(|(depth, name)| {
        let public = depth == 0 && name == ".well-known";
        (name.starts_with('.') && !public) || name.ends_with('~')
    })
}

/// Whether a name can be asked for at all: request paths never contain these bytes.
pub(crate) fn askable(name: &str) -> bool {
    !name.bytes().any(|b| b < 0x20 || b == 0x7f || b == b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_04_hidden_names() {
        for path in [
            ".env",
            ".git/config",
            "a/.git/config",
            "a/.x",
            "a~",
            "a/b~",
            "a~/b",
            "a/.well-known/b",
            ".well-known/.x",
            ".well-knownx",
        ] {
            assert!(hidden(path), "{path}");
        }
        for path in
            ["", "a", "a/b.html", ".well-known", ".well-known/acme-challenge/token", "a.b/c", "~a", "a~b"]
        {
            assert!(!hidden(path), "{path}");
        }
    }
}
