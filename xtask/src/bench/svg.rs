//! Ratios as a picture: one line per pair, a mark at the median, a bar over the middle half, a tick at the goal.
//!
//! The axis is logarithmic: twice as good is as far from 1 as half as good. What matters differs in form, not only in
//! colour: a met goal is a filled circle, a missed one a hollow diamond, no goal a small square; the colours (blue, vermilion,
//! grey) are those that people with any kind of colour blindness can tell apart.

use super::results::Row;
use super::stats::Verdict;
use super::table::number;

const LABELS: f64 = 430.0;
const PLOT: f64 = 460.0;
const RIGHT: f64 = 125.0;
const LINE: f64 = 20.0;
const TOP: f64 = 34.0;

const BLUE: &str = "#0072b2";
const VERMILION: &str = "#d55e00";
const GREY: &str = "#767676";

/// The picture of all rows that have a ratio above zero; empty where there is none.
pub(crate) fn ratios(rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.pair.is_some() && row.judged().low > 0.0).collect();
    let Some(axis) = Axis::over(&rows) else { return String::new() };
    let (width, height) = (LABELS + PLOT + RIGHT, TOP + LINE * rows.len() as f64 + 30.0);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"ratios-title\" font-size=\"12\">\n\
         <title id=\"ratios-title\">Our cost divided by theirs, on a logarithmic axis; left of 1 is better</title>\n"
    );
    svg += &axis.draw(height);
    let mut before = "";
    for (at, row) in rows.iter().enumerate() {
        let y = TOP + LINE * (at as f64 + 0.5);
        if row.scenario != before && at > 0 {
            svg += &line((0.0, y - LINE / 2.0), (width, y - LINE / 2.0), "stroke=\"#ddd\"");
        }
        svg += &draw(row, &axis, y, row.scenario != before);
        before = &row.scenario;
    }
    svg + "</svg>\n"
}

/// From ratios to places.
struct Axis {
    /// Logarithms to base 10; `low < high`.
    low: f64,
    high: f64,
}

impl Axis {
    /// Holds everything that is drawn, and 1. `None` without rows.
    fn over(rows: &[&Row]) -> Option<Axis> {
        let goal = |row: &Row| row.goal.as_ref().map(|(goal, _)| goal.at_most).filter(|bound| *bound > 0.0);
        let all = rows.iter().flat_map(|row| {
            let judged = row.judged();
            [Some(judged.low), Some(judged.high), goal(row)]
        });
        let logs: Vec<f64> = all.flatten().map(f64::log10).collect();
        (!logs.is_empty()).then(|| Axis {
            low: logs.iter().copied().fold(0.0, f64::min) - 0.05,
            high: logs.iter().copied().fold(0.0, f64::max) + 0.05,
        })
    }

    fn x(&self, ratio: f64) -> f64 {
        LABELS + PLOT * (ratio.log10() - self.low) / (self.high - self.low)
    }

    /// The lines for 1, 2, 5, 10 … as far as they are on the axis; the one for 1 is stronger.
    fn draw(&self, height: f64) -> String {
        let decades = self.low.floor() as i32..=self.high.ceil() as i32;
        // Over many decades there is no room for the numbers between.
        let steps: &[f64] = if self.high - self.low > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let mut svg = String::new();
        for ratio in decades.flat_map(|d| steps.iter().map(move |s| s * 10_f64.powi(d))) {
            if !(self.low..=self.high).contains(&ratio.log10()) {
                continue;
            }
            let x = self.x(ratio);
            let style = if ratio == 1.0 { "stroke=\"#333\"" } else { "stroke=\"#ddd\"" };
            svg += &line((x, TOP - 6.0), (x, height - 24.0), style);
            svg += &text((x, TOP - 12.0), "text-anchor=\"middle\" fill=\"#333\"", &number(ratio));
        }
        let (left, right) = (self.x(1.0) - 8.0, self.x(1.0) + 8.0);
        svg += &text((left, height - 8.0), "text-anchor=\"end\" fill=\"#333\"", "\u{2190} ours costs less");
        svg + &text((right, height - 8.0), "fill=\"#333\"", "theirs costs less \u{2192}")
    }
}

/// One pair. `named` tells whether its scenario is to be named.
fn draw(row: &Row, axis: &Axis, y: f64, named: bool) -> String {
    let (judged, cells) = (row.judged(), super::table::cells(row));
    let against = row.pair.as_ref().map_or("", |pair| pair.against.as_str());
    let (goal, verdict) =
        row.goal.as_ref().map_or((None, None), |(goal, verdict)| (Some(goal.at_most), Some(*verdict)));
    let colour = match verdict {
        Some(Verdict::Met | Verdict::MetWider) => BLUE,
        Some(Verdict::Missed) => VERMILION,
        None => GREY,
    };
    let mut svg = String::from("<g>");
    let told = format!(
        "{}. {}: {} {}, {against} {}: {} {}",
        row.title, row.measure.title, row.contender, cells[2], cells[4], cells[5], cells[8]
    );
    svg += &format!("<title>{}</title>", escape(told.trim_end()));
    if named {
        svg += &text((0.0, y + 4.0), "fill=\"#111\"", &row.scenario);
    }
    let label = format!("{} / {against}", row.measure.title);
    svg += &text((LABELS - 10.0, y + 4.0), "text-anchor=\"end\" fill=\"#333\"", &label);
    svg += &line(
        (axis.x(judged.low), y),
        (axis.x(judged.high), y),
        &format!("stroke=\"{colour}\" stroke-width=\"4\" stroke-opacity=\"0.45\""),
    );
    if let Some(goal) = goal.filter(|goal| *goal > 0.0) {
        let x = axis.x(goal);
        svg += &line((x, y - 8.0), (x, y + 8.0), "stroke=\"#111\" stroke-width=\"2\"");
    }
    svg += &mark(verdict, axis.x(judged.median), y, colour);
    let note = format!("{} {}", cells[5], cells[8]);
    svg += &text((LABELS + PLOT + 8.0, y + 4.0), &format!("fill=\"{colour}\""), note.trim_end());
    svg + "</g>\n"
}

fn mark(verdict: Option<Verdict>, x: f64, y: f64, colour: &str) -> String {
    match verdict {
        Some(Verdict::Met | Verdict::MetWider) => {
            format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\"/>")
        }
        Some(Verdict::Missed) => format!(
            "<path d=\"M{x:.1} {:.1}l6.5 6.5l-6.5 6.5l-6.5 -6.5z\" fill=\"#fff\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            y - 6.5
        ),
        None => format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"7\" height=\"7\" fill=\"{colour}\"/>",
            x - 3.5,
            y - 3.5
        ),
    }
}

fn line(from: (f64, f64), to: (f64, f64), style: &str) -> String {
    format!(
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" {style}/>\n",
        from.0, from.1, to.0, to.1
    )
}

fn text(at: (f64, f64), style: &str, text: &str) -> String {
    format!("<text x=\"{:.1}\" y=\"{:.1}\" {style}>{}</text>\n", at.0, at.1, escape(text))
}

/// `text` inside HTML or SVG, also in attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::example;
    use super::*;

    /// Fails unless every element is closed in its order, and no bare `&` or `<` is left.
    fn check_well_formed(xml: &str) {
        let mut open = Vec::new();
        for part in xml.split('<').skip(1) {
            let (tag, content) = part.split_once('>').expect("a tag ends");
            assert!(content.split('&').skip(1).all(|e| e.find(';').is_some_and(|at| at < 6)), "{content}");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap_or_default();
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "{tag}");
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn a_picture_is_well_formed_and_alone() {
        let svg = ratios(&example().rows());
        check_well_formed(&svg);
        for outside in ["http", "href", "<script", "@import", "url("] {
            assert!(!svg.contains(outside), "{outside}");
        }
    }

    #[test]
    fn met_and_missed_differ_in_form_and_colour() {
        let svg = ratios(&example().rows());
        // One row has no ratio above zero and is left out.
        assert_eq!(
            (svg.matches("<g>").count(), svg.matches("<circle").count(), svg.matches("<path").count()),
            (2, 1, 1)
        );
        assert!(svg.contains(BLUE) && svg.contains(VERMILION));
        assert_eq!(svg.matches("arena/new</text>").count(), 1, "a scenario is named once");
    }

    #[test]
    fn the_axis_holds_all_and_is_logarithmic() {
        let rows = example().rows();
        let axis = Axis::over(&rows[..2].iter().collect::<Vec<_>>()).unwrap();
        for ratio in [0.2, 0.25, 1.0, 1.1] {
            assert!((LABELS..=LABELS + PLOT).contains(&axis.x(ratio)), "{ratio}");
        }
        let (half, one, two) = (axis.x(0.5), axis.x(1.0), axis.x(2.0));
        assert!((one - half - (two - one)).abs() < 1e-9);
        assert_eq!(ratios(&[]), "");
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escape("a<b & \"c\">"), "a&lt;b &amp; &quot;c&quot;&gt;");
    }
}
