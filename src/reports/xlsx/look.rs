//! How the workbook looks: formats of cells, colours of severities and healths. The words stand in the cells; colour repeats them.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::finding::Severity;
use crate::record::Health;
use crate::reports::row::Kind;
use crate::reports::summary::wrapped;

const DARK: Color = Color::RGB(0x001F_3864);
const LINE: Color = Color::RGB(0x00D0_D7DE);
const GREY: Color = Color::RGB(0x0059_5959);

/// The formats, made once.
pub(super) struct Look {
    /// Text that stays text when somebody edits it.
    pub(super) text: Format,
    /// The names of columns.
    pub(super) header: Format,
    /// The verdict.
    pub(super) title: Format,
    /// What stands below it.
    pub(super) subtitle: Format,
    /// The name of a part of a sheet.
    pub(super) heading: Format,
    /// The name of a figure.
    pub(super) label: Format,
    /// A figure.
    pub(super) figure: Format,
    /// Long text in several lines, with a line below.
    pub(super) wrapped: Format,
    /// The same, that leads to another sheet.
    pub(super) link: Format,
    /// A number beside such text.
    pub(super) count: Format,
    /// Something that is missing.
    pub(super) warning: Format,
    number: Format,
    flag: Format,
    share: Format,
    time: Format,
    day: Format,
}

impl Look {
    pub(super) fn new() -> Self {
        let wrapped = || {
            let line = Format::new().set_border_bottom(FormatBorder::Thin).set_border_bottom_color(LINE);
            line.set_text_wrap().set_align(FormatAlign::Top).set_num_format("@")
        };
        Self {
            text: Format::new().set_num_format("@"),
            header: Format::new()
                .set_bold()
                .set_font_color(Color::White)
                .set_background_color(DARK)
                .set_num_format("@"),
            title: Format::new().set_bold().set_font_size(16).set_font_color(DARK).set_num_format("@"),
            subtitle: Format::new().set_font_color(GREY).set_num_format("@"),
            heading: Format::new().set_bold().set_font_size(12).set_font_color(DARK).set_num_format("@"),
            label: Format::new()
                .set_num_format("@")
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(LINE),
            figure: Format::new()
                .set_bold()
                .set_num_format("#,##0")
                .set_align(FormatAlign::Right)
                .set_indent(1)
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(LINE),
            link: wrapped().set_font_color(Color::RGB(0x0005_63C1)),
            count: wrapped().set_num_format("#,##0").set_align(FormatAlign::Center),
            wrapped: wrapped(),
            warning: Format::new().set_bold().set_font_color(Color::RGB(0x009C_0006)).set_num_format("@"),
            // The indent keeps a number from the text on its right.
            number: Format::new().set_num_format("0").set_align(FormatAlign::Right).set_indent(1),
            // Without a format of numbers: LibreOffice would show 1 and 0.
            flag: Format::new().set_align(FormatAlign::Left),
            share: Format::new().set_num_format("0%").set_align(FormatAlign::Right).set_indent(1),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Left),
            day: Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
        }
    }

    /// The format of a column.
    pub(super) fn of(&self, kind: Kind) -> &Format {
        match kind {
            Kind::Text => &self.text,
            Kind::Number => &self.number,
            Kind::Flag => &self.flag,
            Kind::Share => &self.share,
            Kind::Time => &self.time,
            Kind::Day => &self.day,
        }
    }
}

/// The colours of a severity on top of another format. Dark on light, but for the worst.
pub(super) fn severity(base: &Format, severity: Severity) -> Format {
    match severity {
        Severity::Critical => painted(base, 0x009C_0006, 0x00FF_FFFF).set_bold(),
        Severity::High => painted(base, 0x00FF_C7CE, 0x009C_0006),
        Severity::Medium => painted(base, 0x00FF_EB9C, 0x007F_6000),
        Severity::Low => painted(base, 0x00DD_EBF7, 0x001F_4E78),
        Severity::Info => painted(base, 0x00ED_EDED, 0x0040_4040),
    }
}

/// The colours of a health.
pub(super) fn health(base: &Format, health: Health) -> Format {
    match health {
        Health::Ok => painted(base, 0x00C6_EFCE, 0x0000_6100),
        Health::Problem => painted(base, 0x00FF_C7CE, 0x009C_0006),
        Health::Unknown => painted(base, 0x00ED_EDED, 0x0040_4040),
    }
}

/// Points of a line of text.
const POINTS: u16 = 15;

/// The height in points of a row of wrapped texts, each with the width of its cell: spreadsheets find it themselves only where
/// cells are not joined, and not all of them when they open a file.
pub(super) fn height<'a>(texts: impl IntoIterator<Item = (u16, &'a str)>) -> u16 {
    let lines = |(width, text): (u16, &str)| {
        // Letters are narrower than the digits that widths are counted in.
        wrapped(text, usize::from(width * 6 / 5), usize::MAX).len()
    };
    let most = texts.into_iter().map(lines).max().unwrap_or_default();
    // Excel has rows of 409 points at most.
    u16::try_from(most).unwrap_or(u16::MAX).clamp(1, 27) * POINTS + 2
}

fn painted(base: &Format, ground: u32, ink: u32) -> Format {
    base.clone().set_background_color(Color::RGB(ground)).set_font_color(Color::RGB(ink))
}
