//! What holds for every input.

use lws_tokenize::{Element, Error, Grammar, Kind, Progress};
use proptest::prelude::*;

fn grammar() -> impl Strategy<Value = Grammar> {
    let inside = prop::sample::subsequence(b"-.*+/:=#\\".to_vec(), 0..5);
    (any::<[bool; 7]>(), inside, 1..40_u32).prop_map(|(flags, inside, max)| {
        let [rfc, colons, list, comments, floats, integers, escapes] = flags;
        let grammar = if rfc { Grammar::rfc7230() } else { Grammar::new() };
        let on = |yes: bool, grammar: Grammar, set: fn(Grammar) -> Grammar| {
            if yes { set(grammar) } else { grammar }
        };
        let grammar = on(colons, grammar, Grammar::colon_names);
        let grammar = on(list, grammar, Grammar::comma_list);
        let grammar = on(comments, grammar, Grammar::hash_comments);
        let grammar = on(floats, grammar, Grammar::no_floats);
        let grammar = on(integers, grammar, Grammar::no_integers);
        on(escapes, grammar, Grammar::escapes).inside(&inside).max_token(max)
    })
}

/// Bytes that mean something come often.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(&b" \t\n\"=:,;.#-\\0159abz_"[..]).prop_map(|b| vec![b]),
        1 => any::<char>().prop_map(|c| c.to_string().into_bytes()),
        1 => any::<u8>().prop_map(|b| vec![b]),
    ];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

type Owned = (Kind, String, u64);

fn owned(element: Element<'_>) -> Owned {
    (element.kind, element.text.to_owned(), element.offset)
}

fn whole(grammar: &Grammar, input: &[u8]) -> (Vec<Owned>, Option<Error>) {
    let mut error = None;
    let all = grammar.tokens(input).map_while(|e| e.map_err(|e| error = Some(e)).ok()).map(owned).collect();
    (all, error)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn elements_and_gaps_are_the_input(grammar in grammar(), input in input()) {
        let (all, error) = whole(&grammar, &input);
        let mut at = 0;
        for (kind, text, offset) in &all {
            let start = *offset as usize;
            check_gap(&input[at..start], *kind == Kind::QuotedString)?;
            prop_assert_eq!(&input[start..start + text.len()], text.as_bytes());
            at = start + text.len();
        }
        match error {
            None => check_gap(&input[at..], false)?,
            Some(error) => {
                let place = error.position().expect("an input is at fault");
                prop_assert!(place.offset as usize <= input.len() && place.offset as usize + 1 >= at);
                let before = &input[..place.offset as usize];
                let line = before.iter().filter(|b| **b == b'\n').count() + 1;
                let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
                prop_assert_eq!((place.line as usize, place.column as usize), (line, column));
            }
        }
    }

    #[test]
    fn cuts_make_no_difference(grammar in grammar(), input in input(), mut cuts in prop::collection::vec(0..100_usize, 0..20)) {
        cuts.sort_unstable();
        let (mut all, mut error, mut from, mut start) = (Vec::new(), None, Progress::default(), 0);
        for end in cuts.into_iter().map(|cut| cut.min(input.len())).chain([input.len()]).map(Some).chain([None]) {
            let (end, last) = end.map_or((input.len(), true), |end| (end.max(start), false));
            let mut tokens = grammar.part(from, &input[start..end], last);
            all.extend(tokens.by_ref().map_while(|e| e.map_err(|e| error = Some(e)).ok()).map(owned));
            if error.is_some() {
                break;
            }
            from = tokens.progress();
            start += tokens.consumed();
        }
        prop_assert_eq!((all, error), whole(&grammar, &input));
    }

    /// The bytes may even change between two parts: nonsense comes out, but no panic.
    #[test]
    fn liars_get_answers_too(grammar in grammar(), parts in prop::collection::vec(input(), 1..6)) {
        let mut from = Progress::default();
        for part in &parts {
            let mut tokens = grammar.part(from, part, false);
            let count = tokens.by_ref().count();
            prop_assert!(count <= part.len() + 1);
            from = tokens.progress();
        }
    }
}

/// Between elements there are blanks, comments, quotes, and the sign of a name.
fn check_gap(gap: &[u8], before_string: bool) -> Result<(), TestCaseError> {
    let mut in_comment = false;
    for (i, &b) in gap.iter().enumerate() {
        in_comment = (in_comment || b == b'#') && b != b'\n';
        let opening = before_string && i + 1 == gap.len() && b == b'"';
        let after_element = i == 0 && b == b'"'; // closes a string
        let fine = in_comment || opening || after_element || b" \t\r\n\x0c=:".contains(&b);
        prop_assert!(fine, "{:?} in {}", char::from(b), gap.escape_ascii());
    }
    Ok(())
}
