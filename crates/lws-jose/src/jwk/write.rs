//! A key as JSON. Members stand in lexicographic order, which is that of RFC 7638 §3.

use alloc::string::String;

use super::{Jwk, Material};
use crate::base64url;
use crate::json::Value;

/// All members.
pub(super) fn jwk(key: &Jwk) -> String {
    let mut out = Members::new(key);
    out.text("alg", key.alg.as_deref());
    if let Material::Ec { curve, .. } = &key.material {
        out.text("crv", Some(curve.name()));
    }
    private_before_e(key, &mut out);
    match &key.material {
        Material::Rsa { e, .. } => out.bytes("e", e),
        Material::Oct(bytes) => out.bytes("k", bytes.expose()),
        Material::Ec { .. } => {}
    }
    if let Some(operations) = &key.operations {
        out.list("key_ops", operations.iter().map(|name| Value::from(&**name)));
    }
    out.text("kid", key.kid.as_deref());
    out.text("kty", Some(key.kty().name()));
    if let Material::Rsa { n, private, .. } = &key.material {
        out.bytes("n", n);
        if let Some(factors) = private.as_ref().and_then(|private| private.factors.as_ref()) {
            out.bytes("p", factors.p.expose());
            out.bytes("q", factors.q.expose());
            out.bytes("qi", factors.qi.expose());
        }
    }
    out.text("use", key.usage.as_deref());
    point(key, "x", &mut out);
    if !key.x5c.is_empty() {
        out.list("x5c", key.x5c.iter().map(|der| Value::from(base64url::encode_ordinary(der))));
    }
    point(key, "y", &mut out);
    out.finish()
}

/// The members that RFC 7638 §3.2 and RFC 8037 §2 require.
pub(super) fn required(key: &Jwk) -> String {
    let mut out = Members::new(key);
    match &key.material {
        Material::Oct(bytes) => {
            out.bytes("k", bytes.expose());
            out.text("kty", Some("oct"));
        }
        Material::Rsa { n, e, .. } => {
            out.bytes("e", e);
            out.text("kty", Some("RSA"));
            out.bytes("n", n);
        }
        Material::Ec { curve, .. } => {
            out.text("crv", Some(curve.name()));
            out.text("kty", Some(curve.kty().name()));
            point(key, "x", &mut out);
            point(key, "y", &mut out);
        }
    }
    out.finish()
}

fn private_before_e(key: &Jwk, out: &mut Members) {
    match &key.material {
        Material::Rsa { private: Some(private), .. } => {
            out.bytes("d", private.d.expose());
            if let Some(factors) = &private.factors {
                out.bytes("dp", factors.dp.expose());
                out.bytes("dq", factors.dq.expose());
            }
        }
        Material::Ec { private: Some(private), .. } => out.bytes("d", private.d.expose()),
        _ => {}
    }
}

fn point(key: &Jwk, name: &str, out: &mut Members) {
    let Material::Ec { x, y, .. } = &key.material else { return };
    match name {
        "x" => out.bytes("x", x),
        _ if y.is_empty() => {}
        _ => out.bytes("y", y),
    }
}

struct Members {
    text: String,
}

impl Members {
    /// With room for everything, so that secrets are not left behind in buffers that were too small.
    fn new(key: &Jwk) -> Self {
        let certificates: usize = key.x5c.iter().map(|der| der.len() * 2).sum();
        let names = key.kid.as_ref().map_or(0, |kid| kid.len() * 6);
        let numbers = match &key.material {
            Material::Oct(bytes) => bytes.len(),
            Material::Rsa { n, .. } => n.len() * 6,
            Material::Ec { .. } => 3 * 66,
        };
        Members { text: String::with_capacity(1024 + certificates + names + numbers * 3 / 2) }
    }

    fn name(&mut self, name: &str) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
    }

    fn text(&mut self, name: &str, text: Option<&str>) {
        let Some(text) = text else { return };
        self.name(name);
        self.value(&Value::from(text));
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.name(name);
        self.text.push('"');
        base64url::encode_to(bytes, &mut self.text);
        self.text.push('"');
    }

    fn list<'v>(&mut self, name: &str, values: impl Iterator<Item = Value<'v>>) {
        self.name(name);
        self.value(&Value::Array(values.collect()));
    }

    fn value(&mut self, value: &Value<'_>) {
        use core::fmt::Write as _;
        write!(self.text, "{value}").expect("a string takes everything");
    }

    fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }
}
