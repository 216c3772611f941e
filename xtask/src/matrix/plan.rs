//! `ci/matrix.toml`, read into values.

use toml::{Table, Value};

/// One line of the matrix.
#[derive(Debug)]
pub(super) struct Configuration {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) what: What,
    pub(super) features: Vec<String>,
    pub(super) default_features: bool,
    pub(super) absent: Vec<String>,
    pub(super) present: Vec<String>,
    /// Commands without which it cannot be built.
    pub(super) needs: Vec<String>,
    pub(super) quick: bool,
}

/// What is built and tested.
#[derive(Debug)]
pub(super) enum What {
    Packages {
        names: Vec<String>,
        build: bool,
    },
    Examples {
        paths: Vec<String>,
        args: Vec<String>,
        /// Only the first so many starts of its self-test.
        runs: Option<usize>,
    },
}

impl Configuration {
    /// Its features, as cargo wants them.
    pub(super) fn options(&self) -> Vec<String> {
        let mut options = Vec::new();
        if !self.default_features {
            options.push("--no-default-features".to_owned());
        }
        if !self.features.is_empty() {
            options.push(format!("--features={}", self.features.join(",")));
        }
        options
    }
}

/// Reads the file. Unknown keys are errors: a misspelt demand would otherwise be one that is always met.
pub(super) fn parse(text: &str) -> Result<Vec<Configuration>, String> {
    let mut file: Table = text.parse().map_err(|e| format!("{e}"))?;
    let Some(Value::Array(list)) = file.remove("configuration") else {
        return Err("no [[configuration]]".to_owned());
    };
    if let Some(unknown) = file.keys().next() {
        return Err(format!("nothing is called `{unknown}` here"));
    }
    list.into_iter().map(one).collect()
}

fn one(value: Value) -> Result<Configuration, String> {
    let Value::Table(mut table) = value else { return Err("[[configuration]] is a table".to_owned()) };
    let name = string(&mut table, "name")?.ok_or("a configuration without a name")?;
    let within = |e: String| format!("{name}: {e}");
    let example = string(&mut table, "example").map_err(within)?;
    let mut paths = strings(&mut table, "examples").map_err(within)?;
    paths.extend(example);
    let packages = strings(&mut table, "packages").map_err(within)?;
    let args = strings(&mut table, "args").map_err(within)?;
    let build = flag(&mut table, "build", false).map_err(within)?;
    let runs = number(&mut table, "runs").map_err(within)?;
    let what = match (paths.is_empty(), packages.is_empty()) {
        (false, true) => What::Examples { paths, args, runs },
        (true, false) => What::Packages { names: packages, build },
        _ => return Err(within("either packages or examples".to_owned())),
    };
    let configuration = Configuration {
        about: string(&mut table, "about").map_err(within)?.unwrap_or_default(),
        what,
        features: strings(&mut table, "features").map_err(within)?,
        default_features: flag(&mut table, "default_features", true).map_err(within)?,
        absent: strings(&mut table, "absent").map_err(within)?,
        present: strings(&mut table, "present").map_err(within)?,
        needs: strings(&mut table, "needs").map_err(within)?,
        quick: flag(&mut table, "quick", false).map_err(within)?,
        name: name.clone(),
    };
    match table.keys().next() {
        None => Ok(configuration),
        Some(unknown) => Err(within(format!("nothing is called `{unknown}` here"))),
    }
}

fn string(table: &mut Table, key: &str) -> Result<Option<String>, String> {
    match table.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("{key}: a string is wanted, not {}", other.type_str())),
    }
}

fn strings(table: &mut Table, key: &str) -> Result<Vec<String>, String> {
    match table.remove(key) {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) if list.iter().all(Value::is_str) => {
            Ok(list.into_iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
        }
        Some(other) => Err(format!("{key}: strings are wanted, not {}", other.type_str())),
    }
}

fn flag(table: &mut Table, key: &str, default: bool) -> Result<bool, String> {
    match table.remove(key) {
        None => Ok(default),
        Some(Value::Boolean(flag)) => Ok(flag),
        Some(other) => Err(format!("{key}: true or false is wanted, not {}", other.type_str())),
    }
}

fn number(table: &mut Table, key: &str) -> Result<Option<usize>, String> {
    match table.remove(key) {
        None => Ok(None),
        Some(Value::Integer(n)) => usize::try_from(n).map(Some).map_err(|_| format!("{key}: not below 0")),
        Some(other) => Err(format!("{key}: a number is wanted, not {}", other.type_str())),
    }
}

/// What is wrong with these dependencies.
pub(super) fn judge(configuration: &Configuration, dependencies: &[&str]) -> Result<(), String> {
    let find = |pattern: &str| dependencies.iter().find(|name| matches(pattern, name));
    if let Some((pattern, found)) = configuration.absent.iter().find_map(|p| Some((p, find(p)?))) {
        return Err(format!("{found} is among its dependencies, though {pattern} must not be"));
    }
    match configuration.present.iter().find(|p| find(p).is_none()) {
        Some(missing) => Err(format!("{missing} is not among its dependencies")),
        None => Ok(()),
    }
}

/// `*` in a pattern matches any characters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[configuration]]\nname = \"a\"\npackages = [\"x\"]\ndefault_features = false\n\
        features = [\"f\", \"g\"]\nabsent = [\"lws-role*\"]\npresent = [\"mio\"]\n";

    #[test]
    fn a_configuration_is_read_and_judged() {
        let all = parse(GOOD).unwrap();
        assert_eq!(all[0].options(), ["--no-default-features", "--features=f,g"]);
        assert_eq!(judge(&all[0], &["x", "mio"]), Ok(()));
        assert!(judge(&all[0], &["x"]).unwrap_err().contains("mio is not"));
        assert!(judge(&all[0], &["mio", "lws-role-h1"]).unwrap_err().contains("lws-role-h1 is among"));
        assert_eq!(judge(&all[0], &["mio", "lws-rolf"]), Ok(()));
    }

    #[test]
    fn an_example_and_examples_are_one_list() {
        let text = GOOD.replace("packages = [\"x\"]", "example = \"g/c\"\nexamples = [\"g/a\", \"g/b\"]");
        match &parse(&text).unwrap()[0].what {
            What::Examples { paths, .. } => assert_eq!(paths, &["g/a", "g/b", "g/c"]),
            What::Packages { names, .. } => panic!("{names:?} are packages"),
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for (from, to) in
            [("absent", "abesnt"), ("packages = [\"x\"]\n", ""), ("false", "\"no\""), ("name = \"a\"", "")]
        {
            assert!(parse(&GOOD.replace(from, to)).is_err(), "{from} as {to}");
        }
    }

    #[test]
    fn stars_match_anything() {
        for (pattern, name, is) in [
            ("a*", "a", true),
            ("a*", "ba", false),
            ("*-b", "a-b", true),
            ("a*c", "abbc", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, name), is, "{pattern} {name}");
        }
    }
}
