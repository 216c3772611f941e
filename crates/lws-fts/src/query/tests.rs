use alloc::format;
use alloc::string::String;

use super::*;

/// A query as text that shows its structure.
fn show(expr: &Expr) -> String {
    let list = |of: &[Expr]| of.iter().map(show).collect::<Vec<_>>().join(" ");
    match expr {
        Expr::Phrase(p) => {
            let term = |t: &(u32, Vec<u8>)| format!("{}@{}", String::from_utf8(t.1.clone()).unwrap(), t.0);
            let terms = p.terms.iter().map(term).collect::<Vec<_>>().join("+");
            format!("{terms}{}", if p.prefix { "*" } else { "" })
        }
        Expr::And(must, not) if not.is_empty() => format!("and({})", list(must)),
        Expr::And(must, not) => format!("and({} not {})", list(must), list(not)),
        Expr::Or(of) => format!("or({})", list(of)),
    }
}

fn check(text: &str, want: &str) {
    let got = match Query::parse(text) {
        Ok(query) => show(&query.root),
        Err(error) => format!("{error:?}"),
    };
    assert_eq!(got, want, "{text:?}");
}

#[test]
fn the_language() {
    check("storm", "storm@0");
    check("  Storm  Night ", "and(storm@0 night@0)");
    check("\"dark and stormy\"", "dark@0+and@1+stormy@2");
    check("a OR b c OR d", "or(a@0 and(b@0 c@0) d@0)");
    check("a AND b", "and(a@0 b@0)");
    check("a -b NOT c", "and(a@0 not b@0 c@0)");
    check("a --b", "and(a@0 b@0)");
    check("a -(b OR c)", "and(a@0 not or(b@0 c@0))");
    check("(a OR b) c*", "and(or(a@0 b@0) c@0*)");
    check("\"dark st\"*", "dark@0+st@1*");
    check("well-known", "well@0+known@1");
    check("a -- b", "and(a@0 b@0)");
}

#[test]
fn scripts_without_spaces() {
    check("検索", "検索@0");
    check("全文検索", "全文@0+文検@1+検索@2");
    check("文", "文@0*");
    check("a文", "a@0+文@1*");
    check("文a", "文@0+a@1");
    check("設定x", "設定@0+定@1+x@2");
    check("検索*", "検索@0");
}

#[test]
fn what_is_wrong_is_said() {
    check("", "Query(Empty)");
    check("!? ...", "Query(Empty)");
    check("-a", "Query(OnlyNegative)");
    check("a OR -b", "Query(OnlyNegative)");
    check("(a", "Query(Unbalanced)");
    check("a)", "Query(Unbalanced)");
    check("\"a", "Query(Unbalanced)");
    check("OR a", "Query(DanglingOr)");
    check("a OR", "Query(DanglingOr)");
    check("a OR OR b", "Query(DanglingOr)");
    check(&"(".repeat(20), "Limit(Query)");
    check(&"-".repeat(20), "Limit(Query)");
    check(&"a ".repeat(65), "Limit(Query)");
    check(&"a".repeat(5000), "Limit(Query)");
}

#[test]
fn while_typing() {
    let show_typing = |text| show(&Query::parse_typing(text).unwrap().root);
    assert_eq!(show_typing("dark st"), "and(dark@0 st@0*)");
    assert_eq!(show_typing("dark st "), "and(dark@0 st@0)");
    assert_eq!(show_typing("\"dark st"), "dark@0+st@1*");
    assert_eq!(show_typing("\"dark st\""), "dark@0+st@1");
    assert_eq!(Query::parse_typing("(dark"), Err(Error::Query(QueryError::Unbalanced)));
}
