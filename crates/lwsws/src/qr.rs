//! A URL as a QR code in a terminal.

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code (ISO 18004 §6.3.8 wants four).
const QUIET: i32 = 4;

/// `text` as a QR code of half blocks, two modules to a character, with an empty line behind it; `None` if it is too
/// long for one.
///
/// Light modules are drawn, as most terminals are dark; with `colour` it is white on black whatever the terminal is.
pub(crate) fn render(text: &str, colour: bool) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = -QUIET..code.size() + QUIET;
    let mut picture = String::new();
    for y in side.clone().step_by(2) {
        picture.push_str(if colour { "\x1b[97;40m" } else { "" });
        for x in side.clone() {
            // What is outside of the code counts as light; below an odd last row there is nothing to draw.
            let (upper, lower) = (!code.get_module(x, y), y + 1 < side.end && !code.get_module(x, y + 1));
            picture.push(match (upper, lower) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        picture.push_str(if colour { "\x1b[0m\n" } else { "\n" });
    }
    Some(picture + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_shows_every_module() {
        let url = "https://192.168.100.100:65535/";
        let code = QrCode::encode_text(url, QrCodeEcc::Medium).unwrap();
        let picture = render(url, false).unwrap();
        let rows: Vec<Vec<char>> = picture.lines().map(|l| l.chars().collect()).collect();
        for y in 0..code.size() {
            for x in 0..code.size() {
                let at = |n: i32| usize::try_from(n + QUIET).unwrap();
                let drawn = rows[at(y) / 2][at(x)];
                let light = drawn == '█' || drawn == if at(y) % 2 == 0 { '▀' } else { '▄' };
                assert_eq!(light, !code.get_module(x, y), "{x} {y}");
            }
        }
        let coloured = render(url, true).unwrap();
        assert_eq!(coloured.replace("\x1b[97;40m", "").replace("\x1b[0m", ""), picture);
    }

    #[test]
    fn too_long_is_no_code() {
        assert_eq!(render(&"x".repeat(3000), false), None);
    }
}
