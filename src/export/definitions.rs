//! The sheet 'Definities': where the figures come from, what every view and column means, and what an
//! empty cell says. In Dutch, for whoever gets the workbook by mail.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet};

use super::{About, ExportError, xlsx};
use crate::monitor::Relation;

/// What an empty cell means.
const EMPTY: [(&str, &str); 4] = [
    (
        "Lege cel",
        "Er is geen waarde, of zij is niet bekend. Leeg is nooit nul.",
    ),
    (
        "kleine aantallen",
        "Staat dit in de kolom onderdrukt, dan is het getal van die rij verborgen: er staan te weinig cliënten \
         achter, of een ander klein getal zou eruit te berekenen zijn.",
    ),
    (
        "dominantie",
        "Staat dit in de kolom onderdrukt, dan is het bedrag van die rij verborgen: één bijdrage is zo groot \
         dat zij eraan af te lezen is.",
    ),
    (
        "Procenten",
        "Een procent is een gewoon getal: 71 betekent 71 %.",
    ),
];

pub(super) fn write(sheet: &mut Worksheet, about: &About) -> Result<(), ExportError> {
    sheet.set_column_width(0, 28)?;
    sheet.set_column_width(1, 14)?;
    sheet.set_column_width(2, 96)?;
    sheet.set_paper_size(9).set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    let mut page = Page {
        sheet,
        row: 0,
        title: Format::new().set_bold().set_font_size(14),
        bold: Format::new().set_bold().set_align(FormatAlign::Top),
        text: Format::new().set_text_wrap().set_align(FormatAlign::Top),
    };
    page.origin(about)?;
    for view in &about.views {
        page.view(view)?;
    }
    page.heading("Lege cellen en procenten")?;
    for (what, meaning) in EMPTY {
        page.line(what, "", meaning)?;
    }
    Ok(())
}

struct Page<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
    title: Format,
    bold: Format,
    text: Format,
}

impl Page<'_> {
    fn origin(&mut self, about: &About) -> Result<(), ExportError> {
        self.heading("Herkomst")?;
        match &about.release {
            None => self.line("Release", "", "Er is nog niets gepubliceerd.")?,
            Some(release) => {
                let adopted = match &release.register_adopted {
                    Some(day) => format!("vastgesteld op {day}"),
                    None => "nog een concept".to_owned(),
                };
                let register = format!("versie {}, {adopted}", release.register_version);
                self.line("Release", "", &release.id)?;
                self.line("Gepubliceerd", "", &release.published_at)?;
                self.line("DPIA-register", "", &register)?;
            }
        }
        if let Some(question) = &about.question {
            self.line("Vraag (SQL)", "", question)?;
        }
        Ok(())
    }

    fn view(&mut self, view: &Relation) -> Result<(), ExportError> {
        self.heading(&format!("{} ({}.{})", view.title, view.schema, view.name))?;
        for paragraph in view.documentation.split("\n\n") {
            let text = paragraph.replace('\n', " ");
            self.sheet
                .merge_range(self.row, 0, self.row, 2, &text, &self.text)?;
            // A merged cell does not grow with its text.
            let lines = u16::try_from(text.chars().count() / 135).unwrap_or(20) + 1;
            self.sheet
                .set_row_height(self.row, f64::from(lines) * 15.0)?;
            self.row += 1;
        }
        let header = xlsx::header();
        for (at, text) in (0..).zip(["Kolom", "Type", "Betekenis"]) {
            self.sheet
                .write_string_with_format(self.row, at, text, &header)?;
        }
        self.row += 1;
        for column in &view.columns {
            self.line(&column.name, &column.kind, &column.documentation)?;
        }
        Ok(())
    }

    fn heading(&mut self, text: &str) -> Result<(), ExportError> {
        if self.row > 0 {
            self.row += 1;
        }
        self.sheet
            .write_string_with_format(self.row, 0, text, &self.title)?;
        self.row += 1;
        Ok(())
    }

    fn line(&mut self, what: &str, kind: &str, meaning: &str) -> Result<(), ExportError> {
        let row = self.row;
        self.sheet
            .write_string_with_format(row, 0, what, &self.bold)?;
        self.sheet
            .write_string_with_format(row, 1, kind, &self.text)?;
        self.sheet
            .write_string_with_format(row, 2, meaning, &self.text)?;
        self.row += 1;
        Ok(())
    }
}
