//! What the keys of a register are called for a Dutch reader.

/// A key of a column.
pub(super) fn of_column(key: &str) -> String {
    match key {
        "class" => "klasse".to_owned(),
        "treatment" => "behandeling".to_owned(),
        other => other.to_owned(),
    }
}

/// A key of a source.
pub(super) fn of_source(key: &str) -> String {
    let known = match key {
        "purpose" => "doel",
        "legal_basis" => "rechtsgrond",
        "bsn" => "BSN mag geleverd worden",
        "subject" => "gaat over",
        "raw_retention_days" => "dagen dat een ruwe levering blijft staan",
        other => other,
    };
    known.to_owned()
}

/// A key of the rules of publication.
pub(super) fn of_publication(key: &str) -> String {
    let known = match key {
        "smallest_cell" => "kleinste groep die wordt getoond",
        "dominance_percent" => "grootste aandeel van één bijdrage (procent)",
        "rounding" => "afronden op veelvouden van",
        "reason" => "reden",
        other => other,
    };
    known.to_owned()
}

/// A key of anything else.
pub(super) fn common(key: &str) -> String {
    let known = match key {
        "description" => "omschrijving",
        "treatments" => "toegestane behandelingen",
        "version" => "versie",
        "adopted" => "vastgesteld op",
        "controller" => "verwerkingsverantwoordelijke",
        "name" => "naam",
        "role" => "rol",
        "partners" => "levert als",
        "likelihood" => "kans",
        "impact" => "gevolg",
        "remaining" => "wat overblijft",
        "measures" => "maatregelen",
        "retention_years" => "bewaartermijn in jaren",
        "person" => "wie de persoon is",
        "from" => "termijn telt vanaf kolom",
        "unlimited" => "reden om onbeperkt te bewaren",
        "quasi_identifiers" => "wat anderen van iemand kunnen weten",
        "sensitive" => "wat niemand mag leren",
        "events" => "datums in het verloop",
        "proposal" => "voorstel",
        "interests" => "belangen",
        "locations" => "locaties",
        "framework" => "kader",
        "special_data" => "bijzondere gegevens",
        "purpose_limitation" => "doelbinding",
        "necessity" => "noodzaak",
        "rights" => "rechten",
        other => other,
    };
    known.to_owned()
}
