//! Plain tables: columns apart by two blanks, no lines, readable by people and by `awk`.

use comfy_table::ContentArrangement;
use comfy_table::Table;
use comfy_table::presets::NOTHING;

/// A header and rows, with a line end after each.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table.add_rows(rows);
    let mut text = String::new();
    for line in table.lines() {
        // Cells are padded by one blank on each side.
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
    }
    text
}
