//! Document and difference as Markdown, which is plain text too.

use std::fmt::Write;

use super::{Block, Difference, Document, Weight};

impl Document {
    /// The document as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let adopted = self.adopted.as_ref().map_or_else(
            || "CONCEPT: niemand heeft dit register vastgesteld".to_owned(),
            |day| format!("vastgesteld op {day}"),
        );
        let mut text = format!(
            "# Register van de gegevensbescherming\n\n{}; versie {}; {adopted}.\n\nIn de volgorde van het Model DPIA Rijksdienst.\n",
            self.controller, self.version
        );
        let gaps: Vec<String> = self
            .gaps()
            .map(|(section, gap)| format!("{}. {}: {gap}", section.number, section.title))
            .collect();
        text += "\n## Nog in te vullen\n\n";
        if gaps.is_empty() {
            text += "Niets.\n";
        }
        for gap in gaps {
            // A `String` takes whatever is written to it.
            let _ = writeln!(text, "- {gap}");
        }
        for part in &self.parts {
            let _ = write!(text, "\n## {}. {}\n", part.letter, part.title);
            for section in &part.sections {
                let _ = write!(text, "\n### {}. {}\n", section.number, section.title);
                for block in &section.blocks {
                    text.push('\n');
                    text += &written(block);
                }
            }
        }
        text
    }
}

fn written(block: &Block) -> String {
    match block {
        Block::Text(words) => format!("{words}\n"),
        Block::Gap(words) => format!("> **Nog in te vullen.** {words}\n"),
        Block::Heading(words) => format!("#### {words}\n"),
        Block::List(items) => format!("- {}\n", items.join("\n- ")),
        Block::Table {
            caption,
            header,
            rows,
        } => {
            let mut text = format!("**{caption}**\n\n{}", row(header));
            text += &row(&vec!["---".to_owned(); header.len()]);
            text + &rows.iter().map(|cells| row(cells)).collect::<String>()
        }
    }
}

fn row(cells: &[String]) -> String {
    let cell = |cell: &String| cell.replace('|', "\\|").replace('\n', " ");
    let cells: Vec<String> = cells.iter().map(cell).collect();
    format!("| {} |\n", cells.join(" | "))
}

impl Difference {
    /// The difference as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!(
            "# Wat is er veranderd in het register?\n\nVan versie {} naar versie {}. {}\n",
            self.from,
            self.to,
            self.summary()
        );
        for weight in Weight::ALL {
            let changes: Vec<_> = self.changes.iter().filter(|c| c.weight == weight).collect();
            if changes.is_empty() {
                continue;
            }
            let _ = write!(text, "\n## {}\n\n", weight.heading());
            for change in changes {
                let _ = writeln!(
                    text,
                    "- **{}**: {}. {}",
                    change.part, change.what, change.means
                );
            }
        }
        text
    }

    /// How many changes of which weight, in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        if self.changes.is_empty() {
            return "Er is niets veranderd.".to_owned();
        }
        let counts: Vec<String> = Weight::ALL
            .into_iter()
            .filter(|weight| self.count(*weight) > 0)
            .map(|weight| format!("{} {}", self.count(weight), weight.name()))
            .collect();
        format!("Veranderingen voor de betrokkene: {}.", counts.join(", "))
    }
}
